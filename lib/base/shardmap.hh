// ShardMap: the bounded hash map under the shared caches. Locking: one lock per shard; a caller locks one shard, looks
// and changes, and lets go; never two at once. A shard is a FlatTable: no allocation per entry.
// It never reads a clock and never knows keys: callers bring the hash and a predicate.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "lib/base/flattable.hh"
#include "lib/base/shardlock.hh"

namespace base {

// Where a walk through all entries of a ShardMap has come to; to begin with: {}.
struct ShardPlace {
  std::size_t shard = 0;
  std::uint32_t tag = 0;
};

// Of a hash, the upper 32 bits choose the shard and the lower 32 the place in it: entries whose upper halves are equal
// share a shard and can be found together.
template <typename Entry> class ShardMap {
  using Table = FlatTable<Entry>;
  // What a look-up needs fits into the first cache line.
  struct alignas(64) Shard {
    std::atomic<std::uint64_t> acquired{0};
    ShardLock lock;
    Table table;
    std::atomic<std::uint64_t> contended{0};
    // The table's, for prefetch(): written under the lock, read without.
    std::atomic<const void*> front{nullptr};
    std::atomic<std::uint32_t> homes{0};
  };

 public:
  struct Limits {
    std::size_t shards = 1;
    std::size_t maxEntries = 1;
    std::size_t maxBytes = SIZE_MAX;
    EvictionStrategy eviction = EvictionStrategy::S3Fifo;
  };

  // Uses fewer shards than asked for when each would hold only a handful.
  explicit ShardMap(const Limits& limits)
      : d_shardCount(std::clamp<std::size_t>(
            std::min({limits.shards, limits.maxEntries / kMinShardEntries, limits.maxBytes / kMinShardBytes}), 1,
            kMaxShards)),
        d_shards(std::make_unique<Shard[]>(d_shardCount)) {
    setMaxEntries(limits.maxEntries);
    setMaxBytes(limits.maxBytes);
    for (std::size_t i = 0; i < d_shardCount; ++i) {
      d_shards[i].table.setStrategy(limits.eviction);
    }
  }

  // One shard, locked while this object lives. Pointers to entries are valid until the next insertion or removal.
  class Locked {
   public:
    // As FlatTable's, each.
    template <typename Match> [[nodiscard]] Entry* find(std::size_t hash, const Match& match) {
      return d_shard.table.find(Table::tagOf(hash), match);
    }
    template <typename Dead> bool insert(std::size_t hash, Entry entry, const Dead& dead) {
      const bool isIn = d_shard.table.insert(Table::tagOf(hash), std::move(entry), d_map.shardBounds(), dead);
      noteSlots();
      return isIn;
    }
    bool restore(std::size_t hash, Entry entry, unsigned heat) {
      const bool isIn = d_shard.table.restore(Table::tagOf(hash), std::move(entry), d_map.shardBounds(), heat);
      noteSlots();
      return isIn;
    }
    void replace(Entry* at, Entry with) { d_shard.table.replace(at, std::move(with)); }
    void erase(Entry* at) { d_shard.table.erase(at); }
    template <typename Match> std::size_t eraseIf(const Match& match) {
      const std::size_t erased = d_shard.table.eraseIf(match);
      noteSlots();
      return erased;
    }
    // The first entry that find() will look at, or null. Not a use.
    [[nodiscard]] const Entry* guess(std::size_t hash) const { return d_shard.table.guess(Table::tagOf(hash)); }
    template <typename Visit> void forEach(const Visit& visit) const { d_shard.table.forEach(visit); }

   private:
    friend class ShardMap;
    Locked(const ShardMap& map, Shard& shard) : d_map(map), d_shard(shard), d_lock(shard.lock, std::try_to_lock) {
      if (!d_lock.owns_lock()) {
        d_lock.lock();
        bump(shard.contended);
      }
      bump(shard.acquired);
    }

    void noteSlots() {
      if (d_shard.front.load(std::memory_order_relaxed) != d_shard.table.front() ||
          d_shard.homes.load(std::memory_order_relaxed) != d_shard.table.homes()) {
        d_shard.front.store(d_shard.table.front(), std::memory_order_relaxed);
        d_shard.homes.store(d_shard.table.homes(), std::memory_order_relaxed);
      }
    }
    // Written under the lock only: needs no atomic addition.
    static void bump(std::atomic<std::uint64_t>& counter) {
      counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    }

    const ShardMap& d_map;
    Shard& d_shard;
    std::unique_lock<ShardLock> d_lock;
  };

  [[nodiscard]] Locked lock(std::size_t hash) const { return Locked(*this, shardOf(hash)); }
  // Begins to load where a look-up will look, as far as that is known without a lock.
  void prefetch(std::size_t hash) const {
    const Shard& shard = shardOf(hash);
    __builtin_prefetch(&shard);
    Table::prefetch(shard.front.load(std::memory_order_relaxed), shard.homes.load(std::memory_order_relaxed),
                    Table::tagOf(hash));
  }
  [[nodiscard]] std::size_t shardCount() const { return d_shardCount; }
  [[nodiscard]] Locked lockShard(std::size_t index) const { return Locked(*this, d_shards[index]); }

  // Removes from all shards, one after the other.
  template <typename Match> std::size_t eraseIf(const Match& match) {
    std::size_t erased = 0;
    for (std::size_t i = 0; i < d_shardCount; ++i) {
      erased += lockShard(i).eraseIf(match);
    }
    return erased;
  }

  // Copies of a shard's entries, so that dumps write without holding the lock.
  [[nodiscard]] std::vector<Entry> copyShard(std::size_t index) const {
    std::vector<Entry> entries;
    lockShard(index).forEach([&](const Entry& entry) { entries.push_back(entry); });
    return entries;
  }

  // Goes through all entries, about `most` under one lock: visit(entry, heat). Where to go on from; `from.shard` is
  // shardCount() when there are no more.
  template <typename Visit>
  [[nodiscard]] ShardPlace visitSome(ShardPlace from, std::size_t most, const Visit& visit) const {
    const Locked shard = lockShard(from.shard);
    const std::uint32_t next = shard.d_shard.table.visitSome(from.tag, most, visit);
    return next != 0 ? ShardPlace{from.shard, next} : ShardPlace{from.shard + 1, 0};
  }

  // A smaller limit takes effect in each shard with its next insertion.
  void setMaxEntries(std::size_t maxEntries) {
    d_shardEntries = std::max<std::size_t>((maxEntries + d_shardCount - 1) / d_shardCount, 1);
  }

  void setMaxBytes(std::size_t maxBytes) { d_shardBytes = maxBytes / d_shardCount; } // likewise

  [[nodiscard]] std::size_t entries() const {
    return sum([](const Shard& shard) { return shard.table.entries(); });
  }
  [[nodiscard]] std::size_t bytes() const { // of slots and what entries own
    return sum([](const Shard& shard) { return shard.table.bytes(); });
  }
  [[nodiscard]] std::uint64_t evicted() const {
    return sum([](const Shard& shard) { return shard.table.evicted(); });
  }
  [[nodiscard]] std::uint64_t acquired() const {
    return sum([](const Shard& shard) { return shard.acquired.load(std::memory_order_relaxed); });
  }
  [[nodiscard]] std::uint64_t contended() const { // locks that had to wait
    return sum([](const Shard& shard) { return shard.contended.load(std::memory_order_relaxed); });
  }

 private:
  static constexpr std::size_t kMinShardEntries = 64;
  static constexpr std::size_t kMinShardBytes = std::size_t{64} << 10;
  static constexpr std::size_t kMaxShards = std::size_t{1} << 16;

  template <typename Count> [[nodiscard]] std::uint64_t sum(const Count& count) const {
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < d_shardCount; ++i) {
      total += count(d_shards[i]);
    }
    return total;
  }
  [[nodiscard]] Shard& shardOf(std::size_t hash) const {
    return d_shards[static_cast<std::size_t>(((hash >> 32) * d_shardCount) >> 32)];
  }
  [[nodiscard]] typename Table::Bounds shardBounds() const {
    return {d_shardEntries.load(std::memory_order_relaxed), d_shardBytes.load(std::memory_order_relaxed)};
  }

  std::size_t d_shardCount;
  std::atomic<std::size_t> d_shardEntries{1}, d_shardBytes{0};
  std::unique_ptr<Shard[]> d_shards;
};

} // namespace base
