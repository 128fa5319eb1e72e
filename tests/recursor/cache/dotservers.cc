// DotServers: what probes have found out, for how long it counts, how many are under way at once.
#include "recursor/cache/dotservers.hh"

#include <catch2/catch.hpp>

#include "tests/recursor/cache/helpers.hh"

using namespace rec;
using namespace std::chrono_literals;
using test::address;
using test::name;

namespace {

constexpr std::chrono::hours kDay{24};

struct Fixture {
  explicit Fixture(std::size_t maxBusy = 2, std::size_t maxEntries = 1000)
      : servers({.shards = 1, .maxEntries = maxEntries, .maxBusy = maxBusy}) {}
  bool begin(const base::Address& at) { return servers.beginProbe(at, {zone}, clock.mono()); }
  void end(std::optional<bool> good) { servers.endProbe(server, good, clock.mono()); }
  void probed(bool good) {
    REQUIRE(begin(server));
    end(good);
  }
  DotState get() { return servers.get(server, clock.mono()); }

  base::ManualClock clock;
  base::Address server = address("192.0.2.1");
  dns::Name zone = name("example.com");
  DotServers servers;
};

} // namespace

TEST_CASE("a server is unknown, busy while it is probed, then good or bad (RFC 9539 4.5)") {
  Fixture t;
  CHECK(t.get() == DotState::Unknown);
  REQUIRE(t.begin(t.server));
  CHECK(t.get() == DotState::Busy);
  CHECK(t.servers.busy() == 1);
  CHECK_FALSE(t.begin(t.server));
  t.end(true);
  CHECK(t.get() == DotState::Good);
  CHECK(t.servers.busy() == 0);
  CHECK_FALSE(t.begin(t.server));
  CHECK(t.servers.get(address("192.0.2.2"), t.clock.mono()) == DotState::Unknown);
}

TEST_CASE("a good server is believed in for three days after its last answer over TLS") {
  Fixture t;
  t.probed(true);
  t.clock.advance(2 * kDay);
  t.servers.answered(t.server, t.clock.mono());
  t.clock.advance(2 * kDay);
  CHECK(t.get() == DotState::Good);
  t.clock.advance(kDay);
  CHECK(t.get() == DotState::Unknown);
  CHECK(t.begin(t.server));
}

TEST_CASE("a bad server is left alone for a day") {
  Fixture t;
  t.probed(false);
  CHECK(t.get() == DotState::Bad);
  CHECK_FALSE(t.begin(t.server));
  t.clock.advance(kDay);
  CHECK(t.get() == DotState::Unknown);
  CHECK(t.begin(t.server));
}

TEST_CASE("a good server whose TLS fails is bad, until it answers over TLS after all") {
  Fixture t;
  t.probed(true);
  t.servers.failed(t.server, t.clock.mono());
  CHECK(t.get() == DotState::Bad);
  t.servers.answered(t.server, t.clock.mono());
  CHECK(t.get() == DotState::Good);
}

TEST_CASE("a probe that says nothing leaves the server unknown") {
  Fixture t;
  REQUIRE(t.begin(t.server));
  t.end(std::nullopt);
  CHECK(t.get() == DotState::Unknown);
  CHECK(t.servers.busy() == 0);
}

TEST_CASE("no more probes are under way than allowed, and none when it is off") {
  Fixture t;
  CHECK(t.servers.mayProbe());
  CHECK(t.begin(address("192.0.2.1")));
  CHECK(t.begin(address("192.0.2.2")));
  CHECK_FALSE(t.servers.mayProbe());
  CHECK_FALSE(t.begin(address("192.0.2.3")));
  CHECK(t.servers.get(address("192.0.2.3"), t.clock.mono()) == DotState::Unknown);
  t.end(false);
  CHECK(t.begin(address("192.0.2.3")));
  Fixture off(0);
  CHECK_FALSE(off.servers.probes());
  CHECK_FALSE(off.begin(off.server));
}

TEST_CASE("a good server in doubt is probed again, once a minute at most, and stays good meanwhile") {
  Fixture t;
  CHECK_FALSE(t.servers.beginDoubt(t.server, t.clock.mono()));
  t.probed(true);
  const auto probe = t.servers.beginDoubt(t.server, t.clock.mono());
  REQUIRE(probe);
  CHECK(probe->zone == t.zone);
  CHECK(t.get() == DotState::Good);
  CHECK(t.servers.busy() == 1);
  CHECK_FALSE(t.servers.beginDoubt(t.server, t.clock.mono()));
  t.end(true);
  CHECK_FALSE(t.servers.beginDoubt(t.server, t.clock.mono()));
  CHECK(t.servers.busy() == 0);
  t.clock.advance(DotServers::kDoubtEvery);
  REQUIRE(t.servers.beginDoubt(t.server, t.clock.mono()));
  t.end(false);
  CHECK(t.get() == DotState::Bad);
}

TEST_CASE("the table is bounded, and who answers over TLS without being in it does not enter it") {
  Fixture t(1000, 64);
  for (int i = 0; i < 1000; ++i) {
    const base::Address server = address("192.0.2.1").withPort(static_cast<std::uint16_t>(1000 + i));
    REQUIRE(t.begin(server));
    t.servers.endProbe(server, i % 2 == 0, t.clock.mono());
  }
  CHECK(t.servers.entries() <= 64);
  CHECK(t.servers.busy() == 0);
  Fixture none;
  none.servers.answered(none.server, none.clock.mono());
  CHECK(none.servers.entries() == 0);
}

TEST_CASE("one complaint a server and minute") {
  Fixture t;
  CHECK(t.servers.mayComplain(t.server, t.clock.mono()));
  CHECK_FALSE(t.servers.mayComplain(t.server, t.clock.mono()));
  CHECK(t.servers.mayComplain(address("192.0.2.2"), t.clock.mono()));
  t.clock.advance(DotServers::kComplainEvery);
  CHECK(t.servers.mayComplain(t.server, t.clock.mono()));
}

TEST_CASE("a dump has a line a server: address, zone, answers over TLS, state, seconds that it is believed") {
  Fixture t;
  t.probed(true);
  t.servers.answered(t.server, t.clock.mono());
  REQUIRE(t.begin(address("2001:db8::1")));
  std::size_t lines = 0;
  const std::string text = test::written([&](std::FILE* out) { lines = t.servers.dump(out, t.clock.mono()); });
  CHECK(lines == 2);
  CHECK(text.find("192.0.2.1\texample.com.\t1\tGood\t259200\n") != std::string::npos);
  CHECK(text.find("2001:db8::1\texample.com.\t0\tBusy\t0\n") != std::string::npos);
  CHECK(text.find("; 1 Busy entries\n") != std::string::npos);
}
