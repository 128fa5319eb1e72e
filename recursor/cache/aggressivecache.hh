// AggressiveCache: validated NSEC and NSEC3 records in the order of their zone, from which denials are made without
// asking anybody (RFC 8198), and expansions of wildcards proven right. Only secure data goes in. Shared by all workers;
// locking: one mutex per shard (a zone is in one shard), held for one look-up or one store. Bounded by records.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <vector>

#include "lib/base/clock.hh"
#include "lib/dns/rrset.hh"
#include "lib/dnssec/denial.hh"

namespace rec {

struct Synthesized {
  enum class Kind : std::uint8_t { NxDomain, NoData, Wildcard };
  Kind kind = Kind::NxDomain;
  bool fromNsec3 = false;
  dns::RRset soa;                 // NxDomain, NoData
  std::vector<dns::RRset> proofs; // with their signatures
  dns::Name wildcard;             // Wildcard: "*.encloser" answers, if it exists: if its records are cached and secure
  std::uint32_t ttl = 0;          // seconds left: the least of proofs and SOA
};

class AggressiveCache {
 public:
  struct Options {
    std::size_t maxEntries = 100'000; // aggressive-nsec-cache-size; 0 switches it off
    unsigned minNsec3HitRatio = 2000; // aggressive-cache-min-nsec3-hit-ratio; 0: none is kept (as in PowerDNS)
    unsigned maxNsec3HashCost = 150;  // aggressive-cache-max-nsec3-hash-cost; 0: no limit
    dnssec::DenialPolicy policy;
    std::size_t shards = 64;
  };
  explicit AggressiveCache(const Options& options);
  ~AggressiveCache();
  void adopt(const Options& options); // but for the shards: those stay

  // `set`: an NSEC or NSEC3 set of `zone`, secure, not made from a wildcard, good for `ttl` seconds. Refused when owner
  // or next name lie outside the zone.
  void store(const dns::Name& zone, const dns::RRset& set, std::uint32_t ttl, base::WallTime now);
  // The zone's SOA, secure: without it no denial is made.
  void storeSoa(const dns::Name& zone, const dns::RRset& soa, std::uint32_t ttl, base::WallTime now);
  // What the records of the closest zone above `name` prove of it. Never for DS at a cut's own apex, names below a
  // delegation or a DNAME, or from records that opt-out leaves open.
  [[nodiscard]] std::optional<Synthesized> find(const dns::Name& name, dns::RRType type, base::WallTime now);

  // The records of a Wildcard were there: it counts as a hit.
  void countWildcard(const Synthesized& used);

  std::size_t wipe(const dns::Name& name, bool subtree); // zones at (and below) it
  std::size_t dump(std::FILE* out, base::WallTime now) const;
  void setMaxEntries(std::size_t entries); // set-max-aggr-nsec-cache-size
  [[nodiscard]] std::size_t entries() const;
  struct Hits {
    std::uint64_t nsec = 0, nsec3 = 0, nsecWildcard = 0, nsec3Wildcard = 0;
  };
  [[nodiscard]] Hits hits() const;

 private:
  struct State;
  std::unique_ptr<State> d_state;
};

} // namespace rec
