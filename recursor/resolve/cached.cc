// Look-ups in the record, negative and failure caches for one question.
#include "recursor/resolve/cached.hh"

#include "lib/dns/rdata.hh"
#include "recursor/resolve/alias.hh"

namespace rec {
namespace {

using dns::RRType;

constexpr std::uint32_t kStaleTtl = 30; // of expired data in answers (RFC 8767 4)

Lookup fromHit(CacheHit hit, LookupKind kind) {
  Lookup lookup;
  lookup.kind = kind;
  lookup.source = hit.stale ? AnswerKind::Stale : AnswerKind::RecordCache;
  lookup.security = hit.security;
  lookup.stale = hit.stale;
  lookup.records.push_back(AgedRRset{std::move(hit.rrset), hit.stale ? kStaleTtl : hit.ttl});
  return lookup;
}

std::optional<Lookup> findCname(const Caches& caches, const dns::Question& question, base::WallTime now,
                                const CachedQuery& query) {
  if (question.type == RRType::CNAME || question.type == RRType::ANY) {
    return std::nullopt;
  }
  auto hit = caches.records.find(question.name, RRType::CNAME, now, query.minimum, query.allowStale);
  const auto target = hit ? dns::readNameRdata(hit->rrset.front()) : std::nullopt;
  if (!target) {
    return std::nullopt;
  }
  Lookup lookup = fromHit(std::move(*hit), LookupKind::Alias);
  lookup.target = *target;
  return lookup;
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
  if (!negative) {
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
    if (!hit) {
      continue;
    }
    const std::uint32_t ttl = hit->stale ? kStaleTtl : hit->ttl;
    Alias alias = followDname(hit->rrset, question.name);
    Lookup lookup = fromHit(std::move(*hit), LookupKind::Alias);
    lookup.target = alias.target;
    lookup.targetTooLong = alias.tooLong;
    if (!alias.tooLong) {
      lookup.records.push_back(AgedRRset{alias.records.back(), ttl});
    }
    return lookup;
  }
  return std::nullopt;
}

std::optional<Lookup> findFailure(const Caches& caches, const dns::Question& question, base::WallTime now) {
  auto errors = caches.failures.find(question.name, question.type, now);
  if (!errors) {
    return std::nullopt;
  }
  Lookup lookup;
  lookup.kind = LookupKind::Failed;
  lookup.source = AnswerKind::CachedFailure;
  lookup.cachedErrors = std::move(*errors);
  return lookup;
}

} // namespace

std::optional<Lookup> findCached(const Caches& caches, const ResolveOptions& options, const dns::Question& question,
                                 base::WallTime now, const CachedQuery& query) {
  if (auto hit = caches.records.find(question.name, question.type, now, query.minimum, query.allowStale)) {
    return fromHit(std::move(*hit), LookupKind::Records);
  }
  if (auto alias = findCname(caches, question, now, query)) {
    return alias;
  }
  if (auto denial = findDenial(caches, options, question, now, query)) {
    return denial;
  }
  if (auto dname = findDname(caches, question, now, query)) {
    return dname;
  }
  return query.failuresToo ? findFailure(caches, question, now) : std::nullopt;
}

} // namespace rec
