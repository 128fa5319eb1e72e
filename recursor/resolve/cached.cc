// Look-ups in the record, negative and failure caches for one question.
#include "recursor/resolve/cached.hh"

#include <algorithm>

#include "lib/dns/rdata.hh"
#include "recursor/cache/renewal.hh"
#include "recursor/resolve/alias.hh"

namespace rec {
namespace {

using dns::RRType;

constexpr std::uint32_t kStaleTtl = 30; // of expired data in answers (RFC 8767 4)

bool isUsable(Security security, const CachedQuery& query) { return security != Security::Bogus || query.acceptBogus; }

// A set made from a wildcard is not whole without the proof that nothing closer exists.
std::optional<CacheHit> findSet(const Caches& caches, const dns::Name& name, RRType type, base::WallTime now,
                                const CachedQuery& query, std::vector<dns::RRset>& proofs) {
  auto hit = caches.records.find(name, type, now, query.minimum, query.allowStale);
  if (!hit || !isUsable(hit->security, query)) {
    return std::nullopt;
  }
  if (!hit->stale && isFromWildcard(hit->rrset)) {
    auto found = caches.wildcards.find(name, type, now);
    if (!found) {
      return std::nullopt;
    }
    proofs = std::move(*found);
  }
  return hit;
}

Lookup fromHit(CacheHit hit, LookupKind kind, std::vector<dns::RRset> proofs) {
  Lookup lookup;
  lookup.proofs = std::move(proofs);
  lookup.rank = hit.rank;
  lookup.kind = kind;
  lookup.source = hit.stale ? AnswerKind::Stale : AnswerKind::RecordCache;
  lookup.security = hit.security;
  lookup.stale = hit.stale;
  lookup.records.push_back(AgedRRset{std::move(hit.rrset), hit.stale ? kStaleTtl : hit.ttl, hit.originalTtl});
  return lookup;
}

std::optional<Lookup> findCname(const Caches& caches, const dns::Question& question, base::WallTime now,
                                const CachedQuery& query) {
  if (question.type == RRType::CNAME || question.type == RRType::ANY) {
    return std::nullopt;
  }
  std::vector<dns::RRset> proofs;
  auto hit = findSet(caches, question.name, RRType::CNAME, now, query, proofs);
  const auto target = hit ? dns::readNameRdata(hit->rrset.front()) : std::nullopt;
  if (!target) {
    return std::nullopt;
  }
  Lookup lookup = fromHit(std::move(*hit), LookupKind::Alias, std::move(proofs));
  lookup.target = *target;
  return lookup;
}

// A denial by a zone that lies above the forwarded one. What the world outside says of such a name, that nothing is
// there, counts for nothing: many are private.
bool isFromOutside(const dns::RRset& soa, const ForwardRule* forwarded) {
  return forwarded != nullptr && soa && !soa.owner().isWithin(forwarded->zone);
}

std::optional<Lookup> findDenial(const Caches& caches, const ResolveOptions& options, const dns::Question& question,
                                 base::WallTime now, const CachedQuery& query) {
  auto negative = caches.negatives.find(question.name, question.type, now, options.cut, query.allowStale);
  if (!negative && options.rootNxTrust && question.name.labelCount() > 1) {
    // A top-level name that the root denied denies all below it (root-nx-trust).
    negative =
        caches.negatives.find(question.name.suffix(1), question.type, now, NegativeCache::Cut::Never, query.allowStale);
    if (negative && (!negative->nxdomain || !negative->soa || !negative->soa.owner().isRoot())) {
      negative.reset();
    }
  }
  const bool usable = negative && isUsable(negative->security, query);
  if (!usable || isFromOutside(negative->soa, options.forwards.find(question))) {
    return std::nullopt;
  }
  Lookup lookup;
  lookup.kind = negative->nxdomain ? LookupKind::NxDomain : LookupKind::NoData;
  lookup.source = negative->stale ? AnswerKind::Stale : AnswerKind::RecordCache;
  lookup.security = negative->security;
  lookup.stale = negative->stale;
  lookup.negative = std::move(*negative);
  lookup.negative.ttl = lookup.stale ? kStaleTtl : lookup.negative.ttl;
  return lookup;
}

std::optional<Lookup> findDname(const Caches& caches, const dns::Question& question, base::WallTime now,
                                const CachedQuery& query) {
  if (!caches.dnameSeen.load(std::memory_order_relaxed)) {
    return std::nullopt;
  }
  for (std::size_t labels = question.name.labelCount(); labels > 1; --labels) {
    auto hit =
        caches.records.find(question.name.suffix(labels - 1), RRType::DNAME, now, query.minimum, query.allowStale);
    if (!hit || !isUsable(hit->security, query)) {
      continue;
    }
    const std::uint32_t ttl = hit->stale ? kStaleTtl : hit->ttl;
    Alias alias = followDname(hit->rrset, question.name);
    Lookup lookup = fromHit(std::move(*hit), LookupKind::Alias, {});
    lookup.target = alias.target;
    lookup.targetTooLong = alias.tooLong;
    if (!alias.tooLong) {
      lookup.records.push_back(AgedRRset{alias.records.back(), ttl, lookup.records.front().originalTtl});
    }
    return lookup;
  }
  return std::nullopt;
}

// RFC 8198 5.3: the name itself is not there; the wildcard's records answer, if they are cached and secure.
std::optional<Lookup> expandWildcard(const Caches& caches, const dns::Question& question, base::WallTime now,
                                     Synthesized made) {
  for (const RRType type : {question.type, RRType::CNAME}) {
    const auto hit = caches.records.find(made.wildcard, type, now, Rank::AnswerNonAuth);
    if (!hit || hit->security != Security::Secure) {
      continue;
    }
    caches.aggressive.countWildcard(made);
    Lookup lookup;
    lookup.source = AnswerKind::RecordCache;
    lookup.security = Security::Secure;
    lookup.kind = type == question.type ? LookupKind::Records : LookupKind::Alias;
    if (lookup.kind == LookupKind::Alias) {
      const auto target = dns::readNameRdata(hit->rrset.front());
      if (!target) {
        return std::nullopt;
      }
      lookup.target = *target;
    }
    lookup.records.push_back(AgedRRset{hit->rrset.withOwner(question.name), std::min(hit->ttl, made.ttl)});
    lookup.proofs = std::move(made.proofs);
    return lookup;
  }
  return std::nullopt;
}

// RFC 8198: what the validated denials of other names say of this one.
std::optional<Lookup> findSynthesized(const Caches& caches, const ResolveOptions& options,
                                      const dns::Question& question, base::WallTime now) {
  auto made = caches.aggressive.find(question.name, question.type, now);
  const ForwardRule* forwarded = made ? options.forwards.find(question) : nullptr;
  if (!made || isFromOutside(made->soa, forwarded)) {
    return std::nullopt;
  }
  if (made->kind == Synthesized::Kind::Wildcard) {
    if (forwarded != nullptr && !made->wildcard.isWithin(forwarded->zone)) {
      return std::nullopt;
    }
    return expandWildcard(caches, question, now, std::move(*made));
  }
  Lookup lookup;
  lookup.source = AnswerKind::RecordCache;
  lookup.security = Security::Secure;
  lookup.kind = made->kind == Synthesized::Kind::NxDomain ? LookupKind::NxDomain : LookupKind::NoData;
  lookup.negative.name = question.name;
  lookup.negative.nxdomain = lookup.kind == LookupKind::NxDomain;
  lookup.negative.soa = std::move(made->soa);
  lookup.negative.proofs = std::move(made->proofs);
  lookup.negative.security = Security::Secure;
  lookup.negative.ttl = made->ttl;
  return lookup;
}

std::optional<Lookup> findFailure(const Caches& caches, const dns::Question& question, base::WallTime now,
                                  const CachedQuery& query) {
  const auto only = query.acceptBogus ? std::optional(FailureCache::Cause::Unresolved) : std::nullopt;
  auto errors = caches.failures.find(question.name, question.type, now, only);
  if (!errors) {
    return std::nullopt;
  }
  Lookup lookup;
  lookup.kind = LookupKind::Failed;
  lookup.source = AnswerKind::CachedFailure;
  lookup.errors = std::move(*errors);
  lookup.brief = caches.failures.isBrief(question.name, question.type);
  return lookup;
}

// Whether any of it is to be renewed.
bool isDue(const Lookup& found, unsigned percent) {
  if (percent == 0) {
    return false;
  }
  const bool isDenial = found.kind == LookupKind::NoData || found.kind == LookupKind::NxDomain;
  return (isDenial && isDueForRenewal(found.negative.ttl, found.negative.originalTtl, percent)) ||
         std::ranges::any_of(found.records, [percent](const AgedRRset& set) {
           return isDueForRenewal(set.ttl, set.originalTtl, percent);
         });
}

Lookup bogusForSubnet(const SubnetScope& scope) {
  Lookup failed;
  failed.source = AnswerKind::CachedFailure;
  failed.security = Security::Bogus;
  failed.scope = scope;
  failed.errors.push_back({dns::EdeCode::DnssecBogus, "what the servers say to " + scope.network.text()});
  return failed;
}

// What servers gave for the client's network (RFC 7871 7.3.2). `varies`: nothing, but for others there is.
std::optional<Lookup> findForSubnet(const Caches& caches, const dns::Question& question, base::WallTime now,
                                    const CachedQuery& query, bool& varies) {
  auto found = caches.subnets.find(question.name, question.type, *query.subnet, now);
  varies = found.varies;
  if (!found.hit) {
    return std::nullopt;
  }
  if (!isUsable(found.hit->security, query)) {
    return query.failuresToo ? std::optional(bogusForSubnet(found.scope)) : std::nullopt;
  }
  std::vector<dns::RRset> proofs;
  const RRType type = found.hit->rrset.type();
  if (isFromWildcard(found.hit->rrset)) {
    auto kept = caches.wildcards.find(question.name, type, now);
    if (!kept) {
      return std::nullopt;
    }
    proofs = std::move(*kept);
  }
  const bool isAlias = type != question.type;
  const auto target = isAlias ? dns::readNameRdata(found.hit->rrset.front()) : std::nullopt;
  if (isAlias && !target) {
    return std::nullopt;
  }
  Lookup lookup = fromHit(std::move(*found.hit), isAlias ? LookupKind::Alias : LookupKind::Records, std::move(proofs));
  lookup.target = target.value_or(dns::Name());
  lookup.scope = found.scope;
  return lookup;
}

std::optional<Lookup> findRecords(const Caches& caches, const dns::Question& question, base::WallTime now,
                                  const CachedQuery& query) {
  if (query.noRecords) {
    return std::nullopt;
  }
  std::vector<dns::RRset> proofs;
  if (auto hit = findSet(caches, question.name, question.type, now, query, proofs)) {
    return fromHit(std::move(*hit), LookupKind::Records, std::move(proofs));
  }
  return findCname(caches, question, now, query);
}

// What is cached of the name itself, for everybody.
std::optional<Lookup> findCommon(const Caches& caches, const ResolveOptions& options, const dns::Question& question,
                                 base::WallTime now, const CachedQuery& query) {
  auto found = findRecords(caches, question, now, query);
  if (!found) {
    found = findDenial(caches, options, question, now, query);
  }
  if (!found) {
    found = findDname(caches, question, now, query);
  }
  return found;
}

// For the client's network, else for everybody.
std::optional<Lookup> findOwn(const Caches& caches, const ResolveOptions& options, const dns::Question& question,
                              base::WallTime now, const CachedQuery& query, bool& varies) {
  if (query.subnet != nullptr) {
    if (auto found = findForSubnet(caches, question, now, query, varies)) {
      return found;
    }
  }
  return findCommon(caches, options, question, now, query);
}

// Of the name itself, else what follows from other names, else a failure; nothing when it is to be renewed.
std::optional<Lookup> findAny(const Caches& caches, const ResolveOptions& options, const dns::Question& question,
                              base::WallTime now, const CachedQuery& query, bool& varies) {
  auto found = findOwn(caches, options, question, now, query, varies);
  const bool due = found && isDue(*found, query.renew);
  if (found && !due) {
    return found;
  }
  found = options.synthesize && !due ? findSynthesized(caches, options, question, now) : std::nullopt;
  if (!found && query.failuresToo) {
    found = findFailure(caches, question, now, query);
  }
  return found;
}

} // namespace

std::optional<Lookup> findCached(const Caches& caches, const ResolveOptions& options, const dns::Question& question,
                                 base::WallTime now, const CachedQuery& query) {
  bool varies = false;
  auto found = findAny(caches, options, question, now, query, varies);
  if (found) {
    found->varies = varies;
  }
  return found;
}

} // namespace rec
