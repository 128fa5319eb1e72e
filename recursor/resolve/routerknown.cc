// What the router knows without asking anybody: local data and caches, for one link or a whole chain. Never waits.
#include <algorithm>

#include "lib/dns/rdata.hh"
#include "recursor/resolve/router.hh"

namespace rec {

std::optional<Lookup> Router::findLocal(const dns::Question& question) const {
  auto local = d_localZones->answer(question, true);
  if (!local || local->cut) {
    return std::nullopt; // below a cut in a local zone: askServers() begins there
  }
  Lookup lookup;
  lookup.source = AnswerKind::Local;
  lookup.authoritative = true;
  lookup.records = std::move(local->outcome.answer);
  const auto isWanted = [&](const AgedRRset& set) {
    return question.type == dns::RRType::ANY || set.rrset.type() == question.type;
  };
  if (local->chase) {
    lookup.kind = LookupKind::Alias;
    lookup.target = *local->chase;
    return lookup;
  }
  if (local->outcome.rcode == dns::RCode::NXDomain) {
    lookup.kind = LookupKind::NxDomain;
  } else if (local->outcome.rcode == dns::RCode::YXDomain) {
    lookup.kind = LookupKind::Alias;
    lookup.targetTooLong = true;
  } else {
    const bool found = !lookup.records.empty() && isWanted(lookup.records.back());
    lookup.kind = found ? LookupKind::Records : LookupKind::NoData;
  }
  for (AgedRRset& set : local->outcome.authority) {
    if (set.rrset.type() == dns::RRType::SOA) {
      lookup.negative.soa = set.rrset;
      lookup.negative.ttl = set.ttl;
    }
  }
  return lookup;
}

std::optional<Lookup> Router::findWithoutAsking(const dns::Question& question, const CachedQuery& query) const {
  if (auto local = findLocal(question)) {
    return local;
  }
  return findCached(d_parts.caches, *d_parts.options, question, d_parts.loop.wall(), query);
}

CachedQuery Router::queryFor(const Request& request) {
  CachedQuery query;
  query.allowStale = request.allowStale;
  query.renew = request.renew;
  query.failuresToo = !request.allowStale;
  query.acceptBogus = request.checking != Checking::Enforce;
  query.minimum = request.authoritativeOnly ? Rank::AnswerAuth : query.minimum;
  query.subnet = request.subnet ? &*request.subnet : nullptr;
  return query;
}

// What is cached came from servers about which a policy may say something by now.
bool Router::isRefused(const dns::Question& question, Judging& judging) const {
  const ForwardRule* rule = d_parts.options->forwards.find(question);
  if (rule != nullptr || findLocal(question)) {
    return false;
  }
  const bool above = question.type == dns::RRType::DS && !question.name.isRoot();
  const DelegationPtr zone = d_parts.caches.delegations.find(question.name, d_parts.loop.wall(), above);
  if (!zone) {
    return false;
  }
  for (const NameServer& server : zone->servers) {
    if (judging.refuses(server.name)) {
      return true;
    }
  }
  const std::vector<base::Address> known = d_asker.knownAddressesOf(*zone);
  return std::any_of(known.begin(), known.end(),
                     [&judging](const base::Address& address) { return judging.refuses(address); });
}

// The sets of all questions are loaded at a time, instead of one after the other while each is answered.
void Router::prefetch(std::span<const Expected> questions) {
  const RecordCache& records = d_parts.caches.records;
  d_places.clear();
  for (const Expected& question : questions) {
    d_places.push_back(records.prefetch(question.name, question.type));
  }
  for (const std::size_t place : d_places) {
    records.prefetchSet(place);
  }
}

// What most links are: records or an alias in the record cache, fresh, for everybody, without a proof beside them. The
// same as findWithoutAsking() and Chain::add() would make of them, in fewer steps.
Router::Plain Router::takePlain(Chain& chain, const CachedQuery& query, Checking checking) const {
  const dns::Question& wanted = chain.wanted();
  const dns::RRType type = wanted.type;
  if (query.subnet != nullptr || query.renew != 0 || d_localZones->holds(wanted)) {
    return Plain::NotPlain;
  }
  const base::WallTime now = d_parts.loop.wall();
  RecordCache& records = d_parts.caches.records;
  auto hit = records.find(wanted.name, type, now, query.minimum);
  const bool isAlias = !hit && type != dns::RRType::CNAME && type != dns::RRType::ANY;
  if (isAlias) {
    hit = records.find(wanted.name, dns::RRType::CNAME, now, query.minimum);
  }
  if (!hit) {
    return query.allowStale ? Plain::NotPlain : Plain::NotThere;
  }
  if ((hit->security == Security::Bogus && !query.acceptBogus) || isFromWildcard(hit->rrset)) {
    return Plain::NotPlain;
  }
  if (checking != Checking::None && hit->security == Security::Indeterminate) {
    return Plain::Unfit;
  }
  if (!isAlias) {
    chain.addRecords(std::move(*hit));
    return Plain::Records;
  }
  const auto target = dns::readNameRdata(hit->rrset.front());
  if (!target) {
    return Plain::NotPlain;
  }
  return chain.addAlias(std::move(*hit), *target) ? Plain::Alias : Plain::Unfit;
}

// All links of the chain from local data and caches.
std::optional<Outcome> Router::knownChain(const Request& request) {
  Chain chain = begin(request);
  CachedQuery query = queryFor(request);
  Judging judging(request.judge);
  d_foundNothing = false;
  for (bool first = true;; first = false) {
    if (judging.isWanted() && isRefused(chain.wanted(), judging)) {
      Outcome outcome = chain.take();
      outcome.servers = judging.verdict();
      return outcome;
    }
    if (!chain.broken().empty()) {
      return std::nullopt; // resolve() explains it
    }
    const Plain plain = takePlain(chain, query, request.checking);
    if (plain == Plain::Records) {
      return endKnown(chain, judging);
    }
    if (plain == Plain::Alias) {
      continue;
    }
    query.noRecords = plain == Plain::NotThere;
    auto lookup = plain != Plain::Unfit ? findWithoutAsking(chain.wanted(), query) : std::nullopt;
    d_foundNothing = first && !lookup && plain != Plain::Unfit;
    if (!lookup || (request.checking != Checking::None && wantsValidation(*lookup))) {
      return std::nullopt;
    }
    if (!chain.add(std::move(*lookup))) {
      return chain.broken().empty() ? endKnown(chain, judging) : std::nullopt;
    }
  }
}

std::optional<Outcome> Router::endKnown(Chain& chain, const Judging& judging) {
  std::optional<Outcome> known(chain.take());
  Outcome& outcome = *known;
  d_parts.counters.add(Metric::EcsCacheHits, outcome.scope ? 1 : 0);
  outcome.servers = judging.verdict();
  if (outcome.kind == AnswerKind::CachedFailure) {
    d_parts.counters.add(Metric::FailureCacheHits);
    outcome.errors.push_back({dns::EdeCode::CachedError, {}});
  }
  if (outcome.kind == AnswerKind::Stale) {
    const bool nxdomain = outcome.rcode == dns::RCode::NXDomain;
    outcome.errors.push_back({nxdomain ? dns::EdeCode::StaleNxdomain : dns::EdeCode::StaleAnswer, {}});
  }
  return known;
}

} // namespace rec
