// The facts of an explanation as words: DS, keys, signatures, dates, proofs. Used by explaintext.cc and
// explainadvice.cc.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lib/base/clock.hh"
#include "lib/dns/rrset.hh"
#include "lib/dnssec/records.hh"

namespace rec {

// Of one signature: "2026-01-02 to 2026-01-16, 9 days left", "... expired 3 days ago", "... begins in 2 hours".
[[nodiscard]] std::string validityText(const dnssec::Rrsig& signature, base::WallTime now);
// The same in short: "until 2026-01-16"; how long that is only when it is soon, or over.
[[nodiscard]] std::string untilText(const dnssec::Rrsig& signature, base::WallTime now);
// "key 12345 (ECDSAP256SHA256) of example.com., 2026-01-02 to 2026-01-16, 9 days left"
[[nodiscard]] std::string signatureText(const dnssec::Rrsig& signature, base::WallTime now);
[[nodiscard]] std::vector<dnssec::Rrsig> signaturesOf(const dns::RRset& set);
// By their dates.
[[nodiscard]] std::vector<dnssec::Rrsig> inForceFirst(const dns::RRset& set, base::WallTime now);

[[nodiscard]] std::string dsText(const dns::RRset& ds);        // "12345, 54321 (ECDSAP256SHA256 SHA256)"
[[nodiscard]] std::string keysText(const dns::RRset& dnskeys); // "12345 KSK, 54321 ZSK (ECDSAP256SHA256)"
[[nodiscard]] std::string proofText(const dns::RRset& proof);  // "a.example. NSEC c.example. A RRSIG NSEC"

} // namespace rec
