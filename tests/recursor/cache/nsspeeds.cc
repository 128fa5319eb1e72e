// NsSpeeds: round-trip times, back-off and recovery, throttling, abilities, lame servers.
#include "recursor/cache/nsspeeds.hh"

#include <catch2/catch.hpp>

#include "tests/recursor/cache/helpers.hh"

using namespace rec;
using namespace std::chrono_literals;
using test::address;
using test::name;

namespace {

struct Fixture {
  void answered(std::chrono::microseconds rtt) { speeds.reportRtt(server, rtt, clock.mono()); }
  void timedOut() { speeds.reportTimeout(server, clock.mono()); }
  ServerState get() { return speeds.get(server, clock.mono()); }

  base::Address server = address("192.0.2.1");
  base::ManualClock clock;
  NsSpeeds speeds{{.downAfter = 4}};
};

} // namespace

TEST_CASE("round-trip times are smoothed with the weights of RFC 6298") {
  Fixture t;
  CHECK_FALSE(t.get().known);
  t.answered(80ms);
  CHECK(t.get().known);
  CHECK(t.get().srtt == 80ms);
  CHECK(t.get().rttvar == 40ms);
  t.answered(160ms);
  CHECK(t.get().usual == 90ms);
  CHECK(t.get().rttvar == 50ms);
  CHECK_FALSE(t.speeds.get(address("192.0.2.2"), t.clock.mono()).known);
  CHECK_FALSE(t.speeds.get(t.server.withPort(5353), t.clock.mono()).known);
}

TEST_CASE("a server that is not asked looks faster with time, while its usual time stays") {
  Fixture t;
  t.answered(100ms);
  t.clock.advance(120s);
  CHECK(t.get().srtt == 50ms);
  CHECK(t.get().usual == 100ms);
  t.clock.advance(1h);
  CHECK_FALSE(t.get().known); // forgotten altogether
}

TEST_CASE("each timeout in a row doubles what a server seems to take, an answer ends that") {
  Fixture t;
  t.answered(100ms);
  t.timedOut();
  CHECK(t.get().srtt == 200ms);
  t.timedOut();
  CHECK(t.get().srtt == 400ms);
  CHECK(t.get().timeoutsInARow == 2);
  t.answered(100ms);
  CHECK(t.get().srtt == 100ms);
  CHECK(t.get().timeoutsInARow == 0);
}

TEST_CASE("a server that never answered counts as a slow one") {
  Fixture t;
  t.timedOut();
  CHECK(t.get().known);
  CHECK(t.get().srtt == 800ms);
  CHECK(t.get().usual == 0ms);
  for (int i = 0; i < 20; ++i) {
    t.timedOut();
  }
  CHECK(t.get().srtt == 12s);
}

TEST_CASE("a server that failed too often is down for a while, then tried again") {
  Fixture t;
  for (int i = 0; i < 3; ++i) {
    t.timedOut();
  }
  CHECK_FALSE(t.get().down);
  t.timedOut();
  CHECK(t.get().down);
  CHECK(t.speeds.throttled(t.clock.mono()) == 1);
  t.clock.advance(60s);
  CHECK_FALSE(t.get().down);
  t.timedOut();
  CHECK(t.get().down);
  t.answered(10ms);
  CHECK_FALSE(t.get().down);
  t.timedOut();
  CHECK_FALSE(t.get().down);
}

TEST_CASE("what a server can do is remembered for an hour") {
  Fixture t;
  t.speeds.reportEdns(t.server, EdnsStatus::Broken, t.clock.mono());
  t.speeds.reportCaseLost(t.server, t.clock.mono());
  t.speeds.reportNoCookies(t.server, t.clock.mono());
  CHECK(t.get().edns == EdnsStatus::Broken);
  CHECK_FALSE(t.get().keepsCase);
  CHECK(t.get().cookiesUnsupported);
  CHECK_FALSE(t.get().known); // nothing of its speed
  t.clock.advance(1h);
  CHECK(t.get().edns == EdnsStatus::Unknown);
  CHECK(t.get().keepsCase);
  CHECK_FALSE(t.get().cookiesUnsupported);
}

TEST_CASE("a cookie replaces the belief that there are none, and the other way round") {
  Fixture t;
  dns::Cookie cookie;
  cookie.serverSize = 8;
  t.speeds.reportNoCookies(t.server, t.clock.mono());
  t.speeds.reportCookie(t.server, cookie, t.clock.mono());
  REQUIRE(t.get().cookie);
  CHECK(t.get().cookie->serverSize == 8);
  CHECK_FALSE(t.get().cookiesUnsupported);
  t.speeds.reportNoCookies(t.server, t.clock.mono());
  CHECK_FALSE(t.get().cookie);
}

TEST_CASE("a suspicion of spoofing passes after two minutes") {
  Fixture t;
  t.speeds.reportSpoofing(t.server, t.clock.mono());
  CHECK(t.get().spoofSuspected);
  t.clock.advance(120s);
  CHECK_FALSE(t.get().spoofSuspected);
}

TEST_CASE("a server is lame for one zone and for a quarter of an hour") {
  Fixture t;
  t.speeds.reportLame(t.server, name("Lame.test."), t.clock.mono());
  CHECK(t.speeds.isLame(t.server, name("lame.test."), t.clock.mono()));
  CHECK_FALSE(t.speeds.isLame(t.server, name("test."), t.clock.mono()));
  CHECK_FALSE(t.speeds.isLame(address("192.0.2.9"), name("lame.test."), t.clock.mono()));
  t.clock.advance(900s);
  CHECK_FALSE(t.speeds.isLame(t.server, name("lame.test."), t.clock.mono()));
}

TEST_CASE("servers that fail, that do cookies and that do not are counted until that is forgotten") {
  Fixture t;
  const auto second = *base::Address::parse("192.0.2.2", 53);
  t.timedOut();
  t.speeds.reportCookie(t.server, dns::Cookie{}, t.clock.mono());
  t.speeds.reportNoCookies(second, t.clock.mono());
  CHECK(t.speeds.failing(t.clock.mono()) == 1);
  CHECK(t.speeds.withCookies(t.clock.mono()) == 1);
  CHECK(t.speeds.withoutCookies(t.clock.mono()) == 1);
  t.answered(10ms);
  CHECK(t.speeds.failing(t.clock.mono()) == 0);
  t.clock.advance(3600s);
  CHECK(t.speeds.withCookies(t.clock.mono()) == 0);
  CHECK(t.speeds.withoutCookies(t.clock.mono()) == 0);
}

TEST_CASE("dumps list speeds, abilities and throttled servers") {
  Fixture t;
  t.answered(100ms);
  t.speeds.reportEdns(t.server, EdnsStatus::Good, t.clock.mono());
  t.speeds.reportLame(t.server, name("lame.test."), t.clock.mono());
  for (int i = 0; i < 4; ++i) {
    t.timedOut();
  }
  const auto now = t.clock.mono();
  CHECK(test::written([&](std::FILE* out) { CHECK(t.speeds.dumpSpeeds(out, now) == 1); }) ==
        "; nsspeed dump follows\n; address\tsrtt-ms\tusual-ms\trttvar-ms\ttimeouts\theard-s-ago\n"
        "192.0.2.1:53\t1600.000\t100.000\t50.000\t4\t0\n");
  CHECK(test::written([&](std::FILE* out) { t.speeds.dumpEdns(out, now); }) ==
        "; edns dump follows\n; address\tstatus\tcase\tcookies\n192.0.2.1:53\tEDNSOK\tKept\tUnknown\n");
  CHECK(test::written([&](std::FILE* out) { CHECK(t.speeds.dumpThrottles(out, now) == 2); }) ==
        "; throttle map dump follows\n; address\tzone\tttd-s\treason\n192.0.2.1:53\t*\t60\tServerDown\n"
        "192.0.2.1:53\tlame.test.\t900\tLame\n");
}

TEST_CASE("servers that are exempt are never throttled, by address or by name") {
  NsSpeeds::Options options;
  options.downAfter = 2;
  REQUIRE(options.neverThrottled.add("192.0.2.0/28"));
  NsSpeeds speeds(options);
  const base::ManualClock clock;
  const base::Address exempt = address("192.0.2.1"), named = address("192.0.2.31"), other = address("192.0.2.32");
  for (int i = 0; i < 3; ++i) {
    speeds.reportTimeout(exempt, clock.mono());
    speeds.reportTimeout(named, clock.mono(), false);
    speeds.reportTimeout(other, clock.mono());
  }
  speeds.reportLame(exempt, name("example.com."), clock.mono());
  CHECK_FALSE(speeds.get(exempt, clock.mono()).down);
  CHECK_FALSE(speeds.get(named, clock.mono()).down);
  CHECK(speeds.get(other, clock.mono()).down);
  CHECK_FALSE(speeds.isLame(exempt, name("example.com."), clock.mono()));
  CHECK(speeds.failing(clock.mono()) == 3);
  const auto failing = test::written([&](std::FILE* out) { CHECK(speeds.dumpFailing(out, clock.mono()) == 3); });
  CHECK(failing.find("192.0.2.31:53\t3\t0\n") != std::string::npos);
}

TEST_CASE("when servers are throttled, and which never are, may change while they are known") {
  Fixture t;
  NsSpeeds::Options options;
  options.downAfter = 2;
  options.downFor = 10s;
  t.speeds.adopt(options);
  t.timedOut();
  t.timedOut();
  CHECK(t.get().down);
  t.clock.advance(10s);
  CHECK_FALSE(t.get().down);
  REQUIRE(options.neverThrottled.add("192.0.2.0/24"));
  t.speeds.adopt(options);
  t.timedOut();
  CHECK_FALSE(t.get().down);
  CHECK(t.get().timeoutsInARow == 3);
}
