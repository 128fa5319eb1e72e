// Sets and proofs are checked with the zone's keys by lib/dnssec; here it is decided what follows for zones and
// answers.
#include "recursor/resolve/zoneproofs.hh"

#include <algorithm>

namespace rec {

using dns::RRType;
using dnssec::Denial;
using dnssec::Fault;
using dnssec::Finding;

dnssec::SetVerdict ZoneProofs::verify(const dns::RRset& set, const ZoneTrust& trust, Walk& walk) const {
  return dnssec::verifySet(set, trust.keys, d_parts.options->validation.signatures, d_parts.loop.wall(),
                           walk.work->effort, &d_parts.memo);
}

ZoneProofs::Proofs ZoneProofs::verifyAll(const std::vector<dns::RRset>& sets, const ZoneTrust& trust,
                                         Walk& walk) const {
  Proofs proofs;
  for (const dns::RRset& set : sets) {
    if (!set.owner().isWithin(trust.zone)) {
      continue;
    }
    auto verdict = verify(set, trust, walk);
    if (verdict.secure() && !verdict.wildcard) {
      proofs.sets.push_back(set);
      proofs.ttls.push_back(verdict.ttl);
      proofs.ttl = std::min(proofs.ttl, verdict.ttl);
    } else if (!verdict.secure() && !proofs.fault) {
      proofs.fault = std::move(verdict.finding);
    }
  }
  return proofs;
}

std::optional<ZoneProofs::CutSays> ZoneProofs::ofReferral(const Delegation& cut, const ZoneTrust& above,
                                                          Walk& walk) const {
  const std::int64_t left = (cut.securityExpires - d_parts.loop.wall()).count();
  if (cut.security.empty() || left <= 0) {
    return std::nullopt;
  }
  const auto most = static_cast<std::uint32_t>(std::min<std::int64_t>(left, UINT32_MAX));
  CutSays says{ZoneTrust::insecure(cut.zone), most};
  if (cut.security.front().type() == RRType::DS) {
    const auto verdict = verify(cut.security.front(), above, walk);
    says.trust.security = Security::Secure;
    says.ttl = std::min(most, verdict.ttl);
    return verdict.secure() ? std::optional(std::move(says)) : std::nullopt;
  }
  const Proofs proofs = verifyAll(cut.security, above, walk);
  const dnssec::DenialRecords records{above.zone, proofs.sets};
  const Denial denial = dnssec::proveNoDs(records, cut.zone, d_parts.options->validation.denials, walk.work->effort);
  const auto means = meaningOf(denial, about(Fault::None, above.zone, cut.zone, RRType::DS), {}, walk);
  says.trust.finding = means.finding;
  says.ttl = std::min(most, proofs.ttl);
  return means.security == Security::Insecure ? std::optional(std::move(says)) : std::nullopt;
}

ZoneProofs::CutSays ZoneProofs::ofDsDenial(const dns::Name& zone, const Negative& negative, const ZoneTrust& above,
                                           Walk& walk) const {
  Proofs proofs = verifyAll(negative.proofs, above, walk);
  const dnssec::DenialRecords records{above.zone, proofs.sets};
  const Denial denial = dnssec::proveNoDs(records, zone, d_parts.options->validation.denials, walk.work->effort);
  const Finding here = about(Fault::None, above.zone, zone, RRType::DS);
  Finding fault = isUnsigned(negative) ? about(Fault::SignatureMissing, above.zone, zone, RRType::DS) : proofs.fault;
  fault.type = RRType::DS;
  auto means = meaningOf(denial, here, fault, walk);
  CutSays says;
  says.trust.zone = zone;
  says.trust.security = means.security;
  says.trust.finding = std::move(means.finding);
  says.ttl = std::min(proofs.ttl, std::max<std::uint32_t>(negative.ttl, 1));
  return says;
}

DenialMeans meaningOf(Denial denial, const Finding& about, const Finding& fault, const Walk& walk) {
  DenialMeans means;
  switch (denial) {
  case Denial::Proven: means.security = Security::Secure; return means;
  case Denial::Insecure:
  case Denial::InsecureCut: means.security = Security::Insecure; return means;
  default: means.finding = about; break;
  }
  switch (denial) {
  case Denial::TooManyIterations:
    means.security = Security::Insecure;
    means.finding.fault = Fault::TooManyIterations;
    return means;
  case Denial::WorkLimit:
    means.finding.fault = Fault::WorkLimit;
    means.finding.limit = walk.work->effort.exceededText();
    return means;
  default:
    means.finding.fault = denial == Denial::Missing ? Fault::DenialMissing : Fault::DenialInvalid;
    means.finding = fault ? fault : means.finding;
    return means;
  }
}

std::optional<dns::Name> signerOf(const Negative& negative) {
  auto signer = negative.soa ? dnssec::signerOf(negative.soa) : std::nullopt;
  for (auto proof = negative.proofs.begin(); !signer && proof != negative.proofs.end(); ++proof) {
    signer = dnssec::signerOf(*proof);
  }
  return signer;
}

bool isUnsigned(const Negative& negative) {
  return negative.proofs.empty() && negative.soa && negative.soa.signatures().empty();
}

} // namespace rec
