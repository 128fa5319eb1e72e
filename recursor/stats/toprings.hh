// TopRings: the last questions, clients and silent servers of a worker, from which rec_control top-* counts. One per
// worker, written by its thread only and read by posting to it; memory of a fixed size, made once (pages that were
// never written cost nothing). Of a batch of hits one is noted, with the number that it stands for: see isDue().
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "lib/base/address.hh"
#include "lib/base/pages.hh"
#include "lib/dns/name.hh"
#include "lib/dns/types.hh"

namespace rec {

enum class TopEvent : std::uint8_t { Asked, ServFail, Bogus, Large, TimedOut };
constexpr std::size_t kTopEvents = 5;
constexpr std::size_t kTopNamedEvents = 3; // of them: those that are about a name, too
constexpr std::size_t kLargeAnswer = 1000; // octets; longer ones are Large

class TopRings {
 public:
  // A name in wire form and a type. A name that is longer than `octets` goes on in the slots behind it, whose `size` is
  // 0; such slots are passed over when the first one has been written over.
  struct NameSlot {
    std::uint8_t size;
    std::uint8_t weight; // how many such questions it stands for
    dns::RRType type;
    std::array<std::byte, 60> octets;
  };
  struct AddressSlot {
    std::uint8_t size; // 4 or 16; 0: never written
    std::uint8_t weight;
    std::array<std::byte, 16> octets;
  };

  explicit TopRings(std::size_t entries); // stats-ringbuffer-entries, of each ring; 0: nothing is noted

  // `name` is in wire form. For the first kTopNamedEvents.
  void note(TopEvent event, std::span<const std::byte> name, dns::RRType type, const base::Address& client,
            std::size_t weight = 1);
  void note(TopEvent event, const base::Address& who, std::size_t weight = 1);

  // `hits` questions of a batch were answered from the packet cache: whether one of them is to be noted now, with
  // takeWeight(). Of few each batch has one, of many one stands for several batches.
  [[nodiscard]] bool isDue(std::size_t hits) {
    constexpr std::size_t kFew = 4, kMany = 64;
    d_hits += hits;
    return d_entries != 0 && hits != 0 && (hits < kFew || d_hits >= kMany);
  }
  [[nodiscard]] std::size_t takeWeight() { return std::exchange(d_hits, 0); }
  // A number below `count`, each time another one.
  [[nodiscard]] std::size_t choose(std::size_t count) { return d_choice++ % count; }

  // What is there, oldest first. On the worker's thread.
  [[nodiscard]] std::vector<NameSlot> names(TopEvent event) const { return d_names[at(event)].copy(); }
  [[nodiscard]] std::vector<AddressSlot> addresses(TopEvent event) const { return d_addresses[at(event)].copy(); }

 private:
  template <typename Slot> struct Ring {
    base::Pages<Slot> slots;
    std::size_t next = 0;
    bool full = false;

    Slot& take() {
      Slot& slot = slots[next];
      if (++next == slots.size()) {
        next = 0;
        full = true;
      }
      return slot;
    }
    [[nodiscard]] std::vector<Slot> copy() const {
      const auto all = slots.span();
      std::vector<Slot> result;
      if (full) result.assign(all.begin() + static_cast<std::ptrdiff_t>(next), all.end());
      result.insert(result.end(), all.begin(), all.begin() + static_cast<std::ptrdiff_t>(next));
      return result;
    }
  };
  static constexpr std::size_t at(TopEvent event) { return static_cast<std::size_t>(event); }

  std::size_t d_entries;
  std::size_t d_hits = 0; // since one was noted
  std::uint32_t d_choice = 0;
  std::array<Ring<NameSlot>, kTopNamedEvents> d_names;
  std::array<Ring<AddressSlot>, kTopEvents> d_addresses;
};

} // namespace rec
