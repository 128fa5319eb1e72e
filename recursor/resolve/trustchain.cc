// of(): known? -> build(): waived or no anchor: insecure -> the anchor's own zone: its keys -> a referral that was
// seen: what it says of DS -> otherwise the parent is asked for DS. A DS leads to the zone's keys, its proven absence
// to insecurity, "no cut here" to the zone around it.
#include "recursor/resolve/trustchain.hh"

#include <algorithm>

#include "recursor/resolve/anotherserver.hh"
#include "recursor/resolve/bogus.hh"

namespace rec {
namespace {

using dns::RRType;
using dnssec::Fault;
using dnssec::Finding;

constexpr std::uint32_t kBogusTtl = 30;         // seconds that a zone is believed bogus
constexpr std::uint32_t kLongestTrust = 86400;  // and anything else, at most
constexpr std::uint32_t kAnchorTtl = 3600;      // what an anchor says, until it is looked at again
constexpr std::chrono::milliseconds kGrace{50}; // a flight whose time is over explains itself better than who waits
constexpr base::WallTime kUnkept{};             // expiry of a verdict that another server may yet change

ZoneTrustPtr unkept(ZoneTrust trust) { return std::make_shared<const ZoneTrust>(std::move(trust)); }

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

// By the referral that made the cut known; null when it says nothing that can be used.
coro::Task<ZoneTrustPtr> TrustChain::fromCut(DelegationPtr cut, Walk& walk) {
  dns::Name parent = *cut->parent;
  auto above = co_await of(parent, walk);
  if (above->security != Security::Secure) {
    co_return inherit(cut->zone, above, walk);
  }
  auto says = above->zone == parent ? d_proofs.ofReferral(*cut, *above, walk) : std::nullopt;
  if (!says) {
    co_return nullptr;
  }
  if (says->trust.security == Security::Insecure) {
    co_return keep(std::move(says->trust), says->ttl, walk);
  }
  dns::Name zone = cut->zone;
  dns::RRset ds = cut->security.front();
  co_return co_await fromKeys(zone, ds, says->ttl, walk);
}

DelegationPtr TrustChain::cutAt(const dns::Name& zone) const {
  DelegationPtr cut = d_parts.caches.delegations.find(zone, d_parts.loop.wall());
  return cut && cut->zone == zone ? cut : nullptr;
}

void TrustChain::settle(Delegation& cut, Walk& walk) {
  if (!d_parts.options->validates || cut.security.empty() || !cut.parent || cut.security.front().type() == RRType::DS) {
    return;
  }
  walk.epoch = d_parts.caches.trusts.epoch();
  const base::WallTime now = d_parts.loop.wall();
  const dns::RRset* anchor = d_anchors.current().anchorFor(cut.zone, now);
  const auto above = d_parts.caches.trusts.find(*cut.parent, now);
  if (!above || anchor == nullptr || !cut.parent->isWithin(anchor->owner())) {
    return;
  }
  if (above->security == Security::Insecure) {
    cut.security.clear();
  }
  if (above->security != Security::Secure) {
    return;
  }
  if (auto says = d_proofs.ofReferral(cut, *above, walk)) {
    static_cast<void>(keep(std::move(says->trust), says->ttl, walk));
    cut.security.clear();
  }
}

// Asks the zone above for DS, and another server of it when the answer is bad.
coro::Task<ZoneTrustPtr> TrustChain::fromParent(dns::Name zone, Walk& walk) {
  Walk inner = stepInto(walk);
  ZoneTrustPtr trust;
  for (;;) {
    const dns::Question question{zone, RRType::DS, dns::RRClass::IN};
    auto answer = co_await d_lookups.lookup(question, inner);
    if (answer.kind == LookupKind::Failed) {
      if (trust) {
        break; // there is nobody else to ask: the first verdict stands
      }
      ZoneTrust failed = ZoneTrust::bogus(zone, {});
      failed.errors = answer.errors.empty() ? inner.explain() : answer.errors;
      co_return keep(std::move(failed), kBogusTtl, inner);
    }
    const AnswerSource from = answer.from;
    trust = co_await fromDsAnswer(zone, std::move(answer), walk);
    const bool bad = trust->expires == kUnkept && mayBeServersFault(trust->finding);
    if (!bad || !tryAnother(inner, from, d_parts)) {
      break;
    }
  }
  if (trust->expires == kUnkept) {
    trust = keep(ZoneTrust(*trust), kBogusTtl, walk);
  }
  co_return trust;
}

coro::Task<ZoneTrustPtr> TrustChain::fromDsAnswer(dns::Name zone, Lookup answer, Walk& walk) {
  const bool isDenial = answer.kind == LookupKind::NoData || answer.kind == LookupKind::NxDomain;
  auto signer = isDenial ? signerOf(answer.negative) : dnssec::signerOf(answer.records.front().rrset);
  const dns::RRset* anchor = d_anchors.current().anchorFor(zone, d_parts.loop.wall());
  const bool isOutside = signer && anchor != nullptr && !signer->isWithin(anchor->owner());
  if (signer && (isOutside || !zone.isBelow(*signer))) {
    signer.reset(); // the zone itself has no say in its DS, nor has who is above the anchor
  }
  ZoneTrustPtr above;
  if (signer) {
    dns::Name who = *signer;
    above = co_await of(who, walk);
  } else {
    dns::Name parent = zone.parent();
    above = co_await enclosing(parent, walk);
  }
  if (above->security != Security::Secure) {
    co_return inherit(zone, above, walk);
  }
  if (isDenial) {
    auto says = d_proofs.ofDsDenial(zone, answer.negative, *above, walk);
    switch (says.trust.security) {
    case Security::Secure: co_return above;
    case Security::Insecure: co_return keep(std::move(says.trust), says.ttl, walk);
    default: co_return unkept(std::move(says.trust));
    }
  }
  const dns::RRset set = answer.records.front().rrset;
  const auto verdict = d_proofs.verify(set, *above, walk);
  if (!verdict.secure()) {
    co_return unkept(ZoneTrust::bogus(zone, verdict.finding));
  }
  if (set.type() != RRType::DS) {
    co_return above; // an alias: no zone begins here
  }
  const std::uint32_t ttl = std::min(verdict.ttl, answer.records.front().ttl);
  co_return co_await fromKeys(zone, set, ttl, walk);
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
    if (answer.kind == LookupKind::Failed) {
      if (finding) {
        break;
      }
      ZoneTrust failed = ZoneTrust::bogus(zone, {});
      failed.errors = answer.errors.empty() ? inner.explain() : answer.errors;
      co_return keep(std::move(failed), kBogusTtl, inner);
    }
    const dns::RRset keys = answer.kind == LookupKind::Records ? answer.records.front().rrset : dns::RRset();
    auto verdict = dnssec::verifyKeySet(keys, ds, policy, d_parts.loop.wall(), walk.work->effort, &d_parts.memo);
    if (!dnssec::isBogus(verdict.finding.fault)) {
      ZoneTrust trust = ZoneTrust::insecure(zone, verdict.finding);
      trust.security = verdict.finding ? Security::Insecure : Security::Secure;
      trust.keys = std::move(verdict.keys);
      const std::uint32_t left = answer.records.empty() ? ttl : answer.records.front().ttl;
      co_return keep(std::move(trust), std::min({ttl, verdict.ttl, left}), walk);
    }
    finding = std::move(verdict.finding);
    const AnswerSource from = answer.from;
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
