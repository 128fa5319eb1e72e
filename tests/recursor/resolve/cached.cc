// What the shared caches answer, and in which order.
#include "recursor/resolve/cached.hh"

#include "recursor/cache/renewal.hh"
#include "recursor/resolve/keep.hh"
#include "tests/recursor/resolve/messages.hh"

using namespace rec;
using namespace rectest;
using dns::RRType;

namespace {

const base::WallTime kNow{std::chrono::seconds{1'767'225'600}};

struct Bench {
  RecordCache records{RecordCache::Options{.staleSeconds = 600}};
  NegativeCache negatives{NegativeCache::Options{.staleSeconds = 600}};
  FailureCache failures{FailureCache::Options{}};
  Delegations delegations{Delegations::Options{}};
  NsSpeeds speeds{NsSpeeds::Options{}};
  std::atomic<bool> dnameSeen{false};
  WildcardProofs wildcards{WildcardProofs::Options{}};
  AggressiveCache aggressive{AggressiveCache::Options{}};
  ZoneTrusts trusts{ZoneTrusts::Options{}};
  SubnetCache subnets{SubnetCache::Options{}};
  Caches caches{records, negatives, failures, delegations, speeds, wildcards, aggressive, trusts, subnets, dnameSeen};
  ResolveOptions options;

  void store(const char* line, Rank rank = Rank::AnswerAuth) {
    REQUIRE(records.store(rrset(line), rank, Security::Indeterminate, kNow));
  }
  void deny(const char* owner, bool nxdomain, const char* zone = "example.com.", RRType type = RRType::A) {
    Negative negative;
    negative.name = name(owner);
    negative.nxdomain = nxdomain;
    negative.soa = rrset(std::string(zone) + " 60 IN SOA ns.test. host.test. 1 2 3 4 60");
    negative.ttl = 60;
    negatives.store(negative, type, kNow);
  }
  [[nodiscard]] std::optional<Lookup> find(const dns::Question& asked, int later = 0,
                                           const CachedQuery& query = {}) const {
    return findCached(caches, options, asked, kNow + std::chrono::seconds(later), query);
  }
};

} // namespace

TEST_CASE("an empty cache knows nothing") {
  const Bench bench;
  CHECK_FALSE(bench.find(question("www.example.com")));
}

TEST_CASE("cached records answer with the TTL they have left, until it is over") {
  Bench bench;
  bench.store("www.example.com. 300 IN A 192.0.2.1");
  const auto lookup = bench.find(question("www.example.com"), 100);
  REQUIRE(lookup);
  CHECK(lookup->kind == LookupKind::Records);
  CHECK(lookup->source == AnswerKind::RecordCache);
  CHECK(lookup->records.front().ttl == 200);
  CHECK_FALSE(bench.find(question("www.example.com"), 300));
}

TEST_CASE("records seen in passing are no answer") {
  Bench bench;
  bench.store("example.com. 300 IN NS ns.example.com.", Rank::AuthorityAuth);
  CHECK_FALSE(bench.find(question("example.com", RRType::NS)));
}

TEST_CASE("a cached CNAME answers other types, but not ANY") {
  Bench bench;
  bench.store("www.example.com. 300 IN CNAME web.example.com.");
  const auto lookup = bench.find(question("www.example.com", RRType::AAAA));
  REQUIRE(lookup);
  CHECK(lookup->kind == LookupKind::Alias);
  CHECK(lookup->target == name("web.example.com"));
  CHECK(bench.find(question("www.example.com", RRType::CNAME))->kind == LookupKind::Records);
  CHECK_FALSE(bench.find(question("www.example.com", RRType::ANY)));
}

TEST_CASE("a cached DNAME makes aliases for all names below it") {
  Bench bench;
  bench.store("example.com. 300 IN DNAME example.net.");
  CHECK_FALSE(bench.find(question("a.b.example.com"))); // nobody said that there are any
  bench.dnameSeen = true;
  const auto lookup = bench.find(question("a.b.example.com"), 100);
  REQUIRE(lookup);
  CHECK(lookup->kind == LookupKind::Alias);
  CHECK(lookup->target == name("a.b.example.net"));
  REQUIRE(lookup->records.size() == 2);
  CHECK(lookup->records[1].ttl == 200);
  CHECK_FALSE(bench.find(question("example.com")));
}

TEST_CASE("NODATA denies its type, NXDOMAIN all types") {
  Bench bench;
  bench.deny("www.example.com", false);
  bench.deny("no.example.com", true);
  CHECK(bench.find(question("www.example.com"))->kind == LookupKind::NoData);
  CHECK_FALSE(bench.find(question("www.example.com", RRType::MX)));
  CHECK(bench.find(question("no.example.com", RRType::MX))->kind == LookupKind::NxDomain);
  CHECK_FALSE(bench.find(question("no.example.com"), 60));
}

TEST_CASE("an NXDOMAIN denies names below it as nothing-below-nxdomain says") {
  Bench bench;
  bench.deny("no.example.com", true);
  CHECK_FALSE(bench.find(question("www.no.example.com"))); // not validated
  bench.options.cut = NegativeCache::Cut::Always;
  CHECK(bench.find(question("www.no.example.com"))->kind == LookupKind::NxDomain);
}

TEST_CASE("a top-level name denied by the root denies all below it, unless root-nx-trust is off") {
  Bench bench;
  bench.deny("nosuchtld", true, ".");
  const auto lookup = bench.find(question("www.nosuchtld"));
  REQUIRE(lookup);
  CHECK(lookup->kind == LookupKind::NxDomain);
  CHECK(lookup->negative.name == name("nosuchtld"));
  bench.options.rootNxTrust = false;
  CHECK_FALSE(bench.find(question("www.nosuchtld")));
}

TEST_CASE("a top-level name denied by somebody else denies nothing below it") {
  Bench bench;
  bench.deny("nosuchtld", true, "nosuchtld.");
  CHECK_FALSE(bench.find(question("www.nosuchtld")));
}

TEST_CASE("a remembered failure answers last, with its reasons, and only where it is wanted") {
  Bench bench;
  bench.failures.store(name("www.example.com"), RRType::A, {{dns::EdeCode::NoReachableAuthority, "why"}}, kNow);
  const auto lookup = bench.find(question("www.example.com"));
  REQUIRE(lookup);
  CHECK(lookup->kind == LookupKind::Failed);
  CHECK(lookup->source == AnswerKind::CachedFailure);
  CHECK(lookup->errors.front().text == "why");
  CachedQuery query;
  query.failuresToo = false;
  CHECK_FALSE(bench.find(question("www.example.com"), 0, query));
  bench.store("www.example.com. 300 IN A 192.0.2.1");
  CHECK(bench.find(question("www.example.com"))->kind == LookupKind::Records);
}

TEST_CASE("expired data answers only when stale data is allowed") {
  Bench bench;
  bench.store("www.example.com. 300 IN A 192.0.2.1");
  CachedQuery query;
  query.allowStale = true;
  const auto lookup = bench.find(question("www.example.com"), 400, query);
  REQUIRE(lookup);
  CHECK(lookup->source == AnswerKind::Stale);
  CHECK(lookup->stale);
  CHECK_FALSE(bench.find(question("www.example.com"), 400));
}

TEST_CASE("for a renewal, what is about to expire is as good as expired") {
  Bench bench;
  bench.store("www.example.com. 300 IN A 192.0.2.1");
  bench.store("alias.example.com. 100 IN CNAME www.example.com.");
  bench.deny("no.example.com", true);
  const CachedQuery renewal{.renew = 10};
  const auto isThere = [&](const char* owner, int later) {
    return bench.find(question(owner), later, renewal).has_value();
  };
  CHECK(isThere("www.example.com", 269));
  CHECK_FALSE(isThere("www.example.com", 270));
  CHECK(bench.find(question("www.example.com"), 299));
  CHECK(isThere("alias.example.com", 89));
  CHECK_FALSE(isThere("alias.example.com", 90));
  CHECK(isThere("no.example.com", 53));
  CHECK_FALSE(isThere("no.example.com", 54));
}

TEST_CASE("a renewal that failed a moment ago is remembered, the old data still answers") {
  Bench bench;
  bench.store("www.example.com. 300 IN A 192.0.2.1");
  const auto later = kNow + std::chrono::seconds(280);
  bench.failures.store(name("www.example.com"), RRType::A, {{dns::EdeCode::NoReachableAuthority, "silent"}}, later);
  const auto renewal = bench.find(question("www.example.com"), 281, {.renew = 10});
  REQUIRE(renewal);
  CHECK(renewal->source == AnswerKind::CachedFailure);
  CHECK(bench.find(question("www.example.com"), 281)->source == AnswerKind::RecordCache);
}

TEST_CASE("the second before the end is the latest to renew in, and what lives one second only is left alone") {
  CHECK(renewalLead(86400, 10) == 8640);
  CHECK(renewalLead(5, 10) == 1);
  CHECK(renewalLead(2, 10) == 1);
  CHECK(renewalLead(1, 10) == 0);
  CHECK(renewalLead(300, 0) == 0);
  CHECK_FALSE(isDueForRenewal(1, 1, 10));
}
