// Dictionary: the distinct byte strings of a block, each once, numbered in the order in which they came. Used by the
// block builder for names, clients and whatever else repeats.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "lib/dns/fold.hh"

namespace rec {

class Dictionary {
 public:
  Dictionary();
  // The number of `text`, a new one when it is new. `hash` is hashOf() it.
  std::uint32_t add(std::span<const std::byte> text, std::uint64_t hash);
  [[nodiscard]] static std::uint64_t hashOf(std::span<const std::byte> text);
  // The same of a name in wire form, in any case; kept in lower case. `hash` is hashOfName().
  std::uint32_t addName(std::span<const std::byte> name, std::uint64_t hash);
  [[nodiscard]] static std::uint64_t hashOfName(std::span<const std::byte> name) {
    return dns::hashFolded(name.data(), name.size());
  }
  // Whether a name is the one of this number.
  [[nodiscard]] bool isName(std::uint32_t number, std::span<const std::byte> name) const {
    const Entry& entry = d_entries[number];
    return entry.size == name.size() && dns::equalFolded(d_octets.data() + entry.offset, name.data(), name.size());
  }
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(d_entries.size()); }
  [[nodiscard]] std::span<const std::byte> operator[](std::uint32_t number) const {
    const Entry& entry = d_entries[number];
    return {d_octets.data() + entry.offset, entry.size};
  }
  // All of them, one behind the other.
  [[nodiscard]] std::span<const std::byte> octets() const { return d_octets; }
  void clear(); // keeps its memory

 private:
  struct Entry {
    std::uint32_t offset, size;
  };
  struct Slot {
    std::uint32_t hash = 0;   // of it
    std::uint32_t number = 0; // plus 1; 0: free
  };
  // The number of what has the hash and `isEqual`, or a new one, which `text` is put in for.
  template <typename Equal> std::uint32_t find(std::uint64_t hash, Equal isEqual, std::span<const std::byte> text);
  void grow();

  std::vector<Slot> d_slots;
  std::vector<Entry> d_entries;
  std::vector<std::byte> d_octets;
};

} // namespace rec
