// SubnetCache: RRsets that servers gave for clients of one network only (RFC 7871 7.3.1), by name, type and network,
// shared by all workers. What is for everybody is in RecordCache; a name of which nothing is here costs it nothing.
// Locking: one lock per shard. Bounded by names, networks of a name, and bytes; what goes is all of a name.
#pragma once

#include <atomic>
#include <cstdio>
#include <memory>
#include <optional>

#include "recursor/cache/recordcache.hh"
#include "recursor/cache/subnetscope.hh"

namespace rec {

// One network's records.
struct SavedSubnet {
  SavedRecords records;
  SubnetScope scope;
};

class SubnetCache {
 public:
  struct Options {
    std::size_t shards = 128;
    std::size_t maxEntries = 125'000; // names and types
    std::size_t maxBytes = std::size_t{1} << 26;
    base::EvictionStrategy eviction = base::EvictionStrategy::S3Fifo; // cache-eviction-strategy
    std::size_t maxNetworks = 1024;                                   // ecs-max-networks-per-name
    std::size_t maxEntrySize = 8192;                                  // max-recordcache-entry-size
    std::uint32_t maxTtl = 86400;                                     // max-cache-ttl
    std::uint32_t minTtl = 1;                                         // ecs-minimum-ttl-override
    std::uint32_t bogusTtl = 5;                                       // failure-cache-ttl: of what failed validation
  };
  explicit SubnetCache(const Options& options);
  ~SubnetCache();

  struct Found {
    bool varies = false;         // something is cached for some network
    std::optional<CacheHit> hit; // for this one: of the longest network that it is in
    SubnetScope scope;           // of `hit`
  };
  // The set of the type, else the CNAME at the name.
  [[nodiscard]] Found find(const dns::Name& name, dns::RRType type, const base::Netmask& client, base::WallTime now);
  // Replaces what is there for the same network, unless that was validated and this was not. Whether it was kept.
  bool store(const dns::RRset& rrset, const SubnetScope& scope, Rank rank, Security security, base::WallTime now);
  // Notes what validation said of a set that is there. False when other data is.
  bool judge(const dns::RRset& rrset, const SubnetScope& scope, Security security, base::WallTime now);
  // As RecordCache's: how many sets went.
  std::size_t wipe(const dns::Name& name, bool subtree, std::optional<dns::RRType> type = std::nullopt);
  std::size_t dump(std::FILE* out, base::WallTime now) const;

  [[nodiscard]] CachePiece<std::vector<SavedSubnet>> piece(const base::ShardPlace& from, base::WallTime now) const;
  Restored restore(const SavedSubnet& saved, base::WallTime now);

  void adopt(const Options& options); // but for the shards and what is let go of: those stay
  void setMinTtl(std::uint32_t seconds);
  void setMaxBytes(std::size_t maxBytes);
  [[nodiscard]] std::size_t entries() const; // names and types
  [[nodiscard]] std::size_t bytes() const;
  [[nodiscard]] std::uint64_t evicted() const; // names and types, to make room

 private:
  struct State;
  std::unique_ptr<State> d_state;
};

} // namespace rec
