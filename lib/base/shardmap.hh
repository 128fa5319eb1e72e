// ShardMap: the bounded hash map under the shared caches. Locking: one mutex per shard; a caller locks one shard, looks
// and changes, and lets go; never two at once. Open addressing with linear probing, no allocation per entry. When a
// shard is full the clock hand (one bit per entry, set by use) takes entries that were not used since it last came by.
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

namespace base {

// `Entry`: default constructible, movable, with `std::size_t heapBytes() const`: what it owns outside of itself.
// Of a hash, the upper 32 bits choose the shard and the lower 32 the place in it: entries whose upper halves are equal
// share a shard and can be found together.
template <typename Entry> class ShardMap {
  struct Slot {
    Entry entry{};
    std::uint32_t tag = 0; // of the hash, never 0 in use
    bool used = false;     // since the hand came by
  };
  struct alignas(64) Shard {
    std::mutex mutex;
    std::vector<Slot> slots;
    std::size_t hand = 0;  // of the clock
    std::size_t broom = 0; // looks at a few slots per insertion for entries that are dead
    std::atomic<std::size_t> count{0}, bytes{0};
    std::atomic<std::uint64_t> acquired{0}, contended{0};
  };

 public:
  struct Limits {
    std::size_t shards = 1;
    std::size_t maxEntries = 1;
    std::size_t maxBytes = SIZE_MAX;
  };

  // Uses fewer shards than asked for when each would hold only a handful.
  explicit ShardMap(const Limits& limits)
      : d_shardCount(std::clamp<std::size_t>(
            std::min({limits.shards, limits.maxEntries / kMinShardEntries, limits.maxBytes / kMinShardBytes}), 1,
            kMaxShards)),
        d_shardBytes(limits.maxBytes / d_shardCount), d_shards(std::make_unique<Shard[]>(d_shardCount)) {
    setMaxEntries(limits.maxEntries);
  }

  // One shard, locked while this object lives. Pointers to entries are valid until the next insertion or removal.
  class Locked {
   public:
    // The entry with this hash for which `match(entry)` holds, or null. Counts as a use.
    template <typename Match> [[nodiscard]] Entry* find(std::size_t hash, const Match& match) {
      const std::uint32_t tag = tagOf(hash);
      const std::vector<Slot>& slots = d_shard.slots;
      for (std::size_t at = home(tag); !slots.empty() && slots[at].tag != 0; at = next(at)) {
        if (slots[at].tag == tag && match(slots[at].entry)) {
          return touch(d_shard.slots[at]);
        }
      }
      return nullptr;
    }

    // Adds an entry that find() did not find, making room for it: first by entries of which `dead(entry)` holds, then
    // by those unused for longest. False when it is too big for the shard.
    template <typename Dead> bool insert(std::size_t hash, Entry entry, const Dead& dead) {
      const std::size_t size = entry.heapBytes() + sizeof(Slot);
      if (size > d_map.d_shardBytes) {
        return false;
      }
      sweep(dead);
      while (d_shard.count > 0 &&
             (d_shard.count >= d_map.d_shardEntries || d_shard.bytes + size > d_map.d_shardBytes)) {
        evictOne(dead);
      }
      grow();
      place(Slot{std::move(entry), tagOf(hash), false});
      account(1, size);
      return true;
    }

    // Puts another entry of the same hash where `at` (from find) is.
    void replace(Entry* at, Entry with) {
      account(0, with.heapBytes() - at->heapBytes());
      *at = std::move(with);
    }

    void erase(Entry* at) { eraseAt(indexOf(at)); }

    // Removes all entries for which `match(entry)` holds; returns how many.
    template <typename Match> std::size_t eraseIf(const Match& match) {
      std::size_t erased = 0;
      for (std::size_t at = 0; at < d_shard.slots.size();) {
        if (d_shard.slots[at].tag == 0 || !match(d_shard.slots[at].entry)) {
          ++at;
          continue;
        }
        eraseAt(at); // another entry may have moved here: look again
        ++erased;
      }
      if (d_shard.count == 0) {
        std::vector<Slot>().swap(d_shard.slots);
      }
      return erased;
    }

    template <typename Visit> void forEach(const Visit& visit) const {
      for (const Slot& slot : d_shard.slots) {
        if (slot.tag != 0) {
          visit(slot.entry);
        }
      }
    }

   private:
    friend class ShardMap;
    Locked(const ShardMap& map, Shard& shard) : d_map(map), d_shard(shard), d_lock(shard.mutex, std::try_to_lock) {
      if (!d_lock.owns_lock()) {
        d_lock.lock();
        bump(shard.contended);
      }
      bump(shard.acquired);
    }

    // Written under the lock only: needs no atomic addition.
    template <typename Number> static void bump(std::atomic<Number>& counter, Number by = 1) {
      counter.store(counter.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
    }
    void account(std::size_t entries, std::size_t bytes) { // differences, modulo 2^64
      bump(d_shard.count, entries);
      bump(d_shard.bytes, bytes);
    }

    static std::uint32_t tagOf(std::size_t hash) {
      return std::max<std::uint32_t>(static_cast<std::uint32_t>(hash), 1);
    }
    [[nodiscard]] std::size_t indexOf(const Entry* entry) const {
      const auto offset =
          reinterpret_cast<const std::byte*>(entry) - reinterpret_cast<const std::byte*>(d_shard.slots.data());
      return static_cast<std::size_t>(offset) / sizeof(Slot);
    }
    static Entry* touch(Slot& slot) {
      if (!slot.used) {
        slot.used = true;
      }
      return &slot.entry;
    }
    [[nodiscard]] std::size_t home(std::uint32_t tag) const {
      return static_cast<std::size_t>((std::uint64_t{tag} * d_shard.slots.size()) >> 32);
    }
    [[nodiscard]] std::size_t next(std::size_t at) const { return at + 1 == d_shard.slots.size() ? 0 : at + 1; }
    // How far `to` is behind `from`, going round.
    [[nodiscard]] std::size_t distance(std::size_t from, std::size_t to) const {
      return to >= from ? to - from : to + d_shard.slots.size() - from;
    }

    void place(Slot slot) {
      std::size_t at = home(slot.tag);
      while (d_shard.slots[at].tag != 0) {
        at = next(at);
      }
      d_shard.slots[at] = std::move(slot);
    }

    // Keeps a quarter free. Grows twofold, but not beyond what the limit on entries needs.
    void grow() {
      const std::size_t needed = (d_shard.count + 1) * 4 / 3 + 1;
      if (needed <= d_shard.slots.size()) {
        return;
      }
      const std::size_t most = std::max<std::size_t>(d_map.d_shardEntries * 4 / 3 + 1, needed);
      std::vector<Slot> old(std::clamp<std::size_t>(d_shard.slots.size() * 2, std::min<std::size_t>(8, most), most));
      old.swap(d_shard.slots);
      for (Slot& slot : old) {
        if (slot.tag != 0) {
          place(std::move(slot));
        }
      }
      d_shard.hand = d_shard.broom = 0;
    }

    // Closes the gap, so that no probe ends early.
    void eraseAt(std::size_t hole) {
      std::vector<Slot>& slots = d_shard.slots;
      account(std::size_t{0} - 1, std::size_t{0} - (slots[hole].entry.heapBytes() + sizeof(Slot)));
      for (std::size_t at = next(hole); slots[at].tag != 0; at = next(at)) {
        if (distance(home(slots[at].tag), at) >= distance(hole, at)) {
          slots[hole] = std::move(slots[at]);
          hole = at;
        }
      }
      slots[hole] = Slot{};
    }

    template <typename Dead> void sweep(const Dead& dead) {
      for (std::size_t looked = 0; looked < kSwept && !d_shard.slots.empty(); ++looked) {
        d_shard.broom = next(std::min(d_shard.broom, d_shard.slots.size() - 1));
        if (d_shard.slots[d_shard.broom].tag != 0 && dead(std::as_const(d_shard.slots[d_shard.broom].entry))) {
          eraseAt(d_shard.broom);
        }
      }
    }

    template <typename Dead> void evictOne(const Dead& dead) {
      for (;; d_shard.hand = next(d_shard.hand)) {
        d_shard.hand = std::min(d_shard.hand, d_shard.slots.size() - 1);
        Slot& slot = d_shard.slots[d_shard.hand];
        if (slot.tag == 0) {
          continue;
        }
        if (!slot.used || dead(std::as_const(slot.entry))) {
          return eraseAt(d_shard.hand);
        }
        slot.used = false;
      }
    }

    static constexpr std::size_t kSwept = 3;
    const ShardMap& d_map;
    Shard& d_shard;
    std::unique_lock<std::mutex> d_lock;
  };

  [[nodiscard]] Locked lock(std::size_t hash) const {
    return Locked(*this, d_shards[static_cast<std::size_t>(((hash >> 32) * d_shardCount) >> 32)]);
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

  // A smaller limit takes effect in each shard with its next insertion.
  void setMaxEntries(std::size_t maxEntries) {
    d_shardEntries = std::max<std::size_t>((maxEntries + d_shardCount - 1) / d_shardCount, 1);
  }

  [[nodiscard]] std::size_t entries() const { return sum(&Shard::count); }
  [[nodiscard]] std::size_t bytes() const { return sum(&Shard::bytes); } // of slots in use and what entries own
  [[nodiscard]] std::uint64_t acquired() const { return sum(&Shard::acquired); }
  [[nodiscard]] std::uint64_t contended() const { return sum(&Shard::contended); } // locks that had to wait

 private:
  static constexpr std::size_t kMinShardEntries = 64;
  static constexpr std::size_t kMinShardBytes = std::size_t{64} << 10;
  static constexpr std::size_t kMaxShards = std::size_t{1} << 16;

  template <typename Number> Number sum(std::atomic<Number> Shard::* counter) const {
    Number total = 0;
    for (std::size_t i = 0; i < d_shardCount; ++i) {
      total += (d_shards[i].*counter).load(std::memory_order_relaxed);
    }
    return total;
  }

  std::size_t d_shardCount;
  std::size_t d_shardBytes;
  std::atomic<std::size_t> d_shardEntries{1};
  std::unique_ptr<Shard[]> d_shards;
};

} // namespace base
