// lookup(): deepest known cut -> minimised question -> its servers -> records, alias, no data, no name: done; referral:
// go one zone down; a minimised name more: go one label down.
#include "recursor/resolve/iterator.hh"

#include <algorithm>

#include "lib/dns/rdata.hh"
#include "recursor/resolve/cached.hh"
#include "recursor/resolve/keep.hh"
#include "recursor/resolve/referral.hh"

namespace rec {
namespace {

using dns::RRType;

// A minimised question brought no final answer but the walk can go on: with the next label or with the full name.
enum class OnTheWay : std::uint8_t { Final, NextLabel, FullName };

OnTheWay afterMinimised(const Verdict& verdict, const dns::Name& zone, const ResolveOptions& options) {
  switch (verdict.kind) {
  case VerdictKind::Records:
  case VerdictKind::NoData:
  case VerdictKind::Alias: return OnTheWay::NextLabel;
  case VerdictKind::NxDomain:
    // Servers that deny empty non-terminals are common (RFC 9156 3); the root is believed (root-nx-trust).
    return zone.isRoot() && options.rootNxTrust ? OnTheWay::Final : OnTheWay::FullName;
  default: return OnTheWay::FullName;
  }
}

// The parent answers for DS: a referral to the very name asked means that it has none (RFC 4035 3.1.4.1).
bool refersToDsOwner(const Verdict& verdict, const dns::Question& question) {
  return verdict.kind == VerdictKind::Referral && question.type == RRType::DS && verdict.referral.zone == question.name;
}

// With the proof that came along.
VerdictPtr noData(const dns::Question& question, const Verdict& referral) {
  auto verdict = std::make_shared<Verdict>();
  verdict->kind = VerdictKind::NoData;
  verdict->negative.name = question.name;
  for (const dns::RRset& set : referral.referral.security) {
    if (set.type() != RRType::DS) {
      verdict->negative.proofs.push_back(set);
    }
  }
  verdict->from = referral.from;
  return verdict;
}

// An address look-up ends at the referral to the server's own zone when that comes with the address. It is nobody's
// answer but the look-up's: glue is not cached as data.
LookupPtr glueFor(const Delegation& zone, const dns::Question& question) {
  for (const NameServer& server : zone.servers) {
    const auto fits = [&](const base::Address& address) { return address.isV4() == (question.type == RRType::A); };
    const auto address = std::find_if(server.glue.begin(), server.glue.end(), fits);
    if (server.name == question.name && address != server.glue.end()) {
      auto lookup = std::make_unique<Lookup>();
      lookup->kind = LookupKind::Records;
      lookup->records.push_back(AgedRRset{dns::makeAddressRRset(question.name, 0, *address), 0});
      return lookup;
    }
  }
  return nullptr;
}

} // namespace

Iterator::Iterator(ResolveParts& parts, Asker& asker, TrustChain& trust)
    : d_parts(parts), d_asker(asker), d_trust(trust), d_sharedAsks(parts.loop, parts.roots) {}

void Iterator::note(const Walk& walk, StepKind kind, const dns::Question& question, const dns::Name& zone,
                    std::string detail) const {
  if (!walk.trace) {
    return;
  }
  walk.note({kind, 0, question.name, question.type, zone, {}, std::move(detail), d_parts.loop.now()});
}

coro::Task<LookupPtr> Iterator::lookup(dns::Question question, DelegationPtr start, Walk& walk) {
  DelegationPtr zone = start;
  if (!zone) {
    zone = co_await deepestCut(question, walk);
  }
  if (!zone) {
    walk.failWith(dns::EdeCode::NoReachableAuthority, "no root servers are known and nothing forwards this name");
    co_return std::make_unique<Lookup>();
  }
  note(walk, StepKind::Zone, question, zone->zone, {});
  const Delegation* judged = nullptr;
  Minimiser minimiser(question, d_parts.options->minimise);
  bool fellBack = false; // from minimised names
  for (;;) {
    if (walk.judging.isWanted() && zone.get() != judged && isRefused(*zone, walk)) {
      co_return std::make_unique<Lookup>();
    }
    judged = zone.get();
    const dns::Question shown = minimiser.next(zone->zone);
    const bool full = minimiser.isFull(shown);
    if (const auto known = full ? std::nullopt : knownOnTheWay(shown)) {
      if (*known == LookupKind::NxDomain) {
        minimiser.giveUp(); // denied, yet perhaps by a server that denies empty non-terminals
      }
      continue;
    }
    const std::size_t failuresBefore = walk.failures.size();
    auto found = co_await ask(zone, shown, full, walk);
    if (walk.judging.isRefused()) {
      co_return std::make_unique<Lookup>();
    }
    if (refersToDsOwner(*found, question)) {
      found = noData(question, *found);
    }
    const Verdict& verdict = *found;
    if (verdict.kind == VerdictKind::Referral) {
      const DelegationPtr cut = verdict.entered ? verdict.entered : enter(verdict, zone, walk);
      zone = deepestBelow(cut, question);
      note(walk, StepKind::Referral, question, zone->zone, {});
      if (walk.flight != nullptr) {
        if (auto glue = glueFor(*zone, question)) {
          co_return std::move(glue);
        }
      }
      continue;
    }
    const OnTheWay way = full ? OnTheWay::Final : afterMinimised(verdict, zone->zone, *d_parts.options);
    if (way == OnTheWay::NextLabel) {
      keep(verdict, shown, d_parts);
      continue;
    }
    if (way == OnTheWay::FullName && !walk.work->exhausted() && d_parts.loop.now() < walk.work->deadline) {
      const auto since = walk.failures.begin() + static_cast<std::ptrdiff_t>(failuresBefore);
      const bool allSilent = verdict.kind == VerdictKind::ServerError &&
                             std::all_of(since, walk.failures.end(), [](const ServerFailure& failure) {
                               return failure.kind == FailureKind::Network || failure.kind == FailureKind::NoAddress;
                             });
      if (!allSilent) {
        if (verdict.kind != VerdictKind::ServerError || !minimiser.askForNs()) {
          minimiser.giveUp();
          fellBack = true;
        }
        continue;
      }
    }
    if (fellBack && verdict.kind < VerdictKind::NxDomain) {
      d_parts.counters.add(Metric::QnameMinFallbackSuccess);
    }
    keep(verdict, shown, d_parts, walk.renew != 0);
    if (found.use_count() > 1) {
      found = std::make_shared<Verdict>(*found); // others read it, too
    }
    co_return toLookup(std::move(*found), *d_parts.options);
  }
}

// Names and those addresses that are known; the asker looks at others when it comes to them. Servers that the operator
// named are not judged, nor are those that an address look-up asks.
bool Iterator::isRefused(const Delegation& zone, Walk& walk) const {
  if ((zone.fixed && !zone.zone.isRoot()) || walk.flight != nullptr) {
    return false;
  }
  for (const NameServer& server : zone.servers) {
    if (walk.judging.refuses(server.name)) {
      return true;
    }
  }
  const std::vector<base::Address> known = d_asker.knownAddressesOf(zone);
  return std::any_of(known.begin(), known.end(),
                     [&walk](const base::Address& address) { return walk.judging.refuses(address); });
}

// Minimised questions are merged: a thousand names below a zone need one referral. A shared one looks up no addresses,
// so it can wait for nobody who waits for it; when it fails, each walk goes on with the addresses that it did not have.
coro::Task<VerdictPtr> Iterator::ask(DelegationPtr zone, dns::Question shown, bool full, Walk& walk) {
  Asking asking{zone, shown};
  if (full && SubnetPolicy::mayDepend(shown.type)) {
    asking.subnet = walk.subnet;
  }
  if (!full && d_asker.knowsAddressOf(*zone)) {
    const auto flight = joinShared(asking, walk);
    if (flight->joined > 1) {
      note(walk, StepKind::Merged, shown, zone->zone, {});
    }
    const base::MonoTime deadline = walk.work->deadline;
    const bool landed = co_await coro::GateWait(flight->gate, deadline);
    if (landed && !flight->failed() && flight->value().verdict->kind != VerdictKind::ServerError) {
      co_return flight->value().verdict;
    }
    if (landed && !flight->failed() && !flight->value().limited) {
      asking.without = d_asker.knownAddressesOf(*zone);
      walk.takeFailures(flight->value().failures);
    }
  }
  co_return co_await d_asker.ask(std::move(asking), walk);
}

std::shared_ptr<coro::Flight<Iterator::SharedResult>> Iterator::joinShared(const Asking& asking, const Walk& walk) {
  const SharedKey key{asking.zone->zone, asking.question};
  auto flight = d_sharedAsks.join(key, [&] {
    Asking shared = asking;
    shared.onlyKnown = true;
    return askForAll(std::move(shared), walk.work, walk.trace, walk.depth);
  });
  d_parts.counters.add(Metric::ChainResends, flight->joined > 1 ? 1 : 0);
  return flight;
}

coro::Task<Iterator::SharedResult> Iterator::askForAll(Asking asking, std::shared_ptr<Work> work,
                                                       std::shared_ptr<Trace> trace, unsigned depth) {
  Walk walk;
  walk.work = std::move(work);
  walk.trace = std::move(trace);
  walk.depth = depth;
  walk.dnssecOk = d_parts.options->askDnssec;
  SharedResult result;
  const DelegationPtr zone = asking.zone;
  auto verdict = co_await d_asker.ask(std::move(asking), walk);
  if (verdict->kind == VerdictKind::Referral) {
    verdict->entered = enter(*verdict, zone, walk); // before anybody else can come and ask again
  }
  result.verdict = std::move(verdict);
  result.failures = std::move(walk.failures);
  result.limited = walk.work->exhausted() || walk.crowded;
  co_return result;
}

// A cut found on the way: its delegation for the rest of this walk and, bounded in time, for others: no longer than the
// zone that made it is known to exist (ghost domains). The root goes on existing.
DelegationPtr Iterator::enter(const Verdict& verdict, const DelegationPtr& from, Walk& walk) {
  Delegation delegation = verdict.referral;
  const std::uint32_t ttl =
      std::clamp<std::uint32_t>(verdict.ttl, 1, std::max<std::uint32_t>(1, d_parts.options->maxCacheTtl));
  delegation.expires = d_parts.loop.wall() + std::chrono::seconds(ttl);
  if (!from->fixed && !from->zone.isRoot()) {
    delegation.expires = std::min(delegation.expires, from->expires);
  }
  delegation.securityExpires = delegation.expires;
  for (const dns::RRset& set : delegation.security) {
    delegation.securityExpires =
        std::min(delegation.securityExpires, d_parts.loop.wall() + std::chrono::seconds(set.ttl()));
  }
  d_trust.settle(delegation, walk);
  keepGlue(delegation, ttl, d_parts);
  auto shared = std::make_shared<const Delegation>(std::move(delegation));
  d_parts.caches.delegations.store(shared);
  return shared;
}

// While this walk waited, others may have learned of cuts further down.
DelegationPtr Iterator::deepestBelow(DelegationPtr cut, const dns::Question& question) const {
  const bool above = question.type == RRType::DS && !question.name.isRoot();
  DelegationPtr known = d_parts.caches.delegations.find(question.name, d_parts.loop.wall(), above);
  return known && known->zone.isBelow(cut->zone) ? known : cut;
}

// What the caches already say of a minimised name: it need not be asked for.
std::optional<LookupKind> Iterator::knownOnTheWay(const dns::Question& shown) const {
  CachedQuery query;
  query.failuresToo = false;
  const auto known = findCached(d_parts.caches, *d_parts.options, shown, d_parts.loop.wall(), query);
  return known ? std::optional(known->kind) : std::nullopt;
}

coro::Task<DelegationPtr> Iterator::deepestCut(dns::Question question, Walk& walk) {
  const bool above = question.type == RRType::DS && !question.name.isRoot();
  DelegationPtr cut = d_parts.caches.delegations.find(question.name, d_parts.loop.wall(), above);
  if (cut) {
    co_return cut;
  }
  co_return co_await rootServers(walk);
}

} // namespace rec
