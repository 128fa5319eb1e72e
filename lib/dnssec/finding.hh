// Finding: what is wrong with a signed zone, precisely: the fault and what it is about. From it come the extended error
// (RFC 8914), the metric, the log line and what `explain` prints.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "lib/base/clock.hh"
#include "lib/dns/edns.hh"
#include "lib/dns/name.hh"
#include "lib/dns/types.hh"
#include "lib/dnssec/algorithms.hh"

namespace dnssec {

enum class Fault : std::uint8_t {
  None,
  // Insecure, not bogus: the zone cannot be validated by us (RFC 4035 5.2, RFC 6840 5.2, RFC 9276 3.2).
  UnsupportedAlgorithm, // every DS (or trust anchor) has an algorithm that is not used
  UnsupportedDigest,    // every DS has a digest type that is not used
  TooManyIterations,    // NSEC3 with more than nsec3-max-iterations
  // Bogus.
  SignatureMissing,
  SignatureExpired,
  SignatureNotYetValid,
  SignatureExpiredBeforeValid, // its expiration is before its inception
  SignatureInvalid,            // the check failed
  SignerInvalid,               // signed by somebody who may not: another zone, too few or too many labels
  KeyMissing,                  // no DNSKEY is the one that signed
  KeySetMissing,               // there is a DS, the zone has no DNSKEY set (or it could not be had)
  DsMismatch,                  // no DNSKEY matches a DS (or trust anchor)
  NoZoneKeyBit,                // the DNSKEY that matches is no zone key (RFC 4034 2.1.1)
  KeyRevoked,
  KeyProtocol,   // the DNSKEY's protocol is not 3
  KeyUnusable,   // the public key cannot be read, or is of a forbidden size
  DenialMissing, // a denial without NSEC or NSEC3
  DenialInvalid, // NSEC or NSEC3 that do not prove it
  WorkLimit      // max-signature-validations-per-query, max-nsec3-hash-computations-per-query
};

struct Finding {
  Fault fault = Fault::None;
  dns::Name zone;              // whose keys, DS or denial
  dns::Name name;              // of the set it was found on ...
  dns::RRType type{};          // ... and its type
  std::uint16_t tag = 0;       // key tag of the DS, key or signature; 0 when there is none to name
  Algorithm algorithm{};       // likewise
  std::uint8_t digestType = 0; // UnsupportedDigest
  std::uint32_t at = 0;        // the date that was missed, seconds since 1970: of signature faults
  std::string limit;           // WorkLimit: "max-signature-validations-per-query (30)"

  explicit operator bool() const { return fault != Fault::None; }
};

[[nodiscard]] Finding about(Fault fault, const dns::Name& zone, const dns::Name& name, dns::RRType type);
[[nodiscard]] bool isBogus(Fault fault);
[[nodiscard]] dns::EdeCode edeCode(Fault fault);
// One line: "www.example.com. A: the signature of key 12345 (ECDSAP256SHA256) of example.com. expired on 2026-01-02
// 03:04:05 UTC".
[[nodiscard]] std::string text(const Finding& finding);

} // namespace dnssec
