// What one look at the DNSKEY set of a trust point says for RFC 5011: whether the set is valid by the anchors of now,
// and which keys are in it. Pure. Made by the follower of trust anchors for anchors.hh.
#pragma once

#include "lib/dnssec/keyset.hh"

namespace dnssec {

struct SeenKey {
  std::vector<std::byte> dnskey; // rdata with the REVOKE bit clear
  bool revoked = false;          // it was set
  bool selfSigned = false;       // revoked: the key's own signature over the set is good (RFC 5011 2.1)
  bool isNewAnchor = false;      // may become an anchor: SEP bit, an algorithm that is used, a readable key
};

struct Sighting {
  bool validated = false; // by an anchor
  Finding finding;        // why not
  std::vector<SeenKey> keys;
  std::uint32_t ttl = 0; // original TTL of the set
  std::chrono::seconds signatureLife{0};
};

// `dnskeys`: the set with its signatures as served. `anchors`: what is trusted now, a DS set; may be null.
[[nodiscard]] Sighting look(const dns::RRset& dnskeys, const dns::RRset& anchors, const SignaturePolicy& policy,
                            base::WallTime now);

} // namespace dnssec
