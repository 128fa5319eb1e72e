// AggressiveCache: what is made from NSEC and NSEC3 records, what never may be, and how records come and go.
#include "recursor/cache/aggressivecache.hh"

#include <catch2/catch.hpp>

#include "lib/dnssec/denialchain.hh"
#include "tests/lib/dnssec/denialzone.hh"
#include "tests/recursor/cache/helpers.hh"

using namespace rec;
using namespace std::chrono_literals;
using denialtest::ModelZone;
using denialtest::nsec;
using denialtest::Nsec3Parameters;
using denialtest::Types;
using dns::RRType;
using test::name;
using Kind = Synthesized::Kind;

namespace {

const dns::Name kZone = name("example.");
const Types kApex{RRType::SOA, RRType::NS, RRType::RRSIG, RRType::NSEC};
const Types kHost{RRType::A, RRType::RRSIG, RRType::NSEC};
const Types kCut{RRType::NS, RRType::RRSIG, RRType::NSEC};

struct Fixture {
  explicit Fixture(const AggressiveCache::Options& options = {}) : cache(options) {}
  void soa(std::string_view zone, std::uint32_t ttl = 3600, unsigned minimum = 900) {
    const auto set = test::record(std::string(zone) + " 3600 IN SOA ns. host. 1 2 3 4 " + std::to_string(minimum));
    cache.storeSoa(name(zone), set, ttl, clock.wall());
  }
  void add(const dns::RRset& set, std::uint32_t ttl = 600, const dns::Name& zone = kZone) {
    cache.store(zone, set, ttl, clock.wall());
  }
  void add(const std::vector<dns::RRset>& sets, const dns::Name& zone = kZone) {
    for (const dns::RRset& set : sets) add(set, 600, zone);
  }
  std::optional<Synthesized> find(std::string_view of, RRType type = RRType::A) {
    return cache.find(name(of), type, clock.wall());
  }
  bool denies(std::string_view of, Kind kind, RRType type = RRType::A) {
    const auto made = find(of, type);
    return made && made->kind == kind;
  }

  base::ManualClock clock;
  AggressiveCache cache;
};

// The apex, two hosts, a wildcard below w, a delegation and what is below it.
ModelZone smallZone() {
  ModelZone zone(kZone);
  zone.add(name("b.example."), {RRType::A});
  zone.add(name("*.w.example."), {RRType::TXT});
  zone.add(name("cut.example."), {RRType::NS});
  zone.add(name("x.ent.example."), {RRType::A});
  return zone;
}

} // namespace

TEST_CASE("a random name below a zone is denied from the records around it") {
  Fixture t;
  CHECK_FALSE(t.find("c.example."));
  t.soa("example.");
  t.add(nsec("example.", "b.example.", kApex));
  t.add(nsec("b.example.", "f.example.", kHost), 300);
  const auto made = t.find("X.c.Example.");
  REQUIRE(made);
  CHECK(made->kind == Kind::NxDomain);
  CHECK_FALSE(made->fromNsec3);
  CHECK(made->soa.owner() == kZone);
  CHECK(made->proofs.size() == 2);
  CHECK(made->ttl == 300);
  CHECK(t.find("a.example.")->proofs.size() == 1); // one record denies both
  CHECK_FALSE(t.find("z.example."));
  CHECK_FALSE(t.find("b.example."));
  CHECK_FALSE(t.find("c.other."));
  CHECK_FALSE(t.find("c.example.", RRType::ANY));
  CHECK(t.cache.hits().nsec == 2);
}

TEST_CASE("without the wildcard's denial, or without the SOA, nothing is denied") {
  Fixture t;
  t.add(nsec("b.example.", "f.example.", kHost));
  t.soa("example.");
  CHECK(t.denies("c.example.", Kind::Wildcard)); // that is for whoever has the wildcard's records to decide
  t.add(nsec("example.", "b.example.", kApex));
  CHECK(t.denies("c.example.", Kind::NxDomain));
  Fixture without;
  without.add(nsec("example.", "example.", kApex));
  CHECK_FALSE(without.find("c.example."));
  without.soa("example.", 3600, 0); // negative answers are not to be kept
  CHECK_FALSE(without.find("c.example."));
}

TEST_CASE("types are denied at the name, at non-terminals and at the wildcard") {
  Fixture t;
  t.soa("example.");
  t.add(smallZone().nsecChain());
  CHECK(t.denies("b.example.", Kind::NoData, RRType::MX));
  CHECK(t.denies("ent.example.", Kind::NoData));
  CHECK(t.denies("w.example.", Kind::NoData));
  CHECK(t.denies("any.w.example.", Kind::NoData));
  CHECK(t.denies("example.", Kind::NoData, RRType::MX));
  CHECK_FALSE(t.find("example.", RRType::DS)); // the parent's
  CHECK_FALSE(t.find("b.example."));
}

TEST_CASE("a wildcard that has the type is named, with the proof that nothing closer exists") {
  Fixture t;
  t.add(smallZone().nsecChain());
  const auto made = t.find("q.W.example.", RRType::TXT);
  REQUIRE(made);
  CHECK(made->kind == Kind::Wildcard);
  CHECK(made->wildcard == name("*.w.example."));
  CHECK(made->proofs.size() == 1);
  CHECK(made->ttl == 600);
  CHECK(t.cache.hits().nsecWildcard == 0);
  t.cache.countWildcard(*made);
  CHECK(t.cache.hits().nsecWildcard == 1);
}

TEST_CASE("nothing below a delegation or a DNAME is denied, but its DS is") {
  Fixture t;
  t.soa("example.");
  t.add(smallZone().nsecChain());
  CHECK_FALSE(t.find("cut.example."));
  CHECK_FALSE(t.find("cut.example.", RRType::NS));
  CHECK_FALSE(t.find("x.cut.example."));
  CHECK_FALSE(t.find("x.cut.example.", RRType::DS));
  CHECK(t.denies("cut.example.", Kind::NoData, RRType::DS));
  CHECK(t.denies("cuu.example.", Kind::NxDomain));
  t.add(nsec("cut.example.", "example.", {RRType::DNAME}));
  CHECK_FALSE(t.find("x.cut.example."));
}

TEST_CASE("records that lead out of their zone are refused") {
  Fixture t;
  t.soa("example.");
  t.add(nsec("b.example.", "com.", kHost));
  t.add(nsec("com.", "net.", kHost));
  t.add(nsec("z.example.", "b.example.", kHost));
  t.add(nsec("b.example.", "zzz.", kHost));
  const auto hash = denialtest::hashOf(kZone);
  t.add(denialtest::nsec3(name("sub.example."), hash, hash, kApex)); // of a chain below
  t.add(denialtest::nsec3(name("other."), hash, hash, kApex));
  t.add(test::record("b.example. 60 IN A 192.0.2.1"));
  CHECK(t.cache.entries() == 0);
}

TEST_CASE("the closest zone with records answers, DS questions go to the one above") {
  Fixture t;
  t.soa(".");
  t.soa("example.");
  t.add(nsec(".", "example.", kApex), 600, dns::Name());
  t.add(nsec("example.", ".", {RRType::NS, RRType::DS}), 600, dns::Name());
  CHECK(t.denies("com.", Kind::NxDomain));
  CHECK(t.find("foo.")->proofs.size() == 2);
  CHECK_FALSE(t.find("c.example."));
  t.add(nsec("example.", "example.", kApex));
  CHECK(t.find("c.example.")->soa.owner() == kZone);
  CHECK_FALSE(t.find("example.", RRType::DS));
  t.add(nsec("example.", ".", {RRType::NS}), 600, dns::Name());
  CHECK(t.find("example.", RRType::DS)->soa.owner() == dns::Name());
}

TEST_CASE("canonical order: odd octets and capitals find their neighbours") {
  Fixture t;
  t.soa("example.");
  t.add(nsec("example.", "A.example.", kApex));
  t.add(nsec("a.EXAMPLE.", "a\\000.example.", kHost));
  t.add(nsec("a\\000.example.", "a\\000b.example.", kHost));
  t.add(nsec("a\\000b.example.", "a\\001.example.", kHost));
  t.add(nsec("\\255.example.", "example.", kHost));
  CHECK(t.cache.entries() == 5);
  CHECK(t.denies("zz.A.example.", Kind::NxDomain));
  CHECK(t.denies("x.a\\000.example.", Kind::NxDomain));
  CHECK(t.denies("a\\000a.example.", Kind::NxDomain));
  CHECK(t.denies("a\\000c.example.", Kind::NxDomain));
  CHECK(t.denies("A\\000B.example.", Kind::NoData, RRType::MX));
  CHECK(t.denies("\\255\\000.example.", Kind::NxDomain));
  CHECK_FALSE(t.find("a\\001.example."));
  CHECK_FALSE(t.find("b.example."));
}

TEST_CASE("records made for one question only are not kept") {
  Fixture t;
  t.add(nsec("q.example.", "\\000.q.example.", kHost));
  CHECK(t.cache.entries() == 0);
}

TEST_CASE("denials last as long as their first record, the SOA and its minimum") {
  Fixture t;
  t.soa("example.", 100);
  t.add(nsec("example.", "example.", kApex), 80);
  CHECK(t.find("c.example.")->ttl == 80);
  t.clock.advance(50s);
  CHECK(t.find("c.example.")->ttl == 30);
  t.add(nsec("example.", "example.", kApex), 500);
  CHECK(t.find("c.example.")->ttl == 50);
  t.soa("example.", 3600, 20);
  CHECK(t.find("c.example.")->ttl == 20);
  t.clock.advance(500s);
  CHECK_FALSE(t.find("c.example."));
  CHECK(t.cache.entries() == 0); // it was met and went
}

TEST_CASE("a new record takes the place of those it contradicts") {
  Fixture t;
  t.soa("example.");
  t.add(nsec("example.", "b.example.", kApex));
  t.add(nsec("b.example.", "d.example.", kHost));
  t.add(nsec("d.example.", "example.", kHost));
  t.add(nsec("example.", "d.example.", kApex)); // b was deleted
  CHECK(t.cache.entries() == 2);
  CHECK(t.denies("b.example.", Kind::NxDomain));
  t.add(nsec("c.example.", "d.example.", kHost)); // c was added: the apex's record is not true any more
  CHECK(t.cache.entries() == 2);
  CHECK_FALSE(t.find("b.example."));
}

TEST_CASE("NSEC3: names and types are denied, wildcards named") {
  Fixture t;
  t.soa("example.");
  t.add(smallZone().nsec3Chain({.iterations = 2, .salt = {std::byte{7}}}));
  CHECK(t.cache.entries() == 7);
  const auto made = t.find("q.example.");
  REQUIRE(made);
  CHECK(made->kind == Kind::NxDomain);
  CHECK(made->fromNsec3);
  CHECK(made->proofs.size() >= 2);
  CHECK(t.denies("x.y.q.example.", Kind::NxDomain));
  CHECK(t.denies("b.example.", Kind::NoData, RRType::MX));
  CHECK(t.denies("ent.example.", Kind::NoData));
  CHECK(t.denies("q.w.example.", Kind::NoData));
  CHECK(t.denies("q.w.example.", Kind::Wildcard, RRType::TXT));
  CHECK(t.denies("cut.example.", Kind::NoData, RRType::DS));
  CHECK_FALSE(t.find("cut.example."));
  CHECK_FALSE(t.find("x.cut.example."));
  CHECK_FALSE(t.find("b.example."));
  CHECK_FALSE(t.find("example.", RRType::DS));
  CHECK(t.cache.hits().nsec3 == 6);
}

TEST_CASE("NSEC3: opt-out denies no name, but types of names that are there") {
  Fixture t;
  t.soa("example.");
  t.add(smallZone().nsec3Chain({.flags = 1}));
  CHECK_FALSE(t.find("q.example."));
  CHECK_FALSE(t.find("cut.example.", RRType::DS));
  CHECK_FALSE(t.find("q.w.example.", RRType::TXT));
  CHECK(t.denies("b.example.", Kind::NoData, RRType::MX));
}

TEST_CASE("NSEC3: opt-out of the record that covers the wildcard leaves the name open as well") {
  ModelZone zone(kZone);
  for (const char* host : {"b.example.", "d.example.", "f.example.", "h.example."}) zone.add(name(host), {RRType::A});
  const auto closed = zone.nsec3Chain(), open = zone.nsec3Chain({.flags = 1});
  const auto wildcard = denialtest::hashOf(name("*.example."));
  const auto denied = [&](std::string_view of, bool optOut) {
    Fixture t;
    t.soa("example.");
    for (std::size_t i = 0; i < closed.size(); ++i) {
      const bool covers = dnssec::coversHash(*dnssec::readNsec3Set(closed[i], kZone), wildcard);
      t.add(optOut && covers ? open[i] : closed[i]);
    }
    return t.find(of).has_value();
  };
  for (const char* of : {"1.example.", "2.example.", "3.example.", "4.example.", "5.example.", "6.example."}) {
    CHECK(denied(of, false));
    CHECK_FALSE(denied(of, true)); // some of them are covered by that record, others are not
  }
}

TEST_CASE("NSEC3: other parameters begin a new chain") {
  Fixture t;
  t.soa("example.");
  t.add(smallZone().nsec3Chain({.iterations = 2}));
  t.add(denialtest::matching(kZone, name("b.example."), kHost)); // too narrow to be kept
  CHECK(t.cache.entries() == 7);
  t.add(smallZone().nsec3Chain({.salt = {std::byte{7}}}));
  CHECK(t.cache.entries() == 7);
  CHECK(t.denies("q.example.", Kind::NxDomain));
}

TEST_CASE("NSEC3: what is narrow or dear is not kept") {
  const auto own = denialtest::hashOf(name("b.example."));
  auto half = own, tiny = own; // hashes half and a 65536th of all away
  half[0] ^= std::byte{0x80};
  tiny[1] ^= std::byte{1};
  const auto kept = [&](const denialtest::Nsec3Hash& from, const denialtest::Nsec3Hash& next, unsigned ratio) {
    Fixture t({.minNsec3HitRatio = ratio});
    t.add(denialtest::nsec3(kZone, from, next, kHost));
    return t.cache.entries() == 1;
  };
  const auto low = std::min(own, tiny), high = std::max(own, tiny);
  CHECK(kept(own, half, 2000));
  CHECK(kept(own, own, 1)); // alone
  CHECK_FALSE(kept(own, half, 0));
  CHECK(kept(low, high, 1U << 17));
  CHECK_FALSE(kept(low, high, 2000));
  const auto apex = denialtest::hashOf(kZone); // what every denial below the apex needs is kept, narrow or not
  auto close = apex;
  close[19] ^= std::byte{1};
  CHECK(kept(std::min(apex, close), std::max(apex, close), 2000) == (apex < close));
  const auto dear = [&](unsigned iterations, std::size_t salt, unsigned cost) {
    Fixture t({.maxNsec3HashCost = cost});
    t.soa("example.");
    t.add(smallZone().nsec3Chain({.iterations = iterations, .salt = denialtest::Octets(salt)}));
    return t.cache.entries() == 0;
  };
  CHECK_FALSE(dear(49, 0, 50));
  CHECK(dear(50, 0, 50));
  CHECK(dear(49, 40, 50)); // two blocks each
  CHECK(dear(51, 0, 0));   // nsec3-max-iterations
  CHECK_FALSE(dear(50, 0, 0));
}

TEST_CASE("NSEC3: names with many labels cost more than allowed") {
  Fixture t({.maxNsec3HashCost = 30});
  t.soa("example.");
  t.add(smallZone().nsec3Chain({.iterations = 9}));
  CHECK(t.denies("x.y.q.example.", Kind::NxDomain));
  CHECK_FALSE(t.find("w.x.y.q.example."));
}

TEST_CASE("the least used records go when there are too many") {
  Fixture t({.maxEntries = 50, .shards = 4});
  t.soa("example.");
  t.add(nsec("example.", "a.example.", kApex));
  const auto host = [](int i) { return "h" + std::to_string(1000 + i) + ".example."; };
  for (int i = 0; i < 200; ++i) {
    t.add(nsec(host(2 * i), host(2 * i + 1), kHost));
    CHECK(t.find("0.example.")); // in use all the time
    CHECK(t.cache.entries() < 50);
  }
  CHECK(t.cache.entries() > 40);
  t.cache.setMaxEntries(10);
  CHECK(t.cache.entries() < 10);
  t.cache.setMaxEntries(0);
  CHECK(t.cache.entries() == 0);
  t.add(nsec("example.", "a.example.", kApex));
  t.soa("example.");
  CHECK(t.cache.entries() == 0);
}

TEST_CASE("a flood below one zone does not wash out another that is in use") {
  Fixture t({.maxEntries = 1000, .shards = 16});
  t.soa("example.");
  t.add(smallZone().nsecChain());
  const dns::Name big = name("big.");
  for (int i = 0; i < 5000; ++i) {
    const std::string owner = "h" + std::to_string(100000 + 2 * i) + ".big.";
    t.add(nsec(owner, "h" + std::to_string(100001 + 2 * i) + ".big.", kHost), 600, big);
    if (i % 10 == 0) {
      static_cast<void>(t.find("c.example.")); // in use, so it stays even if both zones share a shard
    }
  }
  CHECK(t.cache.entries() <= 1000);
  CHECK(t.denies("c.example.", Kind::NxDomain));
}

TEST_CASE("many zones without records are bounded, too") {
  Fixture t({.maxEntries = 100, .shards = 4});
  for (int i = 0; i < 1000; ++i) {
    t.soa("z" + std::to_string(i) + ".");
  }
  bool denied = false;
  for (int tries = 0; tries < 5 && !denied; ++tries) { // what is new may be what goes
    t.add(nsec("example.", "example.", kApex));
    t.soa("example.");
    denied = t.denies("c.example.", Kind::NxDomain);
  }
  CHECK(denied);
}

TEST_CASE("zones are wiped alone or with all below") {
  Fixture t;
  for (const char* zone : {"example.", "sub.example.", "subexample."}) {
    t.soa(zone);
    t.add(nsec(zone, zone, kApex), 600, name(zone));
  }
  CHECK(t.cache.wipe(name("none."), true) == 0);
  CHECK(t.cache.wipe(name("EXAMPLE."), false) == 1);
  CHECK_FALSE(t.find("c.example."));
  CHECK(t.denies("c.sub.example.", Kind::NxDomain));
  CHECK(t.cache.wipe(name("example."), true) == 1);
  CHECK_FALSE(t.find("c.sub.example."));
  CHECK(t.denies("c.subexample.", Kind::NxDomain));
  CHECK(t.cache.wipe(dns::Name(), true) == 1);
  CHECK(t.cache.entries() == 0);
}

TEST_CASE("a dump has a line for each record") {
  Fixture t;
  t.add(nsec("example.", "b.example.", kApex), 77);
  const std::string text = test::written([&](std::FILE* out) { CHECK(t.cache.dump(out, t.clock.wall()) == 1); });
  CHECK(text.find("example.\t77\tIN\tNSEC\tb.example.") == 0);
  CHECK(text.find("; zone example.") != std::string::npos);
}
