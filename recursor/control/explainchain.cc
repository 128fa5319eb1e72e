// Rows of zones (zoneReasons), of records (addRecords) and denials (addDenial); one paragraph for each alias.
#include "recursor/control/explainchain.hh"

#include <algorithm>
#include <set>

#include "recursor/control/explainfacts.hh"
#include "recursor/control/textrows.hh"

namespace rec {
namespace {

using Reasons = std::vector<std::string>;

constexpr std::size_t kNarrowest = 10, kWidest = 28; // the column of names

// ---- zones

// No record of the delegation itself: it lies in a gap that unsigned delegations may be in (RFC 5155 6).
bool isOptOut(const std::vector<dns::RRset>& proofs) {
  return std::ranges::none_of(proofs, [](const dns::RRset& set) {
    const auto nsec3 = set.type() == dns::RRType::NSEC3 ? dnssec::readNsec3(set.front()) : std::nullopt;
    return !nsec3 || (nsec3->types.has(dns::RRType::NS) && !nsec3->types.has(dns::RRType::SOA));
  });
}

std::string denialReason(const ExplainedZone& zone) {
  if (zone.proofs.empty()) {
    return "no DS was had";
  }
  switch (zone.denial) {
  case dnssec::Denial::Insecure:
  case dnssec::Denial::InsecureCut:
    return isOptOut(zone.proofs) ? "because its parent has no DS, within what NSEC3 opt-out leaves open:"
                                 : "because its parent has no DS, as proven by";
  case dnssec::Denial::TooManyIterations: return "because its parent's NSEC3 records have too many iterations:";
  case dnssec::Denial::WorkLimit: return "proving that it has no DS would have been too much work:";
  case dnssec::Denial::Proven:
  case dnssec::Denial::Missing:
  case dnssec::Denial::Invalid: break;
  }
  return "its parent has no DS, but that is not proven by";
}

bool isTrusted(const ZoneTrust& trust, const dnssec::Rrsig& signature) {
  return std::ranges::any_of(trust.keys.keys, [&](const dnssec::ZoneKey& key) { return key.tag == signature.tag; });
}

std::string keysReason(const ExplainedZone& zone, base::WallTime now) {
  const std::string text = "-> keys " + keysText(zone.keys);
  const auto signatures = inForceFirst(zone.keys, now);
  const bool isSecure = zone.trust->security == Security::Secure;
  const auto used = std::ranges::find_if(
      signatures, [&](const dnssec::Rrsig& signature) { return !isSecure || isTrusted(*zone.trust, signature); });
  if (used == signatures.end()) {
    return text + ", not signed";
  }
  return text + ", signed by " + std::to_string(used->tag) + " " + untilText(*used, now);
}

Reasons waiverReasons(const ExplainedLink& link) {
  const std::string reason = link.waiver ? link.waiver->second.reason : std::string();
  return {"because of a negative trust anchor" + (reason.empty() ? "" : ": " + reason)};
}

void addProofs(Reasons& reasons, const std::vector<dns::RRset>& proofs) {
  for (const dns::RRset& proof : proofs) {
    reasons.push_back("  " + proofText(proof));
  }
}

Reasons zoneReasons(const ExplainedZone& zone, const ExplainedLink& link, base::WallTime now) {
  if (zone.trust && zone.trust->waived) {
    return waiverReasons(link);
  }
  Reasons reasons;
  if (zone.anchor) {
    reasons.push_back("trust anchor " + dsText(zone.anchor));
  } else {
    reasons.push_back(zone.ds ? "DS " + dsText(zone.ds) : denialReason(zone));
  }
  addProofs(reasons, zone.proofs);
  if (!zone.trust) {
    reasons.emplace_back("none of its servers answers");
    return reasons;
  }
  if (zone.keys) {
    reasons.push_back(keysReason(zone, now));
  }
  if (zone.trust->finding) {
    reasons.push_back("because " + dnssec::text(zone.trust->finding));
  }
  for (const dns::ExtendedError& error : zone.trust->errors) {
    reasons.push_back("because " + error.text);
  }
  return reasons;
}

std::string verdictOf(const ExplainedZone& zone) {
  const bool isUnsigned = zone.denial == dnssec::Denial::InsecureCut || zone.denial == dnssec::Denial::Insecure;
  if (!zone.trust) {
    return !zone.proofs.empty() && isUnsigned ? "Insecure" : "unknown";
  }
  return std::string(text(zone.trust->security));
}

// ---- what was found of the name

void addSignatures(Reasons& reasons, const dns::RRset& set, base::WallTime now) {
  for (const dnssec::Rrsig& signature : inForceFirst(set, now)) {
    reasons.push_back("signed by " + signatureText(signature, now));
  }
}

// The wildcard that a set was made from, by the labels of its signature (RFC 4035 5.3.4).
std::optional<dns::Name> wildcardOf(const dns::RRset& set) {
  const auto signatures = signaturesOf(set);
  const dns::Name owner = set.owner();
  const std::size_t labels = owner.labelCount() - (owner.isWildcard() ? 1 : 0);
  if (signatures.empty() || signatures.front().labels >= labels) {
    return std::nullopt;
  }
  return owner.suffix(signatures.front().labels).withLabel("*");
}

std::string verdictOf(const ExplainedLink& link) {
  return link.found.kind == LookupKind::Failed ? "failed" : std::string(text(link.found.security));
}

Reasons recordReasons(const dns::RRset& set, const ExplainedLink& link, base::WallTime now) {
  Reasons reasons;
  addSignatures(reasons, set, now);
  if (const auto wildcard = wildcardOf(set)) {
    reasons.push_back("made from the wildcard " + wildcard->text() + "; nothing closer exists:");
    addProofs(reasons, link.found.proofs);
  }
  return reasons;
}

void addRecords(TextRows& rows, const ExplainedLink& link, base::WallTime now) {
  const bool isDname = link.found.kind == LookupKind::Alias && link.found.records.size() > 1;
  for (const AgedRRset& aged : link.found.records) {
    const bool isMade = isDname && aged.rrset.type() == dns::RRType::CNAME;
    Reasons reasons = isMade ? Reasons{"made from the DNAME"} : recordReasons(aged.rrset, link, now);
    if (reasons.empty()) {
      reasons.emplace_back("not signed");
    }
    rows.add(aged.rrset.owner().text() + " " + dns::text(aged.rrset.type()), verdictOf(link), reasons);
  }
}

void addDenial(TextRows& rows, const ExplainedLink& link, base::WallTime now) {
  const Negative& negative = link.found.negative;
  Reasons reasons;
  reasons.emplace_back(negative.nxdomain ? "the name does not exist" : "the name has no records of this type");
  if (negative.soa) {
    reasons.back() += ", says " + negative.soa.owner().text();
    addSignatures(reasons, negative.soa, now);
  }
  if (!negative.proofs.empty()) {
    reasons.emplace_back("denied by");
    addProofs(reasons, negative.proofs);
  }
  rows.add(negative.name.text() + " " + dns::text(link.question.type), verdictOf(link), reasons);
}

void addFound(TextRows& rows, const ExplainedLink& link, base::WallTime now) {
  switch (link.found.kind) {
  case LookupKind::Records:
  case LookupKind::Alias: return addRecords(rows, link, now);
  case LookupKind::NoData:
  case LookupKind::NxDomain: return addDenial(rows, link, now);
  case LookupKind::Failed:
    rows.add(link.question.name.text() + " " + dns::text(link.question.type), "failed", {"nothing was had of it"});
  }
}

// Wide enough for the zones; names with their types may need a line of their own.
std::size_t nameWidth(const ExplainedLink& link) {
  std::size_t widest = kNarrowest;
  for (const ExplainedZone& zone : link.zones) {
    widest = std::max(widest, zone.zone.text().size());
  }
  return std::min(widest, kWidest) + 2;
}

std::string titleOf(const ExplainedLink& link, bool isShared) {
  std::string text = "\nChain of trust to " + link.question.name.text();
  if (link.found.source == AnswerKind::Local) {
    return text + ": none, it is local data\n";
  }
  if (link.zones.empty()) {
    return text + ": none, there is no trust anchor above it\n";
  }
  return text + (isShared ? ", below what is shown already\n" : "\n");
}

} // namespace

std::string chainText(const Explanation& explanation) {
  std::string text;
  std::set<dns::Name> shown;
  for (const ExplainedLink& link : explanation.links) {
    TextRows rows(nameWidth(link));
    bool isShared = false;
    for (const ExplainedZone& zone : link.zones) {
      if (shown.insert(zone.zone).second) {
        rows.add(zone.zone.text(), verdictOf(zone), zoneReasons(zone, link, explanation.now));
      } else {
        isShared = true;
      }
    }
    if (link.found.source != AnswerKind::Local) {
      addFound(rows, link, explanation.now);
    }
    text += titleOf(link, isShared) + rows.text();
  }
  return text;
}

} // namespace rec
