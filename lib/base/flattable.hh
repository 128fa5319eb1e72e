// FlatTable: the bounded hash table under all caches, one piece of memory, used by one thread at a time (ShardMap
// locks; the packet cache needs no lock). Entries stand in the order of their tags, so that a probe ends early although
// the table is kept seven eighths full. What goes when it is full is found among a few neighbours (eviction.hh). It
// never reads a clock and never knows keys: callers bring the tag, a part of the hash, and a predicate.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "lib/base/eviction.hh"
#include "lib/base/memory.hh"

namespace base {

// `Entry`: default constructible, movable, with `std::size_t heapBytes() const`: what it owns outside of itself, as
// the allocator rounds it (allocatedSize).
template <typename Entry> class FlatTable {
 public:
  struct Bounds {
    std::size_t maxEntries = SIZE_MAX, maxBytes = SIZE_MAX;
    bool mayRefuse = false; // a newcomer, when there is no room and it does not seem worth it
  };

  explicit FlatTable(EvictionStrategy strategy = EvictionStrategy::S3Fifo) : d_eviction(strategy) {}
  void setStrategy(EvictionStrategy strategy) { d_eviction = Eviction(strategy); } // while there are no entries

  // Of the lower half of a hash; 0 marks free slots.
  static std::uint32_t tagOf(std::size_t hash) { return std::max<std::uint32_t>(static_cast<std::uint32_t>(hash), 1); }

  // The entry with this tag for which `match(entry)` holds, or null. Counts as a use. Pointers to entries are valid
  // until the next insertion or removal.
  template <typename Match> [[nodiscard]] Entry* find(std::uint32_t tag, const Match& match) {
    for (std::uint32_t at = home(tag); at < d_size && d_slots[at].tag != 0 && d_slots[at].tag <= tag; ++at) {
      if (d_slots[at].tag == tag && match(std::as_const(d_slots[at].entry))) {
        d_eviction.touch(d_slots[at].use);
        return &d_slots[at].entry;
      }
    }
    return nullptr;
  }

  // Begins to load where find() will look.
  void prefetch(std::uint32_t tag) const { __builtin_prefetch(d_slots.get() + home(tag)); }
  // The first entry with this tag, whether it is the right one or not; null when there is none. Not a use.
  [[nodiscard]] const Entry* guess(std::uint32_t tag) const {
    std::uint32_t at = home(tag);
    while (at < d_size && d_slots[at].tag != 0 && d_slots[at].tag < tag) {
      ++at;
    }
    return at < d_size && d_slots[at].tag == tag ? &d_slots[at].entry : nullptr;
  }

  // Adds an entry that find() did not find, making room for it: first by entries of which `dead(entry)` holds, then
  // by those worth least. False when it is too big, or refused. Few slots beyond the bytes are taken when tags crowd at
  // the end.
  template <typename Dead> bool insert(std::uint32_t tag, Entry entry, const Bounds& bounds, const Dead& dead) {
    const std::size_t heap = entry.heapBytes();
    if (heap + sizeof(Slot) > bounds.maxBytes) {
      return false;
    }
    sweep(dead);
    const auto lacksRoom = [&] {
      return entries() > 0 && (entries() >= bounds.maxEntries || bytes() + heap + growth() > bounds.maxBytes);
    };
    if (bounds.mayRefuse && lacksRoom() && !d_eviction.admits(tag)) {
      return false;
    }
    while (lacksRoom()) {
      evictOne(dead);
    }
    if (isFull()) {
      resize(sizeFor(entries() + 1));
    }
    Slot fresh{std::move(entry), tag, d_eviction.fresh(tag)};
    while (!place(fresh)) {
      resize(roundUp(d_size + d_size / 8 + 1), std::max(kSpare, (d_size - d_homes) * 2));
    }
    account(1, heap);
    return true;
  }

  // Puts another entry of the same key where `at` (from find) is.
  void replace(Entry* at, Entry with) {
    account(0, with.heapBytes() - at->heapBytes());
    *at = std::move(with);
  }

  void erase(Entry* at) {
    const auto offset = reinterpret_cast<const std::byte*>(at) - reinterpret_cast<const std::byte*>(d_slots.get());
    eraseAt(static_cast<std::uint32_t>(static_cast<std::size_t>(offset) / sizeof(Slot)));
  }

  // Removes all entries for which `match(entry)` holds; returns how many. Gives memory back that has become too much.
  template <typename Match> std::size_t eraseIf(const Match& match) {
    std::size_t erased = 0;
    for (std::uint32_t at = 0; at < d_size;) {
      if (d_slots[at].tag == 0 || !match(std::as_const(d_slots[at].entry))) {
        ++at;
        continue;
      }
      eraseAt(at); // another entry may have moved here: look again
      ++erased;
    }
    if (erased > 0 && entries() < d_size / 4) {
      resize(sizeFor(entries()));
    }
    return erased;
  }

  // Lets go until there are no more than so many, and the memory with them.
  void shrinkTo(std::size_t count) {
    if (entries() > count) {
      while (entries() > count) {
        evictOne([](const Entry&) { return false; });
      }
      resize(sizeFor(count));
    }
  }

  template <typename Dead> void evictOne(const Dead& dead) {
    for (;;) {
      const std::uint32_t worst = choose(dead);
      if (worst != d_size && (dead(std::as_const(d_slots[worst].entry)) || d_eviction.letsGo(d_slots[worst].use))) {
        d_evicted.store(evicted() + 1, std::memory_order_relaxed);
        return eraseAt(worst, true);
      }
    }
  }

  template <typename Visit> void forEach(const Visit& visit) const {
    for (std::uint32_t at = 0; at < d_size; ++at) {
      if (d_slots[at].tag != 0) {
        visit(d_slots[at].entry);
      }
    }
  }

  // Any thread may ask these.
  [[nodiscard]] std::size_t entries() const { return d_count.load(std::memory_order_relaxed); }
  [[nodiscard]] std::size_t bytes() const {
    return d_bytes.load(std::memory_order_relaxed);
  } // slots, and what is owned
  [[nodiscard]] std::uint64_t evicted() const { return d_evicted.load(std::memory_order_relaxed); }

 private:
  struct Slot {
    Entry entry{};
    std::uint32_t tag = 0; // 0: free
    std::uint32_t use = 0; // what d_eviction remembers
  };
  static constexpr std::size_t kSlotBytes = sizeof(Slot) + 1; // with d_eviction's ghost
  static constexpr unsigned kSample = 8;                      // compared to find the one to evict
  static constexpr unsigned kMostLooked = 64;                 // looked at to find those
  static constexpr unsigned kSwept = 3;                       // looked at in each insertion, whether they are dead
  static constexpr std::uint32_t kLeast = 8, kSpare = 48;

  // Tags grow with the places. Behind the last home is room for those that found theirs taken: nothing wraps round.
  [[nodiscard]] std::uint32_t home(std::uint32_t tag) const {
    return static_cast<std::uint32_t>((std::uint64_t{tag} * d_homes) >> 32);
  }
  [[nodiscard]] std::uint32_t next(std::uint32_t at) const { return at + 1 < d_size ? at + 1 : 0; }
  [[nodiscard]] bool isFull() const { return (entries() + 1) * 8 > std::size_t{d_homes} * 7; }

  // The slots that fill what the allocator gives for so many.
  static std::size_t roundUp(std::size_t slots) { return allocatedSize(slots * sizeof(Slot)) / sizeof(Slot); }
  static std::size_t sizeFor(std::size_t count) { return count == 0 ? 0 : roundUp(count * 5 / 4 + kLeast); }
  // What the next insertion adds in slots.
  [[nodiscard]] std::size_t growth() const {
    return isFull() ? (sizeFor(entries() + 1) - std::min<std::size_t>(d_size, sizeFor(entries() + 1))) * kSlotBytes : 0;
  }

  void account(std::size_t entries, std::size_t bytes) { // differences, modulo 2^64; one thread at a time writes
    d_count.store(d_count.load(std::memory_order_relaxed) + entries, std::memory_order_relaxed);
    d_bytes.store(d_bytes.load(std::memory_order_relaxed) + bytes, std::memory_order_relaxed);
  }

  // The entry worth least among the next ones; d_size when none can be chosen in this round.
  template <typename Dead> std::uint32_t choose(const Dead& dead) {
    std::uint32_t worst = d_size;
    std::uint32_t least = Eviction::kPass;
    d_eviction.begin(entries());
    for (unsigned looked = 0, seen = 0; looked < kMostLooked && seen < kSample; ++looked) {
      d_hand = next(d_hand);
      const Slot& slot = d_slots[d_hand];
      const std::uint32_t worth = slot.tag == 0 ? Eviction::kPass : dead(slot.entry) ? 0 : d_eviction.worth(slot.use);
      seen += worth == Eviction::kPass ? 0 : 1;
      if (worth < least) {
        worst = d_hand;
        least = worth;
      }
    }
    return worst;
  }

  // Makes place where the order wants it, shifting what is behind. False when that needs a slot behind the last.
  bool place(Slot& fresh) {
    std::uint32_t at = home(fresh.tag);
    while (at < d_size && d_slots[at].tag != 0 && d_slots[at].tag <= fresh.tag) {
      ++at;
    }
    std::uint32_t free = at;
    while (free < d_size && d_slots[free].tag != 0) {
      ++free;
    }
    if (free == d_size) {
      return false;
    }
    Slot* const slots = d_slots.get();
    std::move_backward(slots + at, slots + free, slots + free + 1);
    slots[at] = std::move(fresh);
    return true;
  }

  // The order stays, so one pass fills the new slots. Takes more when these, `spare` of them behind the last home, do
  // not do.
  void resize(std::size_t size, std::uint32_t spare = kSpare) {
    std::unique_ptr<Slot[]> old = std::move(d_slots);
    const std::uint32_t oldSize = std::exchange(d_size, 0);
    d_homes = 0;
    account(0, std::size_t{0} - oldSize * kSlotBytes);
    while (size != 0 && !fill(old.get(), oldSize, static_cast<std::uint32_t>(size), spare)) {
      size += size / 8 + 1;
      spare *= 2;
    }
    d_hand = d_broom = 0;
    d_eviction.resized(d_size);
    account(0, d_size * kSlotBytes);
  }

  // Moves all entries to `size` new slots. False, and nothing moved, when the last ones would not fit.
  bool fill(Slot* old, std::uint32_t oldSize, std::uint32_t size, std::uint32_t spare) {
    d_homes = size - std::min(size / 8, kSpare) - std::min(size / 2, spare - kSpare);
    std::uint32_t end = 0;
    for (std::uint32_t i = 0; i < oldSize; ++i) {
      end = old[i].tag == 0 ? end : std::max(home(old[i].tag), end) + 1;
    }
    if (end > size) {
      return false;
    }
    d_slots = std::make_unique<Slot[]>(size);
    d_size = size;
    end = 0;
    for (std::uint32_t i = 0; i < oldSize; ++i) {
      if (old[i].tag != 0) {
        end = std::max(home(old[i].tag), end);
        d_slots[end++] = std::move(old[i]);
      }
    }
    return true;
  }

  // Closes the gap, so that no probe ends early.
  void eraseAt(std::uint32_t hole, bool evicted = false) {
    d_eviction.gone(d_slots[hole].tag, d_slots[hole].use, evicted);
    account(std::size_t{0} - 1, std::size_t{0} - d_slots[hole].entry.heapBytes());
    std::uint32_t end = hole + 1;
    while (end < d_size && d_slots[end].tag != 0 && home(d_slots[end].tag) < end) {
      ++end;
    }
    Slot* const slots = d_slots.get();
    std::move(slots + hole + 1, slots + end, slots + hole);
    slots[end - 1] = Slot{};
  }

  template <typename Dead> void sweep(const Dead& dead) {
    for (unsigned looked = 0; looked < kSwept && d_size > 0; ++looked) {
      d_broom = next(d_broom);
      if (d_slots[d_broom].tag != 0 && dead(std::as_const(d_slots[d_broom].entry))) {
        eraseAt(d_broom);
      }
    }
  }

  std::unique_ptr<Slot[]> d_slots;
  std::uint32_t d_size = 0, d_homes = 0; // slots; those that are the home of a tag
  Eviction d_eviction;
  std::uint32_t d_hand = 0;  // where the last victim was sought
  std::uint32_t d_broom = 0; // looks at a few slots per insertion for entries that are dead
  std::atomic<std::size_t> d_count{0}, d_bytes{0};
  std::atomic<std::uint64_t> d_evicted{0};
};

} // namespace base
