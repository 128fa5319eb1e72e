// Caches that are saved and loaded again: what comes back, for how long, and what does not.
#include <catch2/catch.hpp>

#include "tests/recursor/cache/helpers.hh"
#include "tests/recursor/cachefile/caches.hh"

using namespace rec;
using namespace std::chrono_literals;
using dns::RRType;
using test::address;
using test::Caches;
using test::name;
using test::record;

namespace {

void store(Caches& caches, const base::Clock& clock, std::string_view line,
           Security security = Security::Indeterminate) {
  REQUIRE(caches.records.store(record(line), Rank::AnswerAuth, security, clock.wall()));
}

Negative denial(std::string_view owner, Security security = Security::Indeterminate) {
  Negative negative;
  negative.name = name(owner);
  negative.nxdomain = true;
  negative.soa = record("test. 900 IN SOA ns.test. host.test. 1 2 3 4 300");
  negative.proofs.push_back(record("a.test. 300 IN NSEC c.test. A RRSIG NSEC"));
  negative.security = security;
  negative.ttl = 300;
  return negative;
}

Delegation cut(std::string_view zone, base::WallTime expires) {
  Delegation delegation;
  delegation.zone = name(zone);
  delegation.servers.push_back({name("ns.cut.test."), {address("192.0.2.53"), address("2001:db8::53")}});
  delegation.servers.push_back({name("ns.elsewhere.test."), {}});
  delegation.expires = expires;
  delegation.security.push_back(record("cut.test. 300 IN DS 1 8 2 " + std::string(64, 'A')));
  delegation.securityExpires = expires - 10s;
  delegation.parent = name("test.");
  return delegation;
}

// A thousand times as many as in one block, or as few.
void storeMany(Caches& caches, const base::Clock& clock, int count) {
  for (int i = 0; i < count; ++i) {
    store(caches, clock, "n" + std::to_string(i) + ".test. 3600 IN A 192.0.2.1");
  }
}

std::size_t found(Caches& caches, const base::Clock& clock, int count) {
  std::size_t there = 0;
  for (int i = 0; i < count; ++i) {
    there += caches.records.find(name("n" + std::to_string(i) + ".test."), RRType::A, clock.wall()) ? 1 : 0;
  }
  return there;
}

} // namespace

TEST_CASE("records come back with rank, verdict, signatures and the time that is left") {
  base::ManualClock clock;
  Caches before, after;
  dns::RRsetBuilder builder(name("Signed.test."), RRType::A, dns::RRClass::IN, 3600);
  builder.add(std::as_bytes(std::span("\xC0\x00\x02\x01", 4)));
  builder.add(std::as_bytes(std::span("\xC0\x00\x02\x02", 4)));
  builder.addSignature(record("s.test. 3600 IN RRSIG A 8 2 3600 20300101000000 20200101000000 1 test. AAAA").front());
  REQUIRE(before.records.store(builder.build(), Rank::AnswerNonAuth, Security::Secure, clock.wall()));
  clock.advance(100s);
  const auto file = test::saved(before, clock);
  clock.advance(500s);
  const auto report = test::loaded(file, after, clock);
  REQUIRE(report);
  CHECK(report->counts.loaded == 1);
  CHECK_FALSE(report->damage.truncated);
  CHECK(report->damage.places == 0);
  const auto hit = after.records.find(name("signed.TEST."), RRType::A, clock.wall());
  REQUIRE(hit);
  CHECK(hit->ttl == 3000);
  CHECK(hit->originalTtl == 3600);
  CHECK(hit->rank == Rank::AnswerNonAuth);
  CHECK(hit->security == Security::Secure);
  CHECK(hit->rrset.owner().identicalTo(name("Signed.test.")));
  CHECK(hit->rrset.sameData(builder.build()));
  CHECK(hit->rrset.signatureCount() == 1);
}

TEST_CASE("what has expired is neither saved nor loaded") {
  base::ManualClock clock;
  Caches before, after;
  store(before, clock, "gone.test. 60 IN A 192.0.2.1");
  store(before, clock, "going.test. 120 IN A 192.0.2.1");
  store(before, clock, "stays.test. 300 IN A 192.0.2.1");
  clock.advance(60s);
  const auto file = test::saved(before, clock);
  clock.advance(60s);
  const auto report = test::loaded(file, after, clock);
  REQUIRE(report);
  CHECK(report->counts.loaded == 1);
  CHECK(report->counts.expired == 1);
  CHECK(after.records.entries() == 1);
}

TEST_CASE("a clock that was set back prolongs nothing") {
  base::ManualClock early, late;
  late.advance(1000h);
  Caches before, after;
  store(before, late, "a.test. 600 IN A 192.0.2.1");
  before.negatives.store(denial("b.test."), RRType::A, late.wall());
  before.delegations.store(cut("cut.test.", late.wall() + 900s));
  late.advance(200s);
  const auto file = test::saved(before, late);
  REQUIRE(test::loaded(file, after, early));
  const auto hit = after.records.find(name("a.test."), RRType::A, early.wall());
  REQUIRE(hit);
  CHECK(hit->ttl == 400);
  early.advance(100s);
  CHECK_FALSE(after.negatives.find(name("b.test."), RRType::A, early.wall(), NegativeCache::Cut::Never));
  early.advance(300s);
  CHECK_FALSE(after.records.find(name("a.test."), RRType::A, early.wall()));
  CHECK(after.delegations.find(name("x.cut.test."), early.wall()));
  early.advance(300s);
  CHECK_FALSE(after.delegations.find(name("x.cut.test."), early.wall()));
}

TEST_CASE("denials, cuts, insecure zones and proofs of wildcards come back") {
  base::ManualClock clock;
  Caches before, after;
  before.negatives.store(denial("b.test.", Security::Secure), RRType::A, clock.wall());
  Negative noData = denial("c.test.");
  noData.nxdomain = false;
  before.negatives.store(noData, RRType::MX, clock.wall());
  before.delegations.store(cut("cut.test.", clock.wall() + 900s));
  ZoneTrust insecure = ZoneTrust::insecure(name("cut.test."));
  insecure.expires = clock.wall() + 600s;
  before.trusts.store(std::make_shared<const ZoneTrust>(insecure), before.trusts.epoch());
  ZoneTrust waived = ZoneTrust::insecure(name("waived.test."));
  waived.waived = true;
  waived.expires = clock.wall() + 600s;
  before.trusts.store(std::make_shared<const ZoneTrust>(waived), before.trusts.epoch());
  before.wildcards.store(name("w.test."), RRType::A, denial("w.test.").proofs, 300, clock.wall());
  REQUIRE(test::loaded(test::saved(before, clock), after, clock));
  const auto denied = after.negatives.find(name("x.b.test."), RRType::A, clock.wall(), NegativeCache::Cut::WhenSecure);
  REQUIRE(denied);
  CHECK(denied->name == name("b.test."));
  CHECK(denied->security == Security::Secure);
  CHECK(denied->proofs.size() == 1);
  CHECK(denied->soa.type() == RRType::SOA);
  CHECK(after.negatives.find(name("c.test."), RRType::MX, clock.wall(), NegativeCache::Cut::Never));
  CHECK_FALSE(after.negatives.find(name("c.test."), RRType::A, clock.wall(), NegativeCache::Cut::Never));
  const auto zone = after.delegations.find(name("cut.test."), clock.wall());
  REQUIRE(zone);
  CHECK(zone->servers.size() == 2);
  CHECK(zone->servers.front().glue == std::vector{address("192.0.2.53"), address("2001:db8::53")});
  CHECK(zone->security.size() == 1);
  CHECK(zone->securityExpires == clock.wall() + 890s);
  CHECK(zone->parent == name("test."));
  CHECK(after.trusts.find(name("cut.test."), clock.wall()));
  CHECK_FALSE(after.trusts.find(name("waived.test."), clock.wall()));
  CHECK(after.wildcards.find(name("w.test."), RRType::A, clock.wall()));
}

TEST_CASE("what is known of servers comes back older by the time that has passed, cookies do not") {
  base::ManualClock clock;
  Caches before, after;
  const ServerPath server(address("192.0.2.53"));
  before.speeds.reportRtt(server, 20ms, clock.mono());
  before.speeds.reportEdns(server, EdnsStatus::Ignorant, clock.mono());
  before.speeds.reportCookie(server, dns::Cookie{}, clock.mono());
  before.speeds.reportCaseLost(server, clock.mono());
  before.speeds.reportLame(server.address, name("lame.test."), clock.mono());
  REQUIRE(before.dotServers.beginProbe(server.address, {name("test."), false}, clock.mono()));
  before.dotServers.endProbe(server.address, true, clock.mono());
  const auto file = test::saved(before, clock);
  clock.advance(120s);
  base::ManualClock other; // another boot: its monotonic time has nothing to do with that of the other
  other.advance(120s);
  REQUIRE(test::loaded(file, after, other));
  const ServerState state = after.speeds.get(server, other.mono());
  CHECK(state.known);
  CHECK(state.usual == 20ms);
  CHECK(state.srtt == 10ms); // a half-life of silence
  CHECK(state.edns == EdnsStatus::Ignorant);
  CHECK_FALSE(state.keepsCase);
  CHECK_FALSE(state.cookie);
  CHECK(after.speeds.isLame(server.address, name("lame.test."), other.mono()));
  CHECK(after.dotServers.get(server.address, other.mono()) == DotState::Good);
  other.advance(3600s);
  CHECK_FALSE(after.speeds.get(server, other.mono()).known);
  CHECK_FALSE(after.speeds.isLame(server.address, name("lame.test."), other.mono()));
}

TEST_CASE("answers for clients' networks come back unless other networks are told now") {
  base::ManualClock clock;
  Caches before, same, others;
  const base::Netmask network = *base::Netmask::parse("198.51.100.0/24");
  REQUIRE(before.subnets.store(record("a.test. 300 IN A 192.0.2.1"), SubnetScope::only(network), Rank::AnswerAuth,
                               Security::Insecure, clock.wall()));
  const auto file = test::saved(before, clock);
  REQUIRE(test::loaded(file, same, clock));
  const auto hit = same.subnets.find(name("a.test."), RRType::A, network, clock.wall());
  CHECK(hit.hit);
  CHECK(hit.scope == SubnetScope::only(network));
  const auto report = test::loaded(file, others, clock, {0, 0, 1});
  REQUIRE(report);
  CHECK(report->counts.otherSettings == 1);
  CHECK_FALSE(others.subnets.find(name("a.test."), RRType::A, network, clock.wall()).varies);
}

TEST_CASE("other trust anchors leave data without verdicts, and nothing of what was bogus or insecure") {
  base::ManualClock clock;
  Caches before, after;
  store(before, clock, "secure.test. 300 IN A 192.0.2.1", Security::Secure);
  store(before, clock, "bogus.test. 300 IN A 192.0.2.1", Security::Bogus);
  before.negatives.store(denial("b.test.", Security::Secure), RRType::A, clock.wall());
  ZoneTrust insecure = ZoneTrust::insecure(name("cut.test."));
  insecure.expires = clock.wall() + 600s;
  before.trusts.store(std::make_shared<const ZoneTrust>(insecure), before.trusts.epoch());
  const auto report = test::loaded(test::saved(before, clock), after, clock, {0, 7, 0});
  REQUIRE(report);
  CHECK(report->otherVerdicts);
  CHECK(report->counts.loaded == 2);
  CHECK(report->counts.otherSettings == 2);
  const auto hit = after.records.find(name("secure.test."), RRType::A, clock.wall());
  REQUIRE(hit);
  CHECK(hit->security == Security::Indeterminate);
  CHECK_FALSE(after.records.find(name("bogus.test."), RRType::A, clock.wall()));
  const auto denied = after.negatives.find(name("b.test."), RRType::A, clock.wall(), NegativeCache::Cut::Never);
  REQUIRE(denied);
  CHECK(denied->security == Security::Indeterminate);
  CHECK_FALSE(after.trusts.find(name("cut.test."), clock.wall()));
}

TEST_CASE("other forwarders leave what is known of servers, and no answers") {
  base::ManualClock clock;
  Caches before, after;
  store(before, clock, "a.test. 300 IN A 192.0.2.1");
  before.negatives.store(denial("b.test."), RRType::A, clock.wall());
  before.delegations.store(cut("cut.test.", clock.wall() + 900s));
  before.speeds.reportRtt(address("192.0.2.53"), 20ms, clock.mono());
  const auto report = test::loaded(test::saved(before, clock), after, clock, {7, 0, 0});
  REQUIRE(report);
  CHECK(report->otherData);
  CHECK(report->counts.loaded == 1);
  CHECK(report->counts.otherSettings == 3);
  CHECK(after.records.entries() == 0);
  CHECK(after.negatives.entries() == 0);
  CHECK(after.delegations.entries() == 0);
  CHECK(after.speeds.entries() == 1);
}

TEST_CASE("what is in the caches already stays as it is") {
  base::ManualClock clock;
  Caches before, after;
  store(before, clock, "a.test. 300 IN A 192.0.2.1");
  store(after, clock, "a.test. 300 IN A 192.0.2.9");
  REQUIRE(test::loaded(test::saved(before, clock), after, clock));
  const auto hit = after.records.find(name("a.test."), RRType::A, clock.wall());
  REQUIRE(hit);
  CHECK(dns::rdataText(RRType::A, hit->rrset.front()) == "192.0.2.9");
}

TEST_CASE("a DNAME that comes back is looked for") {
  base::ManualClock clock;
  Caches before, after;
  store(before, clock, "old.test. 300 IN DNAME new.test.");
  REQUIRE(test::loaded(test::saved(before, clock), after, clock));
  CHECK(after.dnameSeen);
}

TEST_CASE("many entries come back, each once, whatever the number of threads that load them") {
  base::ManualClock clock;
  Caches before;
  storeMany(before, clock, 20000);
  const auto file = test::saved(before, clock);
  for (const unsigned threads : {1U, 3U}) {
    Caches after;
    const auto report = test::loaded(file, after, clock, {}, threads);
    REQUIRE(report);
    CHECK(report->counts.loaded == 20000);
    CHECK(after.records.entries() == 20000);
    CHECK(found(after, clock, 20000) == 20000);
  }
}

TEST_CASE("where there is no room for all, what was asked for again is what comes back, and stays") {
  base::ManualClock clock;
  RecordCache::Options small;
  small.shards = 1;
  small.maxEntries = 1000;
  Caches before(small), after(RecordCache::Options{.shards = 1, .maxEntries = 100});
  storeMany(before, clock, 100);
  found(before, clock, 100);
  found(before, clock, 100);
  for (int i = 0; i < 1500; ++i) { // pushes the first hundred into the main queue
    store(before, clock, "x" + std::to_string(i) + ".test. 3600 IN A 192.0.2.1");
  }
  REQUIRE(found(before, clock, 100) >= 90);
  const auto report = test::loaded(test::saved(before, clock), after, clock);
  REQUIRE(report);
  CHECK(report->counts.loaded == 100);
  CHECK(report->counts.noRoom == 900);
  CHECK(found(after, clock, 100) >= 90);
}

TEST_CASE("a file that may not grow has what was asked for again") {
  base::ManualClock clock;
  RecordCache::Options small;
  small.shards = 1;
  small.maxEntries = 40000;
  Caches before(small), after;
  storeMany(before, clock, 2000);
  found(before, clock, 2000);
  found(before, clock, 2000);
  for (int i = 0; i < 60000; ++i) {
    store(before, clock, "x" + std::to_string(i) + ".test. 3600 IN A 192.0.2.1");
  }
  const auto whole = test::saved(before, clock);
  const auto file = test::saved(before, clock, {{}, whole.octets.size() / 2});
  CHECK(file.octets.size() <= whole.octets.size() / 2);
  const auto report = test::loaded(file, after, clock);
  REQUIRE(report);
  CHECK_FALSE(report->damage.truncated);
  CHECK(found(after, clock, 2000) >= 1900);
}

TEST_CASE("every eviction strategy keeps what was asked for more often over a restart") {
  base::ManualClock clock;
  for (const auto strategy : {base::EvictionStrategy::S3Fifo, base::EvictionStrategy::Lru, base::EvictionStrategy::Lfu,
                              base::EvictionStrategy::HitRate}) {
    const RecordCache::Options options{.shards = 1, .maxEntries = 1000, .eviction = strategy};
    Caches before(options), after(options);
    for (int i = 0; i < 900; ++i) {
      store(before, clock, "x" + std::to_string(i) + ".test. 3600 IN A 192.0.2.1");
    }
    storeMany(before, clock, 100);
    for (int round = 0; round < 40; ++round) {
      found(before, clock, 100);
    }
    const auto report = test::loaded(test::saved(before, clock), after, clock);
    REQUIRE(report);
    CHECK(report->counts.loaded == 1000);
    for (int i = 0; i < 500; ++i) {
      store(after, clock, "y" + std::to_string(i) + ".test. 3600 IN A 192.0.2.1");
    }
    INFO(static_cast<int>(strategy));
    CHECK(found(after, clock, 100) >= 80);
  }
}
