// ZoneProofs: what signed data says, given the keys of its zone: whether a set is good, which proofs hold, what a
// referral or a denial says of DS (RFC 4035 5). Called by TrustChain and Validator. Never asks anybody and never writes
// into a cache.
#pragma once

#include "lib/dnssec/denial.hh"
#include "recursor/resolve/lookup.hh"
#include "recursor/resolve/parts.hh"

namespace rec {

class ZoneProofs {
 public:
  explicit ZoneProofs(const ResolveParts& parts) : d_parts(parts) {}

  // One set of one zone.
  [[nodiscard]] dnssec::SetVerdict verify(const dns::RRset& set, const ZoneTrust& trust, Walk& walk) const;

  // The NSEC and NSEC3 sets among `sets` that the zone signed and that may prove something; `fault`: of the first that
  // was refused.
  struct Proofs {
    std::vector<dns::RRset> sets;
    std::vector<std::uint32_t> ttls;
    dnssec::Finding fault;
    std::uint32_t ttl = UINT32_MAX; // the least
  };
  [[nodiscard]] Proofs verifyAll(const std::vector<dns::RRset>& sets, const ZoneTrust& trust, Walk& walk) const;

  // What a zone says of DS at a cut, for `ttl` seconds: an insecure zone begins there, or (Secure) one with a good DS
  // set.
  struct CutSays {
    ZoneTrust trust;
    std::uint32_t ttl = 0;
  };
  // Nothing when the referral does not prove either.
  [[nodiscard]] std::optional<CutSays> ofReferral(const Delegation& cut, const ZoneTrust& above, Walk& walk) const;
  // A denial of DS: Secure when no zone begins there, else the insecure or bogus zone.
  [[nodiscard]] CutSays ofDsDenial(const dns::Name& zone, const Negative& negative, const ZoneTrust& above,
                                   Walk& walk) const;

 private:
  const ResolveParts& d_parts;
};

// What a proof of the denial of a name and type means for its answer. `fault`: what is wrong with the records it should
// be made of; it explains better than their absence.
struct DenialMeans {
  Security security = Security::Bogus;
  dnssec::Finding finding;
};
[[nodiscard]] DenialMeans meaningOf(dnssec::Denial denial, const dnssec::Finding& about, const dnssec::Finding& fault,
                                    const Walk& walk);

// Who signed a denial: the SOA's signer, or that of the first proof.
[[nodiscard]] std::optional<dns::Name> signerOf(const Negative& negative);
// A denial with nothing of DNSSEC in it, not even a signature over its SOA.
[[nodiscard]] bool isUnsigned(const Negative& negative);

} // namespace rec
