// RecordCache: ranks, lifetimes, replacing, wiping, limits.
#include "recursor/cache/recordcache.hh"

#include <catch2/catch.hpp>

#include "tests/recursor/cache/helpers.hh"

using namespace rec;
using namespace std::chrono_literals;
using dns::RRType;
using test::name;
using test::record;

namespace {

struct Fixture {
  explicit Fixture(const RecordCache::Options& options = {}) : cache(options) {}
  bool store(std::string_view line, Rank rank = Rank::AnswerAuth, Security security = Security::Indeterminate) {
    return cache.store(record(line), rank, security, clock.wall());
  }
  std::optional<CacheHit> find(std::string_view owner, RRType type = RRType::A, Rank minimum = Rank::AuthorityAuth,
                               bool allowStale = false) {
    return cache.find(name(owner), type, clock.wall(), minimum, allowStale);
  }
  std::string firstText(std::string_view owner) {
    const auto hit = find(owner, RRType::A, Rank::Additional);
    return hit ? dns::rdataText(RRType::A, hit->rrset.front()) : "";
  }

  base::ManualClock clock;
  RecordCache cache;
};

} // namespace

TEST_CASE("a set is found until its TTL has run out, whatever the case of the name") {
  Fixture t;
  REQUIRE(t.store("www.Example.com. 300 IN A 192.0.2.1"));
  t.clock.advance(299s);
  REQUIRE(t.find("WWW.example.com."));
  CHECK(t.find("WWW.example.com.")->ttl == 1);
  CHECK(t.find("WWW.example.com.")->originalTtl == 300);
  CHECK_FALSE(t.find("www.example.com.", RRType::AAAA));
  CHECK_FALSE(t.find("example.com."));
  t.clock.advance(1s);
  CHECK_FALSE(t.find("www.example.com."));
}

TEST_CASE("data of a lower rank does not replace what lives, but does replace what has expired") {
  Fixture t;
  t.store("a.test. 60 IN A 192.0.2.1", Rank::AnswerAuth);
  CHECK_FALSE(t.store("a.test. 60 IN A 192.0.2.2", Rank::AuthorityAuth));
  CHECK(t.firstText("a.test.") == "192.0.2.1");
  t.clock.advance(60s);
  CHECK(t.store("a.test. 60 IN A 192.0.2.2", Rank::Additional));
  CHECK(t.firstText("a.test.") == "192.0.2.2");
  CHECK_FALSE(t.find("a.test.")); // not good enough for a client
  CHECK(t.store("a.test. 60 IN A 192.0.2.3", Rank::AnswerNonAuth));
  CHECK(t.find("a.test."));
}

TEST_CASE("data of the same rank replaces what is there and renews its life") {
  Fixture t;
  t.store("a.test. 60 IN A 192.0.2.1");
  t.clock.advance(30s);
  CHECK(t.store("a.test. 60 IN A 192.0.2.2"));
  CHECK(t.firstText("a.test.") == "192.0.2.2");
  CHECK(t.find("a.test.")->ttl == 60);
  CHECK(t.cache.entries() == 1);
}

TEST_CASE("an NS set that comes unasked for does not prolong its own life") {
  Fixture t;
  t.store("zone.test. 100 IN NS ns.zone.test.", Rank::AuthorityAuth);
  t.clock.advance(60s);
  CHECK(t.store("zone.test. 100 IN NS ns.zone.test.", Rank::AuthorityAuth));
  CHECK(t.find("zone.test.", RRType::NS)->ttl == 40);
  CHECK(t.store("zone.test. 100 IN NS other.zone.test.", Rank::AuthorityAuth));
  CHECK(t.find("zone.test.", RRType::NS)->ttl == 100);
}

TEST_CASE("validated data gives way only to validated data while it lives") {
  Fixture t;
  t.store("a.test. 60 IN A 192.0.2.1", Rank::AnswerAuth, Security::Secure);
  CHECK_FALSE(t.store("a.test. 60 IN A 192.0.2.2", Rank::AnswerAuth, Security::Bogus));
  CHECK_FALSE(t.store("a.test. 60 IN A 192.0.2.2", Rank::AnswerAuth, Security::Indeterminate));
  CHECK(t.store("a.test. 60 IN A 192.0.2.3", Rank::AnswerAuth, Security::Secure));
  CHECK(t.firstText("a.test.") == "192.0.2.3");
  t.clock.advance(60s);
  CHECK(t.store("a.test. 60 IN A 192.0.2.2", Rank::AnswerAuth, Security::Indeterminate));
}

TEST_CASE("a verdict on cached data is noted without prolonging it") {
  Fixture t;
  t.store("a.test. 60 IN A 192.0.2.1");
  t.clock.advance(20s);
  CHECK(t.cache.judge(record("a.test. 60 IN A 192.0.2.1"), Security::Secure, t.clock.wall()));
  CHECK(t.find("a.test.")->security == Security::Secure);
  CHECK(t.find("a.test.")->ttl == 40);
  CHECK_FALSE(t.cache.judge(record("a.test. 60 IN A 192.0.2.9"), Security::Bogus, t.clock.wall()));
}

TEST_CASE("lifetimes keep within the limits") {
  Fixture t({.maxTtl = 1000, .minTtl = 5, .maxBogusTtl = 100});
  t.store("long.test. 5000 IN A 192.0.2.1");
  t.store("short.test. 0 IN A 192.0.2.1");
  t.store("bogus.test. 5000 IN A 192.0.2.1", Rank::AnswerAuth, Security::Bogus);
  CHECK(t.find("long.test.")->ttl == 1000);
  CHECK(t.find("short.test.")->ttl == 5);
  CHECK(t.find("bogus.test.")->ttl == 100);
  t.cache.setMinTtl(0);
  CHECK_FALSE(t.store("zero.test. 0 IN A 192.0.2.1"));
}

TEST_CASE("a locked set is replaced by better data and refreshes only") {
  Fixture t({.lockedTtlPercent = 50});
  t.store("a.test. 100 IN A 192.0.2.1", Rank::AuthorityAuth);
  t.clock.advance(49s);
  CHECK_FALSE(t.store("a.test. 100 IN A 192.0.2.2", Rank::AuthorityAuth));
  CHECK(t.cache.store(record("a.test. 100 IN A 192.0.2.3"), Rank::AuthorityAuth, Security::Indeterminate,
                      t.clock.wall(), true));
  CHECK(t.store("a.test. 100 IN A 192.0.2.4", Rank::AnswerAuth));
  t.clock.advance(50s);
  CHECK(t.store("a.test. 100 IN A 192.0.2.5", Rank::AnswerAuth));
}

TEST_CASE("stale data is found only when allowed and only for as long as configured") {
  Fixture t({.staleSeconds = 3600});
  t.store("a.test. 60 IN A 192.0.2.1");
  t.clock.advance(3659s);
  CHECK_FALSE(t.find("a.test."));
  const auto hit = t.find("a.test.", RRType::A, Rank::AnswerAuth, true);
  REQUIRE(hit);
  CHECK(hit->stale);
  CHECK(hit->ttl == 0);
  t.clock.advance(1s);
  CHECK_FALSE(t.find("a.test.", RRType::A, Rank::AnswerAuth, true));
}

TEST_CASE("a set larger than the limit and a meta type are not kept") {
  Fixture t({.maxEntrySize = 100});
  CHECK_FALSE(t.store("a.test. 60 IN TXT \"" + std::string(200, 'x') + "\""));
  CHECK(t.cache.oversized() == 1);
  CHECK(t.store("a.test. 60 IN A 192.0.2.1"));
}

TEST_CASE("a name is wiped with all its types, with one, or with all below it") {
  Fixture t;
  const auto fill = [&] {
    t.store("a.test. 60 IN A 192.0.2.1");
    t.store("a.test. 60 IN TXT x");
    t.store("b.a.test. 60 IN A 192.0.2.1");
    t.store("ba.test. 60 IN A 192.0.2.1");
  };
  fill();
  CHECK(t.cache.wipe(name("A.test."), false) == 2);
  fill();
  CHECK(t.cache.wipe(name("a.test."), false, RRType::TXT) == 1);
  fill();
  CHECK(t.cache.wipe(name("a.test."), true) == 3);
  CHECK(t.cache.entries() == 1);
  CHECK(t.cache.wipe(dns::Name(), true) == 1);
  CHECK(t.cache.bytes() == 0);
}

TEST_CASE("counts and bytes return to zero after a hundred thousand entries came and went") {
  Fixture t({.maxEntries = 50'000});
  for (int i = 0; i < 100'000; ++i) {
    const auto owner = name("host" + std::to_string(i) + ".example.");
    t.cache.store(dns::makeTxtRRset(owner, dns::RRClass::IN, 60, std::string(static_cast<std::size_t>(i % 50), 'x')),
                  Rank::AnswerAuth, Security::Insecure, t.clock.wall());
  }
  CHECK(t.cache.entries() > 45'000);
  CHECK(t.cache.entries() <= 51'200); // rounded up in each shard
  CHECK(t.cache.bytes() > 45'000 * 50);
  CHECK(t.cache.wipe(dns::Name(), true) > 45'000);
  CHECK(t.cache.entries() == 0);
  CHECK(t.cache.bytes() == 0);
}

TEST_CASE("the limit on bytes holds") {
  Fixture t({.shards = 1, .maxBytes = 100'000});
  for (int i = 0; i < 1000; ++i) {
    t.store("host" + std::to_string(i) + ".example. 60 IN TXT \"" + std::string(200, 'x') + "\"");
  }
  CHECK(t.cache.bytes() <= 100'000);
  CHECK(t.cache.bytes() > 90'000);
}

TEST_CASE("a dump shows every record with what is left of its TTL") {
  Fixture t;
  t.store("a.test. 60 IN A 192.0.2.1", Rank::AnswerAuth, Security::Insecure);
  t.clock.advance(10s);
  const std::string text = test::written([&](std::FILE* out) { CHECK(t.cache.dump(out, t.clock.wall()) == 1); });
  CHECK(text == "; main record cache dump follows\n;\na.test.\t50\tIN\tA\t192.0.2.1 ; (Insecure) rank=answer "
                "origttl=60\n");
}

TEST_CASE("limits that are adopted hold for what is stored from then on") {
  Fixture t;
  t.store("a.test. 5000 IN A 192.0.2.1");
  RecordCache::Options options;
  options.maxTtl = 100;
  options.minTtl = 50;
  options.maxEntrySize = 300;
  options.staleSeconds = 30;
  t.cache.adopt(options);
  CHECK(t.find("a.test.")->ttl == 5000);
  t.store("b.test. 5000 IN A 192.0.2.1");
  t.store("c.test. 1 IN A 192.0.2.1");
  CHECK(t.find("b.test.")->ttl == 100);
  CHECK(t.find("c.test.")->ttl == 50);
  t.clock.advance(60s);
  CHECK(t.find("c.test.", RRType::A, Rank::AuthorityAuth, true)); // stale
  options.maxEntrySize = 1;
  t.cache.adopt(options);
  CHECK_FALSE(t.store("d.test. 60 IN A 192.0.2.1"));
}
