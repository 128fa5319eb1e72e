// TrustChain: what is said of DS at a zone's parent, by the referral that was seen or, asked for, in an answer.
// ZoneProofs judges it; here is decided who is asked, whom the signatures must be of, and what is kept.
#include <algorithm>

#include "recursor/resolve/anotherserver.hh"
#include "recursor/resolve/bogus.hh"
#include "recursor/resolve/trustchain.hh"

namespace rec {
namespace {

using dns::RRType;

constexpr base::WallTime kUnkept{}; // expiry of a verdict that another server may yet change

ZoneTrustPtr unkept(ZoneTrust trust) { return std::make_shared<const ZoneTrust>(std::move(trust)); }

} // namespace

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
    if (answer->kind == LookupKind::Failed) {
      if (trust) {
        break; // there is nobody else to ask: the first verdict stands
      }
      co_return keepFailure(zone, *answer, inner);
    }
    const AnswerSource from = answer->from;
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

coro::Task<ZoneTrustPtr> TrustChain::fromDsAnswer(dns::Name zone, LookupPtr answer, Walk& walk) {
  const bool isDenial = answer->kind == LookupKind::NoData || answer->kind == LookupKind::NxDomain;
  auto signer = isDenial ? signerOf(answer->negative) : dnssec::signerOf(answer->records.front().rrset);
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
    auto says = d_proofs.ofDsDenial(zone, answer->negative, *above, walk);
    switch (says.trust.security) {
    case Security::Secure: co_return above;
    case Security::Insecure: co_return keep(std::move(says.trust), says.ttl, walk);
    default: co_return unkept(std::move(says.trust));
    }
  }
  const dns::RRset set = answer->records.front().rrset;
  const auto verdict = d_proofs.verify(set, *above, walk);
  if (!verdict.secure()) {
    co_return unkept(ZoneTrust::bogus(zone, verdict.finding));
  }
  if (set.type() != RRType::DS) {
    co_return above; // an alias: no zone begins here
  }
  const std::uint32_t ttl = std::min(verdict.ttl, answer->records.front().ttl);
  co_return co_await fromKeys(zone, set, ttl, walk);
}

} // namespace rec
