// NegativeCache: denials of names and of types, cuts, lifetimes, wiping.
#include "recursor/cache/negcache.hh"

#include <catch2/catch.hpp>

#include "tests/recursor/cache/helpers.hh"

using namespace rec;
using namespace std::chrono_literals;
using dns::RRType;
using test::name;
using test::record;
using Cut = NegativeCache::Cut;

namespace {

struct Fixture {
  explicit Fixture(const NegativeCache::Options& options = {}) : cache(options) {}
  void deny(std::string_view owner, std::optional<RRType> type = std::nullopt, std::uint32_t ttl = 600,
            Security security = Security::Insecure) {
    const Negative negative{
        .name = name(owner), .nxdomain = !type, .soa = soa, .proofs = {}, .security = security, .ttl = ttl};
    cache.store(negative, type.value_or(RRType::A), clock.wall());
  }
  std::optional<Negative> find(std::string_view owner, RRType type = RRType::A, Cut cut = Cut::Never,
                               bool allowStale = false) {
    return cache.find(name(owner), type, clock.wall(), cut, allowStale);
  }

  dns::RRset soa = record("test. 3600 IN SOA ns.test. host.test. 1 2 3 4 600");
  base::ManualClock clock;
  NegativeCache cache;
};

} // namespace

TEST_CASE("a denied name is denied for all types, a denied type for this type only") {
  Fixture t;
  t.deny("gone.test.");
  t.deny("here.test.", RRType::AAAA);
  CHECK(t.find("GONE.test.", RRType::MX)->nxdomain);
  CHECK(t.find("gone.test.")->soa.owner() == name("test."));
  REQUIRE(t.find("here.test.", RRType::AAAA));
  CHECK_FALSE(t.find("here.test.", RRType::AAAA)->nxdomain);
  CHECK_FALSE(t.find("here.test.", RRType::A));
}

TEST_CASE("a denial lives for its TTL within the limits") {
  Fixture t({.maxTtl = 100, .minTtl = 10});
  t.deny("long.test.", std::nullopt, 5000);
  t.deny("short.test.", std::nullopt, 0);
  CHECK(t.find("long.test.")->ttl == 100);
  t.clock.advance(9s);
  CHECK(t.find("short.test.")->ttl == 1);
  t.clock.advance(1s);
  CHECK_FALSE(t.find("short.test."));
  t.clock.advance(90s);
  CHECK_FALSE(t.find("long.test."));
}

TEST_CASE("a denied ancestor denies what is below it when the cut is wanted") {
  Fixture t;
  t.deny("gone.test.");
  t.deny("signed.test.", std::nullopt, 600, Security::Secure);
  CHECK_FALSE(t.find("a.b.gone.test.", RRType::A, Cut::Never));
  CHECK_FALSE(t.find("a.b.gone.test.", RRType::A, Cut::WhenSecure));
  REQUIRE(t.find("a.b.gone.test.", RRType::A, Cut::Always));
  CHECK(t.find("a.b.gone.test.", RRType::A, Cut::Always)->name == name("gone.test."));
  CHECK(t.find("a.signed.test.", RRType::A, Cut::WhenSecure));
  CHECK_FALSE(t.find("xgone.test.", RRType::A, Cut::Always));
  t.deny("nodata.test.", RRType::A);
  CHECK_FALSE(t.find("a.nodata.test.", RRType::A, Cut::Always));
  t.clock.advance(600s);
  CHECK_FALSE(t.find("a.b.gone.test.", RRType::A, Cut::Always));
}

TEST_CASE("a type denied later shows that the name exists after all") {
  Fixture t;
  t.deny("back.test.");
  t.deny("back.test.", RRType::MX);
  CHECK_FALSE(t.find("back.test.", RRType::A));
  CHECK_FALSE(t.find("back.test.", RRType::MX)->nxdomain);
}

TEST_CASE("a stale denial is found only when allowed") {
  Fixture t({.staleSeconds = 1000});
  t.deny("gone.test.");
  t.clock.advance(1599s);
  CHECK_FALSE(t.find("gone.test."));
  REQUIRE(t.find("gone.test.", RRType::A, Cut::Never, true));
  CHECK(t.find("gone.test.", RRType::A, Cut::Never, true)->stale);
  t.clock.advance(1s);
  CHECK_FALSE(t.find("gone.test.", RRType::A, Cut::Never, true));
}

TEST_CASE("denials are wiped by name, type and subtree, and their bytes with them") {
  Fixture t;
  t.deny("a.test.");
  t.deny("b.a.test.", RRType::A);
  t.deny("b.a.test.", RRType::MX);
  CHECK(t.cache.bytes() > 3 * t.soa.memorySize());
  CHECK(t.cache.wipe(name("b.a.test."), false, RRType::A) == 1);
  CHECK(t.cache.wipe(name("A.test."), true) == 2);
  CHECK(t.cache.entries() == 0);
  CHECK(t.cache.bytes() == 0);
}

TEST_CASE("a dump of denials names the zone that said so") {
  Fixture t;
  t.deny("gone.test.");
  t.deny("here.test.", RRType::AAAA);
  const std::string text = test::written([&](std::FILE* out) { CHECK(t.cache.dump(out, t.clock.wall()) == 2); });
  CHECK(text.find("gone.test. 600 IN NXDOMAIN VIA test. ; (Insecure) origttl=600\n") != std::string::npos);
  CHECK(text.find("here.test. 600 IN AAAA VIA test. ;") != std::string::npos);
}

TEST_CASE("denials take no more memory than they may") {
  constexpr std::size_t kMost = 100'000;
  Fixture t({.shards = 1, .maxBytes = kMost});
  for (int i = 0; i < 2000; ++i) {
    t.deny("n" + std::to_string(i) + ".test.");
  }
  CHECK(t.cache.entries() > 10);
  CHECK(t.cache.bytes() <= kMost);
}

TEST_CASE("the least TTL of denials can be changed") {
  Fixture t;
  t.cache.setMinTtl(1000);
  t.deny("gone.test."); // for 600 s
  t.clock.advance(999s);
  CHECK(t.find("gone.test."));
}
