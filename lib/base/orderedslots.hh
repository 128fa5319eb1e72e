// OrderedSlots: tagged entries in one piece of memory, in the order of their tags, so that a search ends early although
// the slots are seven eighths full. What FlatTable is made of; it decides what is in them. Used by one thread at a
// time.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "lib/base/memory.hh"

namespace base {

template <typename Entry> class OrderedSlots {
 public:
  struct Slot {
    Entry entry{};
    std::uint32_t tag = 0; // 0: free
    std::uint32_t use = 0; // FlatTable's
  };

  // How many there are, free ones included; they are numbered from 0.
  [[nodiscard]] std::uint32_t size() const { return d_size; }
  Slot& operator[](std::uint32_t at) { return d_slots[at]; }
  const Slot& operator[](std::uint32_t at) const { return d_slots[at]; }
  [[nodiscard]] std::uint32_t next(std::uint32_t at) const { return at + 1 < d_size ? at + 1 : 0; }
  // The number of the slot that this entry is in.
  [[nodiscard]] std::uint32_t numberOf(const Entry* entry) const {
    const auto offset = reinterpret_cast<const std::byte*>(entry) - reinterpret_cast<const std::byte*>(d_slots.get());
    return static_cast<std::uint32_t>(static_cast<std::size_t>(offset) / sizeof(Slot));
  }

  // Whether `entries` and one more would crowd them.
  [[nodiscard]] bool isFull(std::size_t entries) const { return (entries + 1) * 8 > std::size_t{d_homes} * 7; }
  // The size for so many entries, which fills what the allocator gives.
  static std::size_t sizeFor(std::size_t entries) { return entries == 0 ? 0 : roundUp(entries * 5 / 4 + kLeast); }

  // The slot with this tag for whose entry `match(entry)` holds, or null.
  template <typename Match> [[nodiscard]] Slot* find(std::uint32_t tag, const Match& match) {
    for (std::uint32_t at = home(tag); at < d_size && d_slots[at].tag != 0 && d_slots[at].tag <= tag; ++at) {
      if (d_slots[at].tag == tag && match(std::as_const(d_slots[at].entry))) {
        return &d_slots[at];
      }
    }
    return nullptr;
  }
  // The first entry with this tag, or null.
  [[nodiscard]] const Entry* first(std::uint32_t tag) const {
    std::uint32_t at = home(tag);
    while (at < d_size && d_slots[at].tag != 0 && d_slots[at].tag < tag) {
      ++at;
    }
    return at < d_size && d_slots[at].tag == tag ? &d_slots[at].entry : nullptr;
  }
  // Where a walk in the order of tags goes on that has seen all tags below this one: a slot, or size().
  [[nodiscard]] std::uint32_t from(std::uint32_t tag) const {
    std::uint32_t at = home(tag);
    while (at < d_size && d_slots[at].tag != 0 && d_slots[at].tag < tag) {
      ++at;
    }
    return at;
  }
  // Begins to load where find() will look.
  void prefetch(std::uint32_t tag) const { prefetch(d_slots.get(), d_homes, tag); }
  // The same by what front() and homes() were some time ago: nothing is read there, so that they may be out of date.
  static void prefetch(const void* front, std::uint32_t homes, std::uint32_t tag) {
    __builtin_prefetch(static_cast<const Slot*>(front) + home(tag, homes));
  }
  // Begins to load so many slots behind this one; there may be none, nothing is read.
  void prefetchAhead(std::uint32_t at, std::uint32_t count) const {
    constexpr std::uintptr_t line = 64;
    const auto begin = reinterpret_cast<std::uintptr_t>(d_slots.get()) + (std::size_t{at} + 1) * sizeof(Slot);
    for (std::uintptr_t next = begin / line * line; next < begin + count * sizeof(Slot); next += line) {
      __builtin_prefetch(reinterpret_cast<const void*>(next));
    }
  }
  [[nodiscard]] const void* front() const { return d_slots.get(); }
  [[nodiscard]] std::uint32_t homes() const { return d_homes; }

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

  // Closes the gap, so that no search ends early.
  void erase(std::uint32_t hole) {
    std::uint32_t end = hole + 1;
    while (end < d_size && d_slots[end].tag != 0 && home(d_slots[end].tag) < end) {
      ++end;
    }
    Slot* const slots = d_slots.get();
    std::move(slots + hole + 1, slots + end, slots + hole);
    slots[end - 1] = Slot{};
  }

  void resize(std::size_t size) { resize(size, kSpare); }
  // For place(), when tags crowd at the end.
  void addSpare() { resize(roundUp(d_size + d_size / 8 + 1), std::max(kSpare, (d_size - d_homes) * 2)); }

 private:
  static constexpr std::uint32_t kLeast = 8, kSpare = 48;

  static std::size_t roundUp(std::size_t slots) { return allocatedSize(slots * sizeof(Slot)) / sizeof(Slot); }

  // Tags grow with the places. Behind the last home is room for those that found theirs taken: nothing wraps round.
  [[nodiscard]] std::uint32_t home(std::uint32_t tag) const { return home(tag, d_homes); }
  [[nodiscard]] static std::uint32_t home(std::uint32_t tag, std::uint32_t homes) {
    return static_cast<std::uint32_t>((std::uint64_t{tag} * homes) >> 32);
  }

  // The order stays, so one pass fills the new slots. Takes more when these, `spare` of them behind the last home, do
  // not do.
  void resize(std::size_t size, std::uint32_t spare) {
    std::unique_ptr<Slot[]> old = std::move(d_slots);
    const std::uint32_t oldSize = std::exchange(d_size, 0);
    d_homes = 0;
    while (size != 0 && !fill(old.get(), oldSize, static_cast<std::uint32_t>(size), spare)) {
      size += size / 8 + 1;
      spare *= 2;
    }
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

  std::unique_ptr<Slot[]> d_slots;
  std::uint32_t d_size = 0, d_homes = 0; // slots; those that are the home of a tag
};

} // namespace base
