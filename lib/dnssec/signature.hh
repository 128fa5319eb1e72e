// Checking the signatures of one RRset with the keys of its zone (RFC 4035 5.3). Pure. The order is from cheap to dear:
// who signed, labels, dates, key at hand, and only then the cryptography, within the limits of KeyTrap.
#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "lib/base/clock.hh"
#include "lib/dns/rrset.hh"
#include "lib/dnssec/effort.hh"
#include "lib/dnssec/finding.hh"
#include "lib/dnssec/publickey.hh"

namespace dnssec {

class SignatureMemo;

// A key of a zone that may sign: a zone key, protocol 3, not revoked, of an algorithm in use, well-formed.
struct ZoneKey {
  std::uint16_t tag = 0;
  Algorithm algorithm{};
  std::shared_ptr<const PublicKey> key;
};

// A DNSKEY of the zone that may not sign, and why. It makes a finding more precise, nothing else: whoever signs with it
// is told so, instead of that the key is missing.
struct RejectedKey {
  std::uint16_t tag = 0;
  Algorithm algorithm{};
  Fault fault = Fault::None; // NoZoneKeyBit, KeyRevoked, KeyProtocol or KeyUnusable
};

struct ZoneKeys {
  dns::Name zone;
  std::vector<ZoneKey> keys;
  std::vector<RejectedKey> rejected;
};

struct SignaturePolicy {
  Algorithms algorithms;
  std::size_t maxKeys = 2;       // max-dnskeys: keys of one tag and algorithm that are tried; 0 no limit
  std::size_t maxSignatures = 2; // max-rrsigs-per-record: signatures that are checked; 0 no limit
  std::size_t maxDs = 8;         // max-ds-per-zone; 0 no limit
  std::chrono::seconds skew{60}; // signature-inception-skew, on both ends
};

struct SetVerdict {
  Finding finding; // None: the set is secure
  std::uint32_t ttl =
      0; // secure: the set's TTL, at most the signature's original TTL and its rest of life (RFC 4035 5.3.3)
  std::uint16_t tag = 0; // secure: the key
  Algorithm algorithm{};
  std::size_t labels = 0; // secure: of the signature. Less than the owner's (a leading "*" not counted): the
                          // set was made from the wildcard below owner.suffix(labels) (RFC 4035 5.3.4)
  bool wildcard = false;
  [[nodiscard]] bool secure() const { return finding.fault == Fault::None; }
};

// `keys` are those of the zone the set is in. `memo` (may be null) remembers signatures that were found good.
[[nodiscard]] SetVerdict verifySet(const dns::RRset& set, const ZoneKeys& keys, const SignaturePolicy& policy,
                                   base::WallTime now, Effort& effort, SignatureMemo* memo);

// The name of the zone that signed: the signer of the first signature that could be right for this set (its signer is
// at or above the owner, strictly above for DS); nothing when there is none.
[[nodiscard]] std::optional<dns::Name> signerOf(const dns::RRset& set);

// RFC 4034 3.1.5: serial arithmetic. Whether now lies in [inception - skew, expiration + skew].
[[nodiscard]] Fault checkDates(const Rrsig& signature, base::WallTime now, std::chrono::seconds skew);

} // namespace dnssec
