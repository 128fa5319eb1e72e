// RecordCache: RRsets by name and type, shared by all workers. Locking: one lock per shard, held for one look-up or
// one store; never two at once. Bounded by entries and bytes; the least recently used go first. Times are wall time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <span>

#include "lib/base/clock.hh"
#include "lib/base/eviction.hh"
#include "lib/dns/rrset.hh"
#include "recursor/cache/rank.hh"
#include "recursor/cache/saving.hh"

namespace rec {

struct CacheHit {
  dns::RRset rrset;
  std::uint32_t ttl = 0;         // seconds left; 0 when stale
  std::uint32_t originalTtl = 0; // as stored (after limits)
  Rank rank = Rank::Additional;
  Security security = Security::Indeterminate;
  bool stale = false; // past its TTL, within serve-stale's limit
};

struct SavedRecords {
  dns::RRset rrset;
  std::uint32_t expires = 0, ttl = 0; // seconds since 1970; as stored, after limits
  Rank rank = Rank::Additional;
  Security security = Security::Indeterminate;
  unsigned heat = 0;
};

class RecordCache {
 public:
  struct Options {
    std::size_t shards = 1024;                                        // record-cache-shards
    std::size_t maxEntries = 1'000'000;                               // max-cache-entries
    base::EvictionStrategy eviction = base::EvictionStrategy::S3Fifo; // cache-eviction-strategy
    std::size_t maxBytes = std::size_t{1} << 30;
    std::size_t maxEntrySize = 8192;    // max-recordcache-entry-size; larger sets are not kept
    std::uint32_t maxTtl = 86400;       // max-cache-ttl
    std::uint32_t minTtl = 1;           // minimum-ttl-override
    std::uint32_t maxBogusTtl = 3600;   // max-cache-bogus-ttl
    std::uint32_t lockedTtlPercent = 0; // record-cache-locked-ttl-perc
    std::uint32_t staleSeconds = 0;     // serve-stale-extensions * 30: kept that long past the TTL
  };
  explicit RecordCache(const Options& options);
  ~RecordCache();

  // Data of at least `minimum` rank that has not expired (or is stale and `allowStale`).
  [[nodiscard]] std::optional<CacheHit> find(const dns::Name& name, dns::RRType type, base::WallTime now,
                                             Rank minimum = Rank::AuthorityAuth, bool allowStale = false);
  // find() in steps, for who asks for many at once: prefetch() all, prefetchSet() all, then find() each. The first
  // begins to load where the set is noted, the second reads that and begins to load the set. `name` is in wire form;
  // what prefetch() gives is for prefetchSet().
  [[nodiscard]] std::size_t prefetch(std::span<const std::byte> name, dns::RRType type) const;
  void prefetchSet(std::size_t place) const;
  // Keeps the set unless something better that has not expired is there (RFC 2181 5.4.1): a higher rank, a validated
  // set where this one is not, or a locked one. `refresh`: asked to renew what is there, which no lock holds up.
  // Returns whether it was kept.
  bool store(const dns::RRset& rrset, Rank rank, Security security, base::WallTime now, bool refresh = false);
  // Notes what validation said of a set that is cached already; its TTL goes on as it was. False when other data is
  // there, or the same with other signatures.
  bool judge(const dns::RRset& rrset, Security security, base::WallTime now);
  // Removes a name (all types or one), or all at and below it. Returns how many entries went.
  std::size_t wipe(const dns::Name& name, bool subtree, std::optional<dns::RRType> type = std::nullopt);
  // Master-file lines with the remaining TTL, rank and security as comments. Locks one shard at a time. Returns lines
  // written.
  std::size_t dump(std::FILE* out, base::WallTime now) const;

  [[nodiscard]] CachePiece<SavedRecords> piece(const base::ShardPlace& from, Warmth warmth, base::WallTime now) const;
  Restored restore(const SavedRecords& saved, base::WallTime now);

  void adopt(const Options& options); // but for the shards and what is let go of: those stay
  void setMaxEntries(std::size_t maxEntries);
  void setMinTtl(std::uint32_t seconds);
  void setMaxBytes(std::size_t maxBytes);
  [[nodiscard]] std::size_t entries() const;
  [[nodiscard]] std::size_t bytes() const;
  [[nodiscard]] std::uint64_t evicted() const;   // to make room
  [[nodiscard]] std::uint64_t contended() const; // lock acquisitions that had to wait
  [[nodiscard]] std::uint64_t acquired() const;
  [[nodiscard]] std::uint64_t oversized() const; // sets not kept because of maxEntrySize

 private:
  struct State;
  std::unique_ptr<State> d_state;
};

} // namespace rec
