// What a fault means to clients (extended errors) and to people (one line).
#include "lib/dnssec/finding.hh"

#include <array>
#include <cstdio>

namespace dnssec {
namespace {

// "2026-01-02 03:04:05 UTC". Dates of signatures have 32 bits: this is the one before 2106.
std::string dateText(std::uint32_t seconds) {
  const std::chrono::sys_seconds time{std::chrono::seconds{seconds}};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{time - day};
  std::array<char, 64> out;
  std::snprintf(out.data(), out.size(), "%04d-%02u-%02u %02d:%02d:%02d UTC", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return out.data();
}

// "key 12345 (ECDSAP256SHA256) of example.com."
std::string keyText(const Finding& finding) {
  return "key " + std::to_string(finding.tag) + " (" + text(finding.algorithm) + ") of " + finding.zone.text();
}

std::string signatureText(const Finding& finding) { return "the signature of " + keyText(finding); }

bool namesKey(const Finding& finding) { return finding.tag != 0 || finding.algorithm != Algorithm{}; }

std::string missingSignatureText(const Finding& finding) {
  if (!namesKey(finding)) {
    return "there is no signature of " + finding.zone.text();
  }
  return "there is no signature of " + finding.zone.text() + " that can be used, only one of " + keyText(finding);
}

std::string digestText(const Finding& finding) { return text(static_cast<DigestType>(finding.digestType)); }

std::string faultText(const Finding& finding) {
  const std::string zone = finding.zone.text();
  switch (finding.fault) {
  case Fault::None: return "no fault";
  case Fault::UnsupportedAlgorithm: return "no DS of " + zone + " has an algorithm that is used; " + keyText(finding);
  case Fault::UnsupportedDigest:
    return "no DS of " + zone + " has a digest that is used; " + digestText(finding) + " for " + keyText(finding);
  case Fault::TooManyIterations: return "the NSEC3 records of " + zone + " have too many iterations";
  case Fault::SignatureMissing: return missingSignatureText(finding);
  case Fault::SignatureExpired: return signatureText(finding) + " expired on " + dateText(finding.at);
  case Fault::SignatureNotYetValid: return signatureText(finding) + " is not valid before " + dateText(finding.at);
  case Fault::SignatureExpiredBeforeValid:
    return signatureText(finding) + " expires before it becomes valid, on " + dateText(finding.at);
  case Fault::SignatureInvalid: return signatureText(finding) + " does not verify";
  case Fault::SignerInvalid:
    return "the signature with key tag " + std::to_string(finding.tag) + " (" + text(finding.algorithm) +
           ") cannot be one of " + zone + ": its signer, type or labels do not fit";
  case Fault::KeyMissing: return "the zone has no " + keyText(finding) + ", which signed";
  case Fault::KeySetMissing: return zone + " has a DS, but no DNSKEY was had";
  case Fault::DsMismatch: return "no DNSKEY of " + zone + " matches its DS with " + keyText(finding);
  case Fault::NoZoneKeyBit: return keyText(finding) + " is not a zone key";
  case Fault::KeyRevoked: return keyText(finding) + " is revoked";
  case Fault::KeyProtocol: return keyText(finding) + " has a protocol other than 3";
  case Fault::KeyUnusable: return keyText(finding) + " cannot be read or is of a forbidden size";
  case Fault::DenialMissing: return zone + " denies it without NSEC or NSEC3";
  case Fault::DenialInvalid: return "the NSEC or NSEC3 records of " + zone + " do not prove the denial";
  case Fault::WorkLimit: return "validation was given up";
  }
  return "unknown fault";
}

} // namespace

Finding about(Fault fault, const dns::Name& zone, const dns::Name& name, dns::RRType type) {
  Finding finding;
  finding.fault = fault;
  finding.zone = zone;
  finding.name = name;
  finding.type = type;
  return finding;
}

bool isBogus(Fault fault) {
  switch (fault) {
  case Fault::None:
  case Fault::UnsupportedAlgorithm:
  case Fault::UnsupportedDigest:
  case Fault::TooManyIterations: return false;
  default: return true;
  }
}

dns::EdeCode edeCode(Fault fault) {
  switch (fault) {
  case Fault::None: return dns::EdeCode::Other;
  case Fault::UnsupportedAlgorithm: return dns::EdeCode::UnsupportedDnskeyAlgorithm;
  case Fault::UnsupportedDigest: return dns::EdeCode::UnsupportedDsDigest;
  case Fault::TooManyIterations: return dns::EdeCode::UnsupportedNsec3Iterations;
  case Fault::SignatureMissing: return dns::EdeCode::RrsigsMissing;
  case Fault::SignatureExpired: return dns::EdeCode::SignatureExpired;
  case Fault::SignatureNotYetValid: return dns::EdeCode::SignatureNotYetValid;
  case Fault::SignatureExpiredBeforeValid: return dns::EdeCode::SignatureExpiredBeforeValid;
  case Fault::KeyMissing:
  case Fault::KeySetMissing:
  case Fault::DsMismatch:
  case Fault::KeyRevoked: // as if it were not there (RFC 5011 2.1)
  case Fault::KeyProtocol: return dns::EdeCode::DnskeyMissing;
  case Fault::NoZoneKeyBit: return dns::EdeCode::NoZoneKeyBit;
  case Fault::DenialMissing:
  case Fault::DenialInvalid: return dns::EdeCode::NsecMissing; // what would prove it was not provided (RFC 8914 4.13)
  case Fault::SignatureInvalid:
  case Fault::SignerInvalid:
  case Fault::KeyUnusable: // the key is there, but nothing can be checked with it
  case Fault::WorkLimit: return dns::EdeCode::DnssecBogus;
  }
  return dns::EdeCode::DnssecBogus;
}

std::string text(const Finding& finding) {
  std::string out = finding.name.text() + " " + text(finding.type) + ": " + faultText(finding);
  if (!finding.limit.empty()) {
    out += "; the limit " + finding.limit + " was reached";
  }
  return out;
}

} // namespace dnssec
