// fetches-per-zone: so many questions to a zone's servers at once, whoever wants to know.
#include "recursor/resolve/zonefetches.hh"

#include "tests/recursor/resolve/smallinternet.hh"

using namespace rec;
using namespace rectest;
using dns::RCode;

namespace {

struct Bench : SmallInternet {
  Bench() {
    options->fetchesPerZone = 2;
    serveNet("www.net. 300 IN A 192.0.2.90\n");
    resolve(question("www.example.com")); // the cuts are known
    for (const char* server : {"192.0.2.11", "192.0.2.12"}) internet.hold(server);
  }
  void release() {
    for (const char* server : {"192.0.2.11", "192.0.2.12"}) internet.release(server);
    drive();
  }
};

} // namespace

TEST_CASE("a zone with as many questions under way as it may have is not asked more, others are") {
  Bench bench;
  const auto first = bench.start(question("a1.example.com")), second = bench.start(question("b1.example.com"));
  const Result third = bench.resolve(question("c1.example.com"));
  CHECK(third.outcome.rcode == RCode::ServFail);
  CHECK(third.has(dns::EdeCode::NotReady));
  CHECK(third.why().find("example.com. are under way (fetches-per-zone)") != std::string::npos);
  CHECK(bench.counters.get(Metric::FetchesPerZoneExceeded) > 0);
  CHECK(bench.limited.count(bench.loop.now()) == 1);
  CHECK(bench.resolve(question("www.net")).outcome.rcode == RCode::NoError);
  CHECK_FALSE(first->done);
  bench.release();
  CHECK(first->outcome.rcode == RCode::NXDomain);
  CHECK(second->outcome.rcode == RCode::NXDomain);
  // It was not remembered as a failure of the name.
  CHECK(bench.resolve(question("c1.example.com")).outcome.rcode == RCode::NXDomain);
}

TEST_CASE("a client that goes away makes room") {
  Bench bench;
  const auto first = bench.start(question("a1.example.com"));
  {
    auto gone = std::make_shared<Result>();
    auto task = bench.client(question("b1.example.com"), gone);
    bench.roots.spawn(std::move(task));
    bench.drive();
    CHECK(bench.resolve(question("c1.example.com")).outcome.rcode == RCode::ServFail);
  }
  bench.release();
  CHECK(first->done);
  CHECK(bench.resolve(question("d1.example.com")).outcome.rcode == RCode::NXDomain);
}

TEST_CASE("without a limit any number is asked, and the root always is") {
  Bench bench;
  bench.options->fetchesPerZone = 0;
  std::vector<ResultPtr> started;
  for (int i = 0; i < 20; ++i) started.push_back(bench.start(question("n" + std::to_string(i) + ".example.com")));
  bench.release();
  for (const auto& result : started) CHECK(result->outcome.rcode == RCode::NXDomain);
  LimitedNow limited;
  ZoneFetches fetches(limited);
  const Delegation root;
  Walk walk;
  const auto one = fetches.enter(root, walk, 1, {}), other = fetches.enter(root, walk, 1, {});
  CHECK(one.allowed);
  CHECK(other.allowed);
  CHECK_FALSE(fetches.isFull(root, 1));
}

TEST_CASE("whether a zone has as many as it may have is known without taking a place") {
  LimitedNow limited;
  ZoneFetches fetches(limited);
  Delegation zone;
  zone.zone = *dns::Name::parse("example.com");
  Walk walk;
  CHECK_FALSE(fetches.isFull(zone, 1));
  {
    const auto one = fetches.enter(zone, walk, 1, {});
    CHECK(one.allowed);
    CHECK(fetches.isFull(zone, 1));
    CHECK_FALSE(fetches.isFull(zone, 2));
    CHECK_FALSE(fetches.isFull(zone, 0));
  }
  CHECK_FALSE(fetches.isFull(zone, 1));
  CHECK(limited.count({}) == 0);
}
