// What exchanges teach about an upstream.
#include "recursor/upstream/upstreams.hh"

#include <catch2/catch.hpp>

using namespace rec;
using namespace std::chrono_literals;

namespace {

Endpoint endpoint(std::string_view text) { return Endpoint::parse(text).value(); }

struct Bench {
  UpstreamChange end(Ending how, std::chrono::microseconds took = 5ms) {
    upstream.asked();
    return upstream.ended(how, took, 3);
  }
  UpstreamResolver upstream{endpoint("192.0.2.1")};
};

} // namespace

TEST_CASE("the usual time and the time that nineteen of twenty answers keep are learned from answers") {
  Bench bench;
  CHECK_FALSE(bench.upstream.view().known);
  for (int i = 1; i <= 64; ++i) bench.end(Ending::Useful, i % 20 == 0 ? 50ms : 5ms);
  CHECK(bench.upstream.view().usual < 12ms);
  CHECK(bench.upstream.view().p95 == 5ms);
  for (int i = 0; i < 64; ++i) bench.end(Ending::Useful, 80ms);
  CHECK(bench.upstream.view().usual > 70ms);
  CHECK(bench.upstream.view().p95 == 80ms);
}

TEST_CASE("to fail quickly is not to be quick") {
  Bench bench;
  for (int i = 0; i < 32; ++i) bench.end(Ending::Useful, 20ms);
  for (int i = 0; i < 32; ++i) CHECK(bench.end(Ending::Useless, 1ms) == UpstreamChange::None);
  CHECK(bench.upstream.view().usual == 20ms);
  CHECK(bench.upstream.view().lateness > 0.8);
  CHECK_FALSE(bench.upstream.view().down);
}

TEST_CASE("an upstream is down after so many failures in a row, and up with any answer") {
  Bench bench;
  CHECK(bench.end(Ending::Failed) == UpstreamChange::None);
  CHECK(bench.end(Ending::Late) == UpstreamChange::None);
  CHECK(bench.end(Ending::Cancelled) == UpstreamChange::None);
  CHECK(bench.end(Ending::Failed) == UpstreamChange::WentDown);
  CHECK(bench.end(Ending::Failed) == UpstreamChange::None);
  CHECK(bench.upstream.view().down);
  CHECK(bench.end(Ending::Useless) == UpstreamChange::CameUp);
  CHECK(bench.upstream.totals().timesDown == 1);
  CHECK(bench.upstream.totals().asked == 6);
  CHECK(bench.upstream.view().underWay == 0);
}

TEST_CASE("an upstream that always loses is doubted, ever more seldom, until it is heard") {
  Bench bench;
  const auto untilDoubted = [&] {
    for (int i = 1;; ++i) {
      if (bench.end(Ending::Cancelled) == UpstreamChange::Doubtful) return i;
    }
  };
  CHECK(untilDoubted() == 64);
  CHECK(untilDoubted() == 128);
  CHECK(untilDoubted() == 256);
  bench.end(Ending::Useful);
  CHECK(untilDoubted() == 64);
  CHECK(bench.upstream.foundSilent() == UpstreamChange::WentDown);
  CHECK(bench.upstream.foundSilent() == UpstreamChange::None);
  CHECK(bench.upstream.view().down);
  for (int i = 0; i < 1000; ++i) CHECK(bench.end(Ending::Cancelled) == UpstreamChange::None);
  CHECK(bench.upstream.recovered() == UpstreamChange::CameUp);
}

TEST_CASE("a loop is news once, and of one zone only") {
  Bench bench;
  const auto one = dns::Name::parse("example.com").value(), other = dns::Name::parse("example.net").value();
  CHECK_FALSE(bench.upstream.loops(one));
  CHECK(bench.upstream.setLoops(one, true));
  CHECK_FALSE(bench.upstream.setLoops(one, true));
  CHECK(bench.upstream.loops());
  CHECK(bench.upstream.loops(one));
  CHECK_FALSE(bench.upstream.loops(other));
  CHECK_FALSE(bench.upstream.setLoops(other, false));
  CHECK(bench.upstream.setLoops(one, false));
  CHECK_FALSE(bench.upstream.loops());
}

TEST_CASE("what was never sent teaches no time") {
  Bench bench;
  bench.end(Ending::Cancelled, 0us);
  CHECK_FALSE(bench.upstream.view().known);
  bench.end(Ending::Cancelled, 3ms);
  CHECK(bench.upstream.view().known);
}

TEST_CASE("an endpoint has one upstream as long as anybody has it") {
  Upstreams all;
  auto one = all.get(endpoint("tls://192.0.2.1"));
  CHECK(all.get(endpoint("tls://192.0.2.1")) == one);
  CHECK(all.get(endpoint("tls://192.0.2.1#dns.example")) != one);
  CHECK(all.all().size() == 1);
  std::vector<UpstreamPtr> many;
  for (int i = 0; i < 1000; ++i) many.push_back(all.get(endpoint("192.0.2.2:" + std::to_string(1000 + i))));
  CHECK(all.all().size() == 1001);
  CHECK(all.all().front() == one);
  many.clear();
  one.reset();
  CHECK(all.all().empty());
}
