// Renewals from the hot path to the packet cache and back, with a resolver that answers what it is told.
#include "tests/lib/coro/settle.hh"
#include "tests/recursor/query/bench.hh"

using namespace querytest;
using namespace std::chrono_literals;
using rec::Metric;

namespace {

// A record with a TTL of 10 s in a cache behind the packet cache, as the router would have it.
struct World : Bench {
  World() {
    resolver.make = [this](const rec::Request& request) {
      expires = clock.wall() + 10s;
      address = request.renew == 0 ? "192.0.2.1" : "192.0.2.2";
      return failing ? rec::Outcome() : outcome(10);
    };
    resolver.cached = [this](const rec::Request& request) -> std::optional<rec::Outcome> {
      const auto left = expires - clock.wall();
      if (left <= 0s || (request.renew != 0 && left <= 1s)) {
        return std::nullopt;
      }
      auto known = outcome(static_cast<std::uint32_t>(left.count()));
      known.kind = rec::AnswerKind::RecordCache;
      known.security = security;
      return known;
    };
  }
  [[nodiscard]] rec::Outcome outcome(std::uint32_t ttl) const {
    auto made = positive("www.example.com", ttl);
    made.answer = {querytest::address("www.example.com", address, ttl)};
    made.answer.front().originalTtl = 10;
    return made;
  }
  // Asked for three times, the last one in its last second.
  void makeDue() {
    ask({});
    ask({});
    clock.advance(9s);
    ask({});
    REQUIRE(wasHit);
  }
  // Until renewals that are due have begun, and those that can have ended.
  void drive() { corotest::settle(loop, 50ms); }
  std::string hitAddress() {
    const auto answer = ask({});
    CHECK(wasHit);
    const auto rdata = answer.answer.at(0).front();
    return "192.0.2." + std::to_string(std::to_integer<int>(rdata[3]));
  }

  base::WallTime expires{};
  std::string address;
  rec::Security security = rec::Security::Indeterminate;
  bool failing = false;
};

} // namespace

TEST_CASE("a name asked steadily is never cold: its answer is fetched anew before it expires") {
  World world;
  world.makeDue();
  world.drive();
  CHECK(world.resolver.resolutions == 2);
  CHECK(world.resolver.last->renew == 10);
  world.clock.advance(5s); // past the end of the first one
  CHECK(world.hitAddress() == "192.0.2.2");
  CHECK(world.counters.get(Metric::AlmostExpiredRun) == 1);
  CHECK(world.counters.get(Metric::AlmostExpiredExceptions) == 0);
  for (int i = 0; i < 100; ++i) {
    world.clock.advance(1s);
    world.hitAddress();
    world.drive();
  }
}

TEST_CASE("a name asked seldom is left to expire") {
  World world;
  world.ask({});
  world.clock.advance(9s);
  world.ask({});
  world.drive();
  CHECK(world.resolver.resolutions == 1);
}

TEST_CASE("a renewal that fails leaves the answer, is counted, and is not tried again in the same second") {
  World world;
  world.makeDue();
  world.failing = true;
  world.drive();
  CHECK(world.counters.get(Metric::AlmostExpiredExceptions) == 1);
  world.expires = world.clock.wall() + 1s;
  CHECK_FALSE(world.hitAddress().empty());
  world.drive();
  CHECK(world.resolver.resolutions == 2);
}

TEST_CASE("clients who ask while a renewal is under way share it when the old answer is over") {
  World world;
  world.makeDue();
  world.resolver.slow.emplace(world.loop);
  world.drive();
  CHECK(world.resolver.resolutions == 2);
  world.clock.advance(2s);
  world.answers.clear();
  world.pipeline->accept(packet({}), {}, world.clock.mono());
  CHECK(world.answers.empty());
  world.resolver.slow->open();
  world.drive();
  CHECK(world.answers.size() == 1);
  CHECK(world.resolver.resolutions == 2);
}

TEST_CASE("what another worker has renewed is taken over without asking") {
  World world;
  world.makeDue();
  world.expires = world.clock.wall() + 8s;
  world.drive();
  CHECK(world.resolver.resolutions == 1);
  CHECK(world.counters.get(Metric::PrefetchNotNeeded) == 1);
  world.clock.advance(3s);
  CHECK_FALSE(world.hitAddress().empty());
}

TEST_CASE("a renewal goes to the question's home and comes back to who wanted it") {
  World world;
  world.makeDue();
  world.workerCount = 1000;
  world.drive();
  REQUIRE(world.handedOver.size() == 1);
  const auto query = world.handedOver[0];
  CHECK(query->errand == rec::Errand::Renew);
  query->client.worker = 7; // as if this were its home
  world.pipeline->receive(query);
  REQUIRE(world.handedOver.size() == 2);
  CHECK(query->errand == rec::Errand::Renewed);
  CHECK_FALSE(query->failed);
  world.pipeline->receive(query); // as worker 7 does
  world.clock.advance(5s);
  CHECK(world.hitAddress() == "192.0.2.2");
}

TEST_CASE("what was validated is renewed with validation, for a client who does not want it, too") {
  World world;
  world.settings.dnssec = "process";
  world.security = rec::Security::Secure;
  world.makeDue();
  CHECK(world.resolver.last->checking == rec::Checking::None);
  world.drive();
  CHECK(world.resolver.last->checking == rec::Checking::Enforce);
}

TEST_CASE("an answer for everybody that has become one for a network leaves the packet cache when it expires") {
  World world;
  world.makeDue();
  const auto cached = world.resolver.cached;
  world.resolver.cached = [&world, cached](const rec::Request& request) {
    auto known = cached(request);
    if (known && world.address == "192.0.2.2") {
      known->narrow(rec::SubnetScope{*base::Netmask::parse("10.0.0.0/8"), 8, false});
    }
    return known;
  };
  world.drive();
  CHECK(world.resolver.resolutions == 2);
  world.clock.advance(5s);
  world.ask({});
  CHECK_FALSE(world.wasHit);
  world.ask({});
  CHECK_FALSE(world.wasHit);
}
