// Choosing servers by what NsSpeeds knows, and limits of work.
#include "recursor/upstream/selector.hh"

#include <catch2/catch.hpp>
#include <map>

#include "recursor/upstream/work.hh"
#include "tests/recursor/upstream/helpers.hh"

using namespace rec;
using namespace std::chrono_literals;

namespace {

struct Bench {
  Bench() {
    options.explorePermille = 0;
    options.bypassThrottleOneIn = 0;
  }
  std::optional<ServerChoice> choose(std::vector<base::Address> asked = {}) {
    if (!selector) selector.emplace(speeds, options);
    return selector->choose(servers, asked, zone, clock.mono());
  }
  std::map<base::Address, int> chooseOften(int times) {
    std::map<base::Address, int> counts;
    for (int i = 0; i < times; ++i) ++counts[choose()->server];
    return counts;
  }
  void measure(const base::Address& server, std::chrono::microseconds rtt, int times = 20) {
    for (int i = 0; i < times; ++i) speeds.reportRtt(server, rtt, clock.mono());
  }
  void timeOut(const base::Address& server, int times) {
    for (int i = 0; i < times; ++i) speeds.reportTimeout(server, clock.mono());
  }

  base::ManualClock clock;
  NsSpeeds speeds{NsSpeeds::Options{}};
  Selector::Options options;
  std::optional<Selector> selector;
  dns::Name zone = test::name("example.com");
  base::Address a = test::address("192.0.2.1"), b = test::address("192.0.2.2"), c = test::address("2001:db8::3");
  std::vector<base::Address> servers{a, b, c};
};

} // namespace

TEST_CASE("the fastest server is chosen, then the next, until all were asked") {
  Bench bench;
  bench.measure(bench.a, 80ms);
  bench.measure(bench.b, 20ms);
  bench.measure(bench.c, 50ms);
  CHECK(bench.choose()->server == bench.b);
  CHECK(bench.choose({bench.b})->server == bench.c);
  CHECK(bench.choose({bench.b, bench.c})->server == bench.a);
  CHECK_FALSE(bench.choose({bench.a, bench.b, bench.c}).has_value());
}

TEST_CASE("unknown servers are all explored") {
  Bench bench;
  const auto counts = bench.chooseOften(600);
  CHECK(counts.size() == 3);
  for (const auto& [server, count] : counts) CHECK(count > 100);
}

TEST_CASE("an unknown server is tried before a slow one and now and then before a quick one") {
  Bench bench;
  bench.servers = {bench.a, bench.b};
  bench.measure(bench.a, 200ms);
  CHECK(bench.choose()->server == bench.b);
  Bench quick;
  quick.servers = {quick.a, quick.b};
  quick.measure(quick.a, 10ms);
  const auto counts = quick.chooseOften(500);
  CHECK(counts.at(quick.a) > counts.at(quick.b));
  CHECK(counts.at(quick.b) > 50);
}

TEST_CASE("slower servers are explored as often as the option says") {
  Bench bench;
  bench.options.explorePermille = 500;
  bench.servers = {bench.a, bench.b};
  bench.measure(bench.a, 10ms);
  bench.measure(bench.b, 90ms);
  CHECK(bench.chooseOften(1000)[bench.b] > 150); // half of half
}

TEST_CASE("the first wait for an unknown server leaves time for others") {
  Bench bench;
  const auto choice = bench.choose();
  CHECK(choice->timeout <= 800ms);
  CHECK(choice->hedgeAfter < choice->timeout);
}

TEST_CASE("the wait follows the round-trip time within bounds and doubles with silence") {
  Bench bench;
  bench.servers = {bench.a};
  bench.measure(bench.a, 2ms);
  CHECK(bench.choose()->timeout == 300ms);
  CHECK(bench.choose()->hedgeAfter >= 25ms);
  CHECK(bench.choose()->hedgeAfter <= 40ms);
  bench.timeOut(bench.a, 1);
  CHECK(bench.choose()->timeout == 600ms);
  bench.timeOut(bench.a, 10);
  CHECK(bench.choose()->timeout == 1500ms);
  Bench slow;
  slow.servers = {slow.a};
  slow.measure(slow.a, 700ms);
  CHECK(slow.choose()->timeout >= 700ms);
  CHECK(slow.choose()->timeout <= 1500ms);
}

TEST_CASE("throttled and lame servers come last, and two of them at most") {
  Bench bench;
  bench.timeOut(bench.a, 64);
  bench.speeds.reportLame(bench.b, bench.zone, bench.clock.mono());
  bench.measure(bench.c, 900ms);
  CHECK(bench.choose()->server == bench.c);
  CHECK(bench.selector->passedOver() == 1);
  const auto next = bench.choose({bench.c});
  REQUIRE(next.has_value());
  CHECK(next->server != bench.c);
  const base::Address d = test::address("192.0.2.4");
  bench.speeds.reportLame(d, bench.zone, bench.clock.mono());
  bench.servers.push_back(d);
  CHECK_FALSE(bench.choose({bench.c, bench.a, bench.b}).has_value());
}

TEST_CASE("a server is lame for its zone only") {
  Bench bench;
  bench.servers = {bench.a, bench.b};
  bench.measure(bench.a, 10ms);
  bench.measure(bench.b, 90ms);
  bench.speeds.reportLame(bench.a, bench.zone, bench.clock.mono());
  CHECK(bench.choose()->server == bench.b);
  bench.zone = test::name("example.net");
  CHECK(bench.choose()->server == bench.a);
}

TEST_CASE("one in so many times a throttled server is used nevertheless") {
  Bench bench;
  bench.options.bypassThrottleOneIn = 4;
  bench.servers = {bench.a, bench.b};
  bench.timeOut(bench.a, 64);
  bench.measure(bench.b, 100ms);
  bench.clock.advance(59s);
  CHECK(bench.choose().has_value());
  bench.measure(bench.b, 12s);
  const int used = bench.chooseOften(800)[bench.a];
  CHECK(used > 100);
  CHECK(used < 350);
}

TEST_CASE("a family without local address is never asked") {
  Bench bench;
  bench.options.ipv4 = false;
  CHECK(bench.choose()->server == bench.c);
  CHECK_FALSE(bench.choose({bench.c}).has_value());
}

TEST_CASE("a family that reaches nobody is asked last, and tried again later") {
  Bench bench;
  bench.measure(bench.a, 100ms);
  bench.measure(bench.b, 100ms);
  bench.measure(bench.c, 10ms);
  bench.choose();
  for (int i = 1; i <= 5; ++i) {
    bench.selector->reportFamily(test::address("2001:db8::1:" + std::to_string(i)), false, bench.clock.mono());
  }
  CHECK(bench.choose()->server != bench.c);
  CHECK(bench.choose({bench.a, bench.b})->server == bench.c);
  bench.clock.advance(61s);
  CHECK(bench.choose()->server == bench.c);
  bench.selector->reportFamily(test::address("2001:db8::1:9"), false, bench.clock.mono());
  CHECK(bench.choose()->server != bench.c);
  bench.selector->reportFamily(bench.c, true, bench.clock.mono());
  CHECK(bench.choose()->server == bench.c);
}

TEST_CASE("one dead server does not make a family broken") {
  Bench bench;
  bench.measure(bench.c, 10ms);
  bench.measure(bench.a, 100ms);
  bench.measure(bench.b, 100ms);
  bench.choose();
  for (int i = 0; i < 50; ++i) bench.selector->reportFamily(test::address("2001:db8::1"), false, bench.clock.mono());
  CHECK(bench.choose()->server == bench.c);
}

TEST_CASE("hedges are given out in proportion to questions") {
  Bench bench;
  bench.choose();
  int hedges = 0;
  for (int i = 0; i < 1000; ++i) {
    bench.choose();
    hedges += bench.selector->mayHedge() ? 1 : 0;
  }
  CHECK(hedges >= 49);
  CHECK(hedges <= 20 + 52); // a burst for the cold start, then the share
}

TEST_CASE("work is charged until the first limit, which has its name") {
  Work work;
  work.limits.maxQueries = 2;
  CHECK(work.chargeQuery());
  CHECK(work.chargeQuery());
  CHECK_FALSE(work.exhausted());
  CHECK_FALSE(work.chargeQuery());
  CHECK(work.exceeded == "max-qperq");
  CHECK(work.queries == 2);
  Work large;
  large.limits.maxBytes = 1000;
  large.chargeBytes(1000);
  CHECK(large.chargeQuery());
  large.chargeBytes(1);
  CHECK_FALSE(large.chargeQuery());
  CHECK(large.exceeded == "max-bytesperq");
}
