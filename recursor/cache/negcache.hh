// NegativeCache: names that do not exist and types a name does not have (RFC 2308), shared by all workers, with the SOA
// and the denial records to show for it. Locking: one lock per shard. Bounded by entries.
#pragma once

#include <cstdio>
#include <memory>
#include <optional>
#include <vector>

#include "lib/base/clock.hh"
#include "lib/base/eviction.hh"
#include "lib/dns/rrset.hh"
#include "recursor/cache/rank.hh"
#include "recursor/cache/saving.hh"

namespace rec {

struct Negative {
  dns::Name name;                 // the denied name: the question's, or an ancestor's (RFC 8020)
  bool nxdomain = false;          // else NODATA for the type asked
  dns::RRset soa;                 // the SOA of the zone that said so
  std::vector<dns::RRset> proofs; // NSEC/NSEC3 sets with signatures, if there were any
  Security security = Security::Indeterminate;
  std::uint32_t ttl = 0; // seconds left (store: the TTL of RFC 2308 5, before limits)
  bool stale = false;
  std::uint32_t originalTtl = 0; // found: which it was stored with, after limits
};

struct SavedNegative {
  Negative negative; // its ttl as stored, after limits
  dns::RRType type{};
  std::uint32_t expires = 0; // seconds since 1970
  unsigned heat = 0;
};

class NegativeCache {
 public:
  struct Options {
    std::size_t shards = 128;
    std::size_t maxEntries = 125'000;
    base::EvictionStrategy eviction = base::EvictionStrategy::S3Fifo; // cache-eviction-strategy
    std::size_t maxBytes = std::size_t{1} << 26;
    std::uint32_t maxTtl = 3600; // max-negative-ttl
    std::uint32_t minTtl = 1;    // minimum-ttl-override
    std::uint32_t staleSeconds = 0;
  };
  // RFC 8020: whether an NXDOMAIN of an ancestor denies all below it (nothing-below-nxdomain = no | dnssec | yes).
  enum class Cut { Never, WhenSecure, Always };

  explicit NegativeCache(const Options& options);
  ~NegativeCache();

  [[nodiscard]] std::optional<Negative> find(const dns::Name& name, dns::RRType type, base::WallTime now, Cut cut,
                                             bool allowStale = false);
  void store(const Negative& negative, dns::RRType type, base::WallTime now);
  void adopt(const Options& options); // but for the shards and what is let go of: those stay
  void setMinTtl(std::uint32_t seconds);
  std::size_t wipe(const dns::Name& name, bool subtree, std::optional<dns::RRType> type = std::nullopt);
  std::size_t dump(std::FILE* out, base::WallTime now) const;
  [[nodiscard]] CachePiece<SavedNegative> piece(const base::ShardPlace& from, Warmth warmth, base::WallTime now) const;
  Restored restore(SavedNegative saved, base::WallTime now);
  void setMaxBytes(std::size_t maxBytes);
  [[nodiscard]] std::size_t entries() const;
  [[nodiscard]] std::size_t bytes() const;
  [[nodiscard]] std::uint64_t evicted() const; // to make room

 private:
  struct State;
  std::unique_ptr<State> d_state;
};

} // namespace rec
