// FlatTable: the bounded hash table under all caches, one piece of memory (orderedslots.hh), used by one thread at a
// time (ShardMap locks; the packet cache needs no lock). It counts entries and bytes; what goes when it is full is
// found among a few neighbours (eviction.hh). It never reads a clock and never knows keys: callers bring the tag, a
// part of the hash, and a predicate.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "lib/base/eviction.hh"
#include "lib/base/orderedslots.hh"

namespace base {

// `Entry`: default constructible, movable, with `std::size_t heapBytes() const`: what it owns outside of itself, as
// the allocator rounds it (allocatedSize).
template <typename Entry> class FlatTable {
  using Slots = OrderedSlots<Entry>;
  using Slot = typename Slots::Slot;

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
    Slot* const found = d_slots.find(tag, match);
    if (found == nullptr) {
      return nullptr;
    }
    d_eviction.touch(found->use);
    return &found->entry;
  }

  // Begins to load where find() will look.
  void prefetch(std::uint32_t tag) const { d_slots.prefetch(tag); }
  static void prefetch(const void* front, std::uint32_t homes, std::uint32_t tag) {
    Slots::prefetch(front, homes, tag);
  }
  [[nodiscard]] const void* front() const { return d_slots.front(); }
  [[nodiscard]] std::uint32_t homes() const { return d_slots.homes(); }
  // The first entry with this tag, whether it is the right one or not; null when there is none. Not a use.
  [[nodiscard]] const Entry* guess(std::uint32_t tag) const { return d_slots.first(tag); }

  // Adds an entry that find() did not find, making room for it: first by entries of which `dead(entry)` holds, then
  // by those worth least. False when it is too big, or refused. Few slots beyond the bytes are taken when tags crowd at
  // the end.
  template <typename Dead> bool insert(std::uint32_t tag, Entry entry, const Bounds& bounds, const Dead& dead) {
    return insertMade(tag, entry.heapBytes(), [&] { return std::move(entry); }, bounds, dead);
  }
  // The same of an entry that will own `heap` octets, and is made() only when it is taken in.
  template <typename Make, typename Dead>
  bool insertMade(std::uint32_t tag, std::size_t heap, const Make& make, const Bounds& bounds, const Dead& dead) {
    if (heap + sizeof(Slot) > bounds.maxBytes) {
      return false;
    }
    if (bounds.mayRefuse) d_eviction.prefetch(tag);
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
    put(tag, make(), heap, [&] { return d_eviction.fresh(tag); });
    return true;
  }

  // Adds an entry that find() did not find and that comes from an earlier life with so much worth (Eviction::heat),
  // when there is room for it: nothing goes for it.
  bool restore(std::uint32_t tag, Entry entry, const Bounds& bounds, unsigned heat) {
    const std::size_t heap = entry.heapBytes();
    if (entries() >= bounds.maxEntries || bytes() + heap + growth() > bounds.maxBytes) {
      return false;
    }
    put(tag, std::move(entry), heap, [&] { return d_eviction.warmed(tag, heat); });
    return true;
  }

  // Puts another entry of the same key where `at` (from find) is.
  void replace(Entry* at, Entry with) {
    account(0, with.heapBytes() - at->heapBytes());
    *at = std::move(with);
  }

  void erase(Entry* at) { eraseAt(d_slots.numberOf(at)); }

  // Removes all entries for which `match(entry)` holds; returns how many. Gives memory back that has become too much.
  template <typename Match> std::size_t eraseIf(const Match& match) {
    std::size_t erased = 0;
    for (std::uint32_t at = 0; at < d_slots.size();) {
      if (d_slots[at].tag == 0 || !match(std::as_const(d_slots[at].entry))) {
        ++at;
        continue;
      }
      eraseAt(at); // another entry may have moved here: look again
      ++erased;
    }
    if (erased > 0 && entries() < d_slots.size() / 4) {
      resize(Slots::sizeFor(entries()));
    }
    return erased;
  }

  // Lets go until there are no more than so many, and the memory with them.
  void shrinkTo(std::size_t count) {
    if (entries() > count) {
      while (entries() > count) {
        evictOne([](const Entry&) { return false; });
      }
      resize(Slots::sizeFor(count));
    }
  }

  template <typename Dead> void evictOne(const Dead& dead) {
    for (;;) {
      const std::uint32_t worst = choose(dead);
      if (worst != d_slots.size() &&
          (dead(std::as_const(d_slots[worst].entry)) || d_eviction.letsGo(d_slots[worst].use))) {
        d_evicted.store(evicted() + 1, std::memory_order_relaxed);
        return eraseAt(worst, true);
      }
    }
  }

  template <typename Visit> void forEach(const Visit& visit) const {
    for (std::uint32_t at = 0; at < d_slots.size(); ++at) {
      if (d_slots[at].tag != 0) {
        visit(d_slots[at].entry);
      }
    }
  }

  // A piece of a walk through all entries that may change meanwhile: visits about `most`, those with tags from `tag`
  // on, with their heat. The tag to go on with; 0: that was the end.
  template <typename Visit> std::uint32_t visitSome(std::uint32_t tag, std::size_t most, const Visit& visit) const {
    std::uint32_t last = 0;
    for (std::uint32_t at = d_slots.from(tag); at < d_slots.size(); ++at) {
      const Slot& slot = d_slots[at];
      if (slot.tag == 0) {
        continue;
      }
      if (most == 0 && slot.tag != last) {
        return slot.tag;
      }
      visit(slot.entry, d_eviction.heat(slot.use));
      most -= most > 0 ? 1 : 0;
      last = slot.tag;
    }
    return 0;
  }

  // Any thread may ask these.
  [[nodiscard]] std::size_t entries() const { return d_count.load(std::memory_order_relaxed); }
  [[nodiscard]] std::size_t bytes() const {
    return d_bytes.load(std::memory_order_relaxed);
  } // slots, and what is owned
  [[nodiscard]] std::uint64_t evicted() const { return d_evicted.load(std::memory_order_relaxed); }

 private:
  static constexpr std::size_t kSlotBytes = sizeof(Slot) + 1; // with d_eviction's ghost
  static constexpr unsigned kSample = 8;                      // compared to find the one to evict
  static constexpr unsigned kMostLooked = 64;                 // looked at to find those
  static constexpr unsigned kSwept = 3;                       // looked at in each insertion, whether they are dead

  [[nodiscard]] bool isFull() const { return d_slots.isFull(entries()); }
  // What the next insertion adds in slots.
  [[nodiscard]] std::size_t growth() const {
    if (!isFull()) {
      return 0;
    }
    const std::size_t wanted = Slots::sizeFor(entries() + 1);
    return (wanted - std::min<std::size_t>(d_slots.size(), wanted)) * kSlotBytes;
  }

  template <typename Use> void put(std::uint32_t tag, Entry entry, std::size_t heap, const Use& use) {
    if (isFull()) {
      resize(Slots::sizeFor(entries() + 1));
    }
    Slot fresh{std::move(entry), tag, use()};
    while (!d_slots.place(fresh)) {
      changeSlots([this] { d_slots.addSpare(); });
    }
    account(1, heap);
  }

  void account(std::size_t entries, std::size_t bytes) { // differences, modulo 2^64; one thread at a time writes
    d_count.store(d_count.load(std::memory_order_relaxed) + entries, std::memory_order_relaxed);
    d_bytes.store(d_bytes.load(std::memory_order_relaxed) + bytes, std::memory_order_relaxed);
  }

  // The entry worth least among the next ones; the number of slots when none can be chosen in this
  // round.
  template <typename Dead> std::uint32_t choose(const Dead& dead) {
    std::uint32_t worst = d_slots.size();
    std::uint32_t least = Eviction::kPass;
    d_eviction.begin(entries());
    for (unsigned looked = 0, seen = 0; looked < kMostLooked && seen < kSample; ++looked) {
      d_hand = d_slots.next(d_hand);
      const Slot& slot = d_slots[d_hand];
      const std::uint32_t worth = slot.tag == 0 ? Eviction::kPass : dead(slot.entry) ? 0 : d_eviction.worth(slot.use);
      seen += worth == Eviction::kPass ? 0 : 1;
      if (worth < least) {
        worst = d_hand;
        least = worth;
      }
    }
    d_slots.prefetchAhead(d_hand, kSample); // the beginning of the next round
    return worst;
  }

  void resize(std::size_t size) {
    changeSlots([this, size] { d_slots.resize(size); });
  }
  template <typename Change> void changeSlots(const Change& change) {
    const std::size_t before = d_slots.size();
    change();
    d_hand = d_broom = 0;
    d_eviction.resized(d_slots.size());
    account(0, (d_slots.size() - before) * kSlotBytes);
  }

  void eraseAt(std::uint32_t at, bool evicted = false) {
    d_eviction.gone(d_slots[at].tag, d_slots[at].use, evicted);
    account(std::size_t{0} - 1, std::size_t{0} - d_slots[at].entry.heapBytes());
    d_slots.erase(at);
  }

  // It goes in step through memory that nobody else looks at: what the next insertion will look at is loaded meanwhile.
  template <typename Dead> void sweep(const Dead& dead) {
    if (d_slots.size() == 0) return;
    for (unsigned looked = 0; looked < kSwept; ++looked) {
      d_broom = d_slots.next(d_broom);
      if (d_slots[d_broom].tag != 0 && dead(std::as_const(d_slots[d_broom].entry))) {
        eraseAt(d_broom);
      }
    }
    d_slots.prefetchAhead(d_broom, kSwept);
  }

  Slots d_slots;
  Eviction d_eviction;
  std::uint32_t d_hand = 0;  // where the last victim was sought
  std::uint32_t d_broom = 0; // looks at a few slots per insertion for entries that are dead
  std::atomic<std::size_t> d_count{0}, d_bytes{0};
  std::atomic<std::uint64_t> d_evicted{0};
};

} // namespace base
