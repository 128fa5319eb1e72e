// From findings to advice: one sentence a fault.
#include "recursor/control/explainadvice.hh"

#include <algorithm>

#include "recursor/control/explainfacts.hh"

namespace rec {
namespace {

using dnssec::Fault;
using dnssec::Finding;

std::string parentText(const Finding& finding) {
  return finding.zone.isRoot() ? "the trust anchor" : "the DS at the parent " + finding.zone.parent().text();
}

std::string todoFor(const Finding& finding) {
  const std::string zone = finding.zone.text();
  const std::string owner = "the owner of " + zone;
  switch (finding.fault) {
  case Fault::SignatureExpired:
    return owner + " should sign it again: its signer has stopped, or its servers have not fetched the zone since.";
  case Fault::SignatureNotYetValid:
    return "check the clock of this machine first; if it is right, " + owner + " should correct that of the signer.";
  case Fault::SignatureExpiredBeforeValid:
    return owner + " should sign it again: the dates of the signature contradict each other.";
  case Fault::SignatureMissing:
    return owner + " should sign it again, or, if it is to be unsigned, have the DS removed at the parent.";
  case Fault::SignatureInvalid:
    return owner + " should sign it again: the data was changed after it was signed, on a server or on the way.";
  case Fault::SignerInvalid: return owner + " should sign it again: that signature belongs to something else.";
  case Fault::KeyMissing:
    return owner + " should put the key that signed back among its DNSKEYs, or sign with one that is there.";
  case Fault::KeySetMissing:
    return owner + " should publish its DNSKEYs, or have the DS removed at the parent if the zone is no longer signed.";
  case Fault::DsMismatch:
    return owner + " should have " + parentText(finding) +
           " changed to that of a key which the zone uses (usually at the registrar), or put the old key back.";
  case Fault::NoZoneKeyBit: return owner + " should publish the key with the zone key flag (256 or 257).";
  case Fault::KeyRevoked: return owner + " should sign with a key that is not revoked, and have the DS follow.";
  case Fault::KeyProtocol: return owner + " should publish the key with protocol 3.";
  case Fault::KeyUnusable: return owner + " should replace the key: its size or its form is not allowed.";
  case Fault::DenialMissing:
    return owner + " should see why its servers leave out NSEC or NSEC3: one of them may serve the zone unsigned.";
  case Fault::DenialInvalid:
    return owner + " should sign the zone again: its NSEC or NSEC3 chain does not cover what the servers deny.";
  case Fault::WorkLimit:
    return owner + " should have fewer keys, signatures or NSEC3 iterations; such zones are used for attacks.";
  case Fault::UnsupportedAlgorithm:
    return owner + " could sign with algorithm 13 or 8; until then it resolves, without protection.";
  case Fault::UnsupportedDigest:
    return owner + " could have a DS with digest type 2 published; until then it resolves, without protection.";
  case Fault::TooManyIterations:
    return owner + " should set the NSEC3 iterations to 0 (RFC 9276 3.1); until then its denials are unprotected.";
  case Fault::None: break;
  }
  return {};
}

std::string capitalized(std::string text) {
  if (!text.empty() && text.front() >= 'a' && text.front() <= 'z') {
    text.front() = static_cast<char>(text.front() - 'a' + 'A');
  }
  return text;
}

Advice fromFinding(const Finding& finding) {
  Advice advice{dnssec::text(finding), capitalized(todoFor(finding)), dnssec::isBogus(finding.fault), {}};
  if (advice.isFailure) {
    advice.meanwhile =
        "To resolve it unprotected until then: rec_control add-nta " + finding.zone.text() + " REASON --lifetime 1d";
  }
  return advice;
}

const ExplainedZone* failedZone(const ExplainedLink& link) {
  const auto isFailed = [](const ExplainedZone& zone) {
    return zone.trust && zone.trust->security == Security::Bogus && !zone.trust->errors.empty();
  };
  const auto found = std::ranges::find_if(link.zones, isFailed);
  return found == link.zones.end() ? nullptr : &*found;
}

// The keys or the DS of a zone could not be asked for; what servers did is in the errors of the answer.
Advice fromSilentKeys(const ExplainedZone& zone, const Outcome& outcome) {
  const std::string name = zone.zone.text();
  std::vector<dns::ExtendedError> errors = outcome.errors;
  errors.insert(errors.end(), zone.trust->errors.begin(), zone.trust->errors.end());
  const auto named = std::ranges::find(errors, dns::EdeCode::NoReachableAuthority, &dns::ExtendedError::code);
  return {named == errors.end() ? errors.front().text : named->text,
          "The owner of " + name +
              " should see why its servers, or those of its parent, do not answer questions for its DNSKEY and DS " +
              "records: old software, or a firewall that drops large answers.",
          true, "To resolve it unprotected until then: rec_control add-nta " + name + " REASON --lifetime 1d"};
}

Advice fromServers(const Explanation& explanation) {
  const auto& errors = explanation.outcome.errors;
  Advice advice{errors.empty() ? std::string("no answer could be had") : errors.front().text, {}, true, {}};
  const auto has = [&](dns::EdeCode code) {
    return std::ranges::any_of(errors, [code](const dns::ExtendedError& error) { return error.code == code; });
  };
  if (has(dns::EdeCode::NoReachableAuthority) || has(dns::EdeCode::NetworkError)) {
    advice.todo = "The operator of these servers should see why they do not answer, or have the delegation corrected. "
                  "If others reach them, look at the network between here and there.";
  }
  return advice;
}

} // namespace

std::optional<Advice> adviceFor(const Explanation& explanation) {
  for (const ExplainedLink& link : explanation.links) {
    if (const ExplainedZone* zone = failedZone(link)) {
      return fromSilentKeys(*zone, explanation.outcome);
    }
    if (link.finding) {
      return fromFinding(link.finding);
    }
    for (const ExplainedZone& zone : link.zones) {
      if (zone.trust && zone.trust->finding) {
        return fromFinding(zone.trust->finding);
      }
    }
  }
  if (explanation.outcome.rcode == dns::RCode::ServFail) {
    return fromServers(explanation);
  }
  return std::nullopt;
}

} // namespace rec
