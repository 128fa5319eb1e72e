// One line a reason.
#include "recursor/resolve/bogus.hh"

namespace rec {
namespace {

using dnssec::Fault;

Metric reasonOf(const dnssec::Finding& finding) {
  const bool isDs = finding.type == dns::RRType::DS;
  switch (finding.fault) {
  case Fault::None: return Metric::DnssecResultBogusUnableToGetDnskeys;
  case Fault::UnsupportedAlgorithm: return Metric::DnssecResultBogusUnsupportedDnskeyAlgo;
  case Fault::UnsupportedDigest: return Metric::DnssecResultBogusUnsupportedDsDigestType;
  case Fault::TooManyIterations: return Metric::DnssecResultBogusInvalidDenial;
  case Fault::SignatureMissing: return Metric::DnssecResultBogusNoRrsig;
  case Fault::SignatureExpired: return Metric::DnssecResultBogusSignatureExpired;
  case Fault::SignatureNotYetValid: return Metric::DnssecResultBogusSignatureNotYetValid;
  case Fault::SignatureExpiredBeforeValid:
  case Fault::SignatureInvalid:
  case Fault::KeyMissing:
  case Fault::WorkLimit: return Metric::DnssecResultBogusNoValidRrsig;
  case Fault::SignerInvalid:
    return isDs ? Metric::DnssecResultBogusSelfSignedDs : Metric::DnssecResultBogusNoValidRrsig;
  case Fault::KeySetMissing: return Metric::DnssecResultBogusUnableToGetDnskeys;
  case Fault::DsMismatch:
  case Fault::KeyUnusable: return Metric::DnssecResultBogusNoValidDnskey;
  case Fault::NoZoneKeyBit: return Metric::DnssecResultBogusNoZoneKeyBit;
  case Fault::KeyRevoked: return Metric::DnssecResultBogusRevokedDnskey;
  case Fault::KeyProtocol: return Metric::DnssecResultBogusInvalidDnskeyProtocol;
  case Fault::DenialMissing:
    return isDs ? Metric::DnssecResultBogusUnableToGetDss : Metric::DnssecResultBogusMissingNegativeIndication;
  case Fault::DenialInvalid: return Metric::DnssecResultBogusInvalidDenial;
  }
  return Metric::DnssecResultBogusNoValidRrsig;
}

// The rows of x-dnssec-names stand in the same order as the others.
static_assert(static_cast<unsigned>(Metric::XDnssecResultBogusInvalidDnskeyProtocol) -
                  static_cast<unsigned>(Metric::XDnssecResultBogusNoValidDnskey) ==
              static_cast<unsigned>(Metric::DnssecResultBogusInvalidDnskeyProtocol) -
                  static_cast<unsigned>(Metric::DnssecResultBogusNoValidDnskey));
Metric apartFrom(Metric metric) {
  const auto first = static_cast<unsigned>(Metric::DnssecResultBogusNoValidDnskey);
  const auto apart = static_cast<unsigned>(Metric::XDnssecResultBogusNoValidDnskey);
  return static_cast<Metric>(static_cast<unsigned>(metric) - first + apart);
}

} // namespace

Metric resultMetric(Security security, bool waived, bool apart) {
  if (waived) {
    return apart ? Metric::XDnssecResultNta : Metric::DnssecResultNta;
  }
  switch (security) {
  case Security::Secure: return apart ? Metric::XDnssecResultSecure : Metric::DnssecResultSecure;
  case Security::Insecure: return apart ? Metric::XDnssecResultInsecure : Metric::DnssecResultInsecure;
  case Security::Bogus: return apart ? Metric::XDnssecResultBogus : Metric::DnssecResultBogus;
  case Security::Indeterminate: break;
  }
  return apart ? Metric::XDnssecResultIndeterminate : Metric::DnssecResultIndeterminate;
}

Metric bogusMetric(const dnssec::Finding& finding, bool apart) {
  const Metric metric = reasonOf(finding);
  return apart ? apartFrom(metric) : metric;
}

std::string verdictText(Security security, bool waived, const dnssec::Finding& finding,
                        const std::vector<dns::ExtendedError>& errors) {
  const std::string verdict(text(security));
  if (waived) {
    return verdict + ", negative trust anchor";
  }
  if (finding) {
    return verdict + ", " + dnssec::text(finding);
  }
  return errors.empty() ? verdict : verdict + ", " + errors.front().text;
}

} // namespace rec
