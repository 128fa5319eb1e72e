// of(): known? -> build(): waived or no anchor: insecure -> the anchor's own zone: its keys -> otherwise what is said
// of DS at the parent (trustchainds.cc). A DS leads to the zone's keys, its proven absence to insecurity, "no cut here"
// to the zone around it.
#include "recursor/resolve/trustchain.hh"

#include <algorithm>

#include "recursor/resolve/anotherserver.hh"
#include "recursor/resolve/bogus.hh"

namespace rec {
namespace {

using dns::RRType;
using dnssec::Fault;
using dnssec::Finding;

constexpr std::uint32_t kLongestTrust = 86400;  // seconds that anything is believed at most
constexpr std::uint32_t kAnchorTtl = 3600;      // what an anchor says, until it is looked at again
constexpr std::chrono::milliseconds kGrace{50}; // a flight whose time is over explains itself better than who waits

} // namespace

TrustChain::TrustChain(ResolveParts& parts, Lookups& lookups)
    : d_parts(parts), d_lookups(lookups), d_proofs(parts), d_anchors(parts.anchors),
      d_flights(parts.loop, parts.roots) {}

Walk TrustChain::stepInto(const Walk& walk) const {
  Walk inner;
  inner.work = walk.work;
  inner.trace = walk.trace;
  inner.depth = walk.depth + 1;
  inner.epoch = walk.epoch;
  return inner;
}

void TrustChain::note(const Walk& walk, const ZoneTrust& trust) const {
  if (!walk.trace) {
    return;
  }
  std::string keys;
  for (const dnssec::ZoneKey& key : trust.keys.keys) {
    keys += ", key " + std::to_string(key.tag) + " (" + dnssec::text(key.algorithm) + ")";
  }
  std::string detail = verdictText(trust.security, trust.waived, trust.finding, trust.errors) + keys;
  walk.note({StepKind::Trust, 0, trust.zone, RRType::DNSKEY, trust.zone, {}, std::move(detail), d_parts.loop.now()});
}

ZoneTrustPtr TrustChain::keep(ZoneTrust trust, std::uint32_t ttl, const Walk& walk) const {
  trust.expires = d_parts.loop.wall() + std::chrono::seconds(std::clamp<std::uint32_t>(ttl, 1, kLongestTrust));
  // What ended at the limits of one client's question is nobody else's business.
  const bool limited = trust.finding.fault == Fault::WorkLimit || walk.work->effort.exceeded() ||
                       walk.work->exhausted() || walk.limited || d_parts.loop.now() >= walk.work->deadline;
  trust.limited = trust.security == Security::Bogus && (trust.limited || limited);
  auto shared = std::make_shared<const ZoneTrust>(std::move(trust));
  note(walk, *shared);
  if (!shared->limited) {
    d_parts.caches.trusts.store(shared, walk.epoch);
  }
  return shared;
}

ZoneTrustPtr TrustChain::keepFailure(const dns::Name& zone, const Lookup& answer, const Walk& walk) const {
  ZoneTrust failed = ZoneTrust::bogus(zone, {});
  failed.errors = answer.errors.empty() ? walk.explain() : answer.errors;
  return keep(std::move(failed), kBogusTtl, walk);
}

// Below an insecure or bogus zone all is as it is.
ZoneTrustPtr TrustChain::inherit(const dns::Name& zone, const ZoneTrustPtr& above, const Walk& walk) const {
  ZoneTrust trust = *above;
  trust.zone = zone;
  return keep(std::move(trust), secondsLeft(above->expires), walk);
}

std::uint32_t TrustChain::secondsLeft(base::WallTime until) const {
  const std::int64_t left = (until - d_parts.loop.wall()).count();
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(left, 1, kLongestTrust));
}

coro::Task<ZoneTrustPtr> TrustChain::of(dns::Name zone, Walk& walk) {
  for (bool ended = false; !ended;) {
    if (auto known = d_parts.caches.trusts.find(zone, d_parts.loop.wall())) {
      co_return known;
    }
    const auto flight = d_flights.join(zone, [&] { return build(zone, walk.work, walk.trace, walk.depth); });
    const bool own = flight->joined == 1;
    const base::MonoTime deadline = walk.work->deadline + kGrace;
    const bool landed = co_await coro::GateWait(flight->gate, deadline);
    ended = !landed || flight->failed();
    // The limits of whoever began it are not those of the others who wait: these go on with what they have left.
    if (!ended && (own || !flight->value()->limited)) {
      co_return flight->value();
    }
  }
  ZoneTrust late = ZoneTrust::bogus(zone, {});
  late.limited = true;
  late.errors.push_back({dns::EdeCode::NetworkError, "the keys of " + zone.text() + " could not be had in time"});
  co_return std::make_shared<const ZoneTrust>(std::move(late));
}

coro::Task<ZoneTrustPtr> TrustChain::build(dns::Name zone, std::shared_ptr<Work> work, std::shared_ptr<Trace> trace,
                                           unsigned depth) {
  Walk walk;
  walk.work = std::move(work);
  walk.trace = std::move(trace);
  walk.depth = depth;
  walk.epoch = d_parts.caches.trusts.epoch(); // before the anchors are looked at: they change first
  const base::WallTime now = d_parts.loop.wall();
  const TrustAnchors::Snapshot snapshot = d_parts.anchors.snapshot();
  if (const auto* waiver = snapshot->waivedBy(zone, now)) {
    ZoneTrust trust = ZoneTrust::insecure(zone);
    trust.waived = true;
    const auto until = waiver->second.until;
    co_return keep(std::move(trust), until ? std::min(kAnchorTtl, secondsLeft(*until)) : kAnchorTtl, walk);
  }
  const dns::RRset* anchor = snapshot->anchorFor(zone, now);
  if (anchor == nullptr) {
    co_return keep(ZoneTrust::insecure(zone), kAnchorTtl, walk);
  }
  if (anchor->ownerIs(zone)) {
    const dns::RRset ds = *anchor;
    co_return co_await fromKeys(zone, ds, kLongestTrust, walk);
  }
  DelegationPtr cut = cutAt(zone);
  if (cut && cut->parent && cut->parent->isWithin(anchor->owner())) {
    auto trust = co_await fromCut(cut, walk);
    if (trust) {
      co_return trust;
    }
  }
  co_return co_await fromParent(zone, walk);
}

DelegationPtr TrustChain::cutAt(const dns::Name& zone) const {
  DelegationPtr cut = d_parts.caches.delegations.find(zone, d_parts.loop.wall());
  return cut && cut->zone == zone ? cut : nullptr;
}

// The zone's DNSKEY set, checked against `ds`; another server is asked when one gave a bad one.
coro::Task<ZoneTrustPtr> TrustChain::fromKeys(dns::Name zone, dns::RRset ds, std::uint32_t ttl, Walk& walk) {
  const dnssec::SignaturePolicy& policy = d_parts.options->validation.signatures;
  if (Finding unusable = dnssec::usableDs(ds, policy)) {
    co_return keep(ZoneTrust::insecure(zone, std::move(unusable)), ttl, walk);
  }
  Walk inner = stepInto(walk);
  Finding finding;
  for (;;) {
    const dns::Question question{zone, RRType::DNSKEY, dns::RRClass::IN};
    auto answer = co_await d_lookups.lookup(question, inner);
    if (answer->kind == LookupKind::Failed) {
      if (finding) {
        break;
      }
      co_return keepFailure(zone, *answer, inner);
    }
    const dns::RRset keys = answer->kind == LookupKind::Records ? answer->records.front().rrset : dns::RRset();
    auto verdict = dnssec::verifyKeySet(keys, ds, policy, d_parts.loop.wall(), walk.work->effort, &d_parts.memo);
    if (!dnssec::isBogus(verdict.finding.fault)) {
      ZoneTrust trust = ZoneTrust::insecure(zone, verdict.finding);
      trust.security = verdict.finding ? Security::Insecure : Security::Secure;
      trust.keys = std::move(verdict.keys);
      const std::uint32_t left = answer->records.empty() ? ttl : answer->records.front().ttl;
      co_return keep(std::move(trust), std::min({ttl, verdict.ttl, left}), walk);
    }
    finding = std::move(verdict.finding);
    const AnswerSource from = answer->from;
    if (!mayBeServersFault(finding) || !tryAnother(inner, from, d_parts)) {
      break;
    }
  }
  co_return keep(ZoneTrust::bogus(zone, std::move(finding)), kBogusTtl, walk);
}

coro::Task<ZoneTrustPtr> TrustChain::enclosing(dns::Name name, Walk& walk) {
  const dns::RRset* anchor = d_anchors.current().anchorFor(name, d_parts.loop.wall());
  ZoneTrustPtr trust = d_parts.caches.trusts.deepest(name, d_parts.loop.wall());
  if (!trust || (anchor != nullptr && anchor->owner().isBelow(trust->zone))) {
    dns::Name begin = anchor != nullptr ? anchor->owner() : name;
    trust = co_await of(begin, walk);
  }
  if (const DelegationPtr cut = d_parts.caches.delegations.find(name, d_parts.loop.wall());
      trust->security == Security::Secure && cut && !cut->fixed && cut->zone.isBelow(trust->zone)) {
    dns::Name zone = cut->zone;
    trust = co_await of(zone, walk);
  }
  // Cuts that nobody referred to: parent and child on the same servers, or a forwarder in between.
  for (std::size_t labels = trust->zone.labelCount() + 1; labels <= name.labelCount(); ++labels) {
    if (trust->security != Security::Secure) {
      break;
    }
    dns::Name zone = name.suffix(labels);
    trust = co_await of(zone, walk);
  }
  co_return trust;
}

} // namespace rec
