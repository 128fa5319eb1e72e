// From DS (or trust anchor) to the keys of a zone (RFC 4035 5.2): which DS can be used, which DNSKEY it means, and
// whether that key signed the DNSKEY set. Pure.
#pragma once

#include "lib/dnssec/signature.hh"

namespace dnssec {

// Whether some DS of the set can be used; otherwise the zone is insecure and the finding says why
// (UnsupportedAlgorithm, UnsupportedDigest, with the tag of the first DS).
[[nodiscard]] Finding usableDs(const dns::RRset& ds, const SignaturePolicy& policy);

struct KeySetVerdict {
  Finding finding;       // None: secure. A fault that is not bogus: insecure.
  ZoneKeys keys;         // secure: every usable key of the set
  std::uint32_t ttl = 0; // secure: how long this may be relied on: no longer than the DS (one of TTL 0 is an anchor's)
};

// `dnskeys`: the zone's DNSKEY set as served. `ds`: what its parent, or a trust anchor, says: an RRset of type DS with
// the zone's name as owner. SHA-1 digests are left aside when there is a better one of the same set (RFC 4509 3).
[[nodiscard]] KeySetVerdict verifyKeySet(const dns::RRset& dnskeys, const dns::RRset& ds, const SignaturePolicy& policy,
                                         base::WallTime now, Effort& effort, SignatureMemo* memo);

// The digest of a DNSKEY as a DS has it (RFC 4034 5.1.4); empty when the digest type is not implemented.
[[nodiscard]] std::vector<std::byte> digestOf(const dns::Name& owner, Bytes dnskeyRdata, DigestType type);
// The whole rdata of that DS.
[[nodiscard]] std::vector<std::byte> makeDs(const dns::Name& owner, Bytes dnskeyRdata, DigestType type);

} // namespace dnssec
