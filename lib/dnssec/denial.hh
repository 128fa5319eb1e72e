// Proofs of what does not exist, from NSEC (RFC 4035 5.4) or NSEC3 records (RFC 5155 8). Pure. The sets given must have
// been verified with the zone's own keys, must not be expansions of wildcards, and their owners must lie in the zone.
#pragma once

#include <cstdint>
#include <span>

#include "lib/dns/rrset.hh"
#include "lib/dnssec/effort.hh"

namespace dnssec {

struct DenialPolicy {
  unsigned maxIterations = 50;      // nsec3-max-iterations (RFC 9276 3.2)
  std::size_t maxNsec3Records = 10; // max-nsec3s-per-record: NSEC3 records looked at for one proof
};

enum class Denial : std::uint8_t {
  Proven,            // as asked
  Insecure,          // proven as far as opt-out goes (RFC 5155 9.2): a name may be there that is not signed
  InsecureCut,       // NoDs only: the name is a delegation without DS
  TooManyIterations, // all NSEC3 have more iterations than allowed: insecure
  Missing,           // no NSEC or NSEC3 at all
  Invalid,           // those that are there do not prove it
  WorkLimit          // the effort is used up
};

// The records of one zone. `zone` is its apex.
struct DenialRecords {
  const dns::Name& zone;
  std::span<const dns::RRset> sets; // NSEC and NSEC3 sets in any order; others are ignored
};

// `name` does not exist, and no wildcard could have made it.
[[nodiscard]] Denial proveNoName(const DenialRecords& records, const dns::Name& name, const DenialPolicy& policy,
                                 Effort& effort);
// `name` exists (or is an empty non-terminal, or made by a wildcard) but has neither `type` nor CNAME. A DS question
// must be answered by the parent's record, any other by the child's (RFC 6840 4.1, 4.4).
[[nodiscard]] Denial proveNoType(const DenialRecords& records, const dns::Name& name, dns::RRType type,
                                 const DenialPolicy& policy, Effort& effort);
// What a referral or a DS denial says of `name` in the parent `zone`: InsecureCut (NS without DS, or opt-out covers
// it), or Proven (no cut is there: it has neither NS nor DS, or does not exist).
[[nodiscard]] Denial proveNoDs(const DenialRecords& records, const dns::Name& name, const DenialPolicy& policy,
                               Effort& effort);
// An answer was made from the wildcard below `encloser`: nothing closer to `name` exists (RFC 4035 5.3.4, RFC 5155
// 8.8). Insecure when opt-out covers the next closer name.
[[nodiscard]] Denial proveNoCloser(const DenialRecords& records, const dns::Name& name, const dns::Name& encloser,
                                   const DenialPolicy& policy, Effort& effort);

} // namespace dnssec
