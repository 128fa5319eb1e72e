// followTrust(): for each link, from its anchor down, each name at which a zone begins: its trust (cached or concluded
// now), the DS or its denial at the parent, the keys. The way ends at the first zone that is not secure.
#include "recursor/resolve/explainer.hh"

#include <algorithm>

#include "lib/dnssec/denial.hh"

namespace rec {
namespace {

using dns::RRType;

bool isDenial(const Lookup& found) { return found.kind == LookupKind::NoData || found.kind == LookupKind::NxDomain; }

// No server of its zone gave anything: it is not worth asking them for keys as well.
bool isUnanswered(const Lookup& found) { return found.kind == LookupKind::Failed && found.security != Security::Bogus; }

std::optional<dns::Name> signerOf(const Lookup& found) {
  const auto first = [](const auto& sets, const auto& of) {
    std::optional<dns::Name> signer;
    for (auto set = sets.begin(); !signer && set != sets.end(); ++set) {
      signer = of(*set);
    }
    return signer;
  };
  if (!isDenial(found)) {
    return first(found.records, [](const AgedRRset& set) { return dnssec::signerOf(set.rrset); });
  }
  const auto signer = found.negative.soa ? dnssec::signerOf(found.negative.soa) : std::nullopt;
  return signer ? signer : first(found.negative.proofs, [](const dns::RRset& set) { return dnssec::signerOf(set); });
}

// The deepest positive anchor at or above the name, whatever is waived below it.
const dns::RRset* anchorAbove(const AnchorSnapshot& anchors, const dns::Name& name) {
  const dns::RRset* deepest = nullptr;
  for (const auto& [zone, ds] : anchors.positive) {
    if (name.isWithin(zone) && (deepest == nullptr || zone.isBelow(deepest->owner()))) {
      deepest = &ds;
    }
  }
  return deepest;
}

} // namespace

void Explanation::add(const dns::Question& asked, const Lookup& found) {
  ExplainedLink link{asked, found, std::move(verdict.finding), verdict.isWaived, std::nullopt, {}};
  verdict = {};
  links.push_back(std::move(link));
}

coro::Task<void> Explainer::followTrust(Explanation& explanation, base::MonoTime deadline) {
  for (ExplainedLink& link : explanation.links) {
    Walk walk;
    walk.work = std::make_shared<Work>(d_parts.options->limits);
    walk.work->deadline = deadline;
    co_await followLink(link, walk);
  }
}

coro::Task<void> Explainer::followLink(ExplainedLink& link, Walk& walk) {
  if (link.found.source == AnswerKind::Local) {
    co_return;
  }
  const bool isParents = link.question.type == RRType::DS && !link.question.name.isRoot();
  const dns::Name name = isParents ? link.question.name.parent() : link.question.name;
  const base::WallTime now = d_parts.loop.wall();
  const TrustAnchors::Snapshot anchors = d_parts.anchors.snapshot();
  if (const auto* waiver = anchors->waivedBy(link.question.name, now)) {
    link.waiver = *waiver;
  }
  const dns::RRset* anchor = anchorAbove(*anchors, name);
  if (anchor == nullptr) {
    co_return;
  }
  const DelegationPtr deepest = d_parts.caches.delegations.find(name, now);
  for (std::size_t labels = anchor->owner().labelCount(); labels <= name.labelCount(); ++labels) {
    dns::Name zone = name.suffix(labels);
    const bool isTop = labels == anchor->owner().labelCount();
    if (!isTop && !beginsZone(zone, link)) {
      continue;
    }
    const bool isSilent = isUnanswered(link.found) && deepest && deepest->zone == zone;
    co_await addZone(link, zone, isSilent, walk);
    ExplainedZone& added = link.zones.back();
    added.anchor = isTop ? *anchor : dns::RRset();
    if (!added.trust || added.trust->security != Security::Secure) {
      break;
    }
  }
}

bool Explainer::beginsZone(const dns::Name& name, const ExplainedLink& link) const {
  const auto known = d_parts.caches.trusts.find(name, d_parts.loop.wall());
  const bool isWaiver = link.waiver && link.waiver->first == name;
  return (known && known->zone == name) || cutAt(name) || isWaiver || signerOf(link.found) == name;
}

DelegationPtr Explainer::cutAt(const dns::Name& zone) const {
  DelegationPtr cut = d_parts.caches.delegations.find(zone, d_parts.loop.wall());
  return cut && cut->zone == zone ? cut : nullptr;
}

coro::Task<void> Explainer::addZone(ExplainedLink& link, dns::Name zone, bool isSilent, Walk& walk) {
  ExplainedZone added;
  added.zone = zone;
  const bool isTop = link.zones.empty();
  ZoneTrustPtr above = isTop ? nullptr : link.zones.back().trust;
  if (!isSilent) {
    auto trust = co_await d_chain.of(zone, walk);
    added.trust = std::move(trust);
  }
  const bool isWaived = added.trust && added.trust->waived;
  if (!isTop && !isWaived) {
    co_await findDs(added, above, walk);
  }
  if (added.trust && !isWaived && (added.ds || isTop) && added.trust->errors.empty()) {
    co_await findKeys(added, walk);
  }
  link.zones.push_back(std::move(added));
}

// What the referral said is at hand; what was concluded of it may have made it superfluous.
coro::Task<void> Explainer::findDs(ExplainedZone& zone, ZoneTrustPtr above, Walk& walk) {
  const DelegationPtr cut = cutAt(zone.zone);
  if (cut && !cut->security.empty() && cut->security.front().type() == RRType::DS) {
    zone.ds = cut->security.front();
    co_return;
  }
  if (!above) {
    co_return;
  }
  const dns::Question question{zone.zone, RRType::DS, dns::RRClass::IN};
  const auto answer = co_await d_lookups.lookup(question, walk);
  takeDs(zone, *answer, *above, walk);
}

void Explainer::takeDs(ExplainedZone& zone, const Lookup& answer, const ZoneTrust& above, Walk& walk) const {
  if (answer.kind == LookupKind::Records && answer.records.front().rrset.type() == RRType::DS) {
    zone.ds = answer.records.front().rrset;
  }
  if (!isDenial(answer)) {
    return;
  }
  zone.proofs = d_chain.proofs().verifyAll(answer.negative.proofs, above, walk).sets;
  const dnssec::DenialRecords records{above.zone, zone.proofs};
  zone.denial = dnssec::proveNoDs(records, zone.zone, d_parts.options->validation.denials, walk.work->effort);
}

coro::Task<void> Explainer::findKeys(ExplainedZone& zone, Walk& walk) {
  const dns::Question question{zone.zone, RRType::DNSKEY, dns::RRClass::IN};
  const auto answer = co_await d_lookups.lookup(question, walk);
  const bool isIt = answer->kind == LookupKind::Records && answer->records.front().rrset.type() == RRType::DNSKEY;
  if (isIt) {
    zone.keys = answer->records.front().rrset;
  }
}

} // namespace rec
