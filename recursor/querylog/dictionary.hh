// Dictionary: the distinct byte strings of a block, each once, numbered in the order in which they came. Used by the
// block builder for names, clients and whatever else repeats.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace rec {

class Dictionary {
 public:
  Dictionary();
  // The number of `text`, a new one when it is new. `hash` is of its content.
  std::uint32_t add(std::span<const std::byte> text, std::uint64_t hash);
  [[nodiscard]] static std::uint64_t hashOf(std::span<const std::byte> text);
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
    std::uint64_t hash;
    std::uint32_t offset, size;
  };
  void grow();

  std::vector<std::uint32_t> d_slots; // number + 1; 0: free
  std::vector<Entry> d_entries;
  std::vector<std::byte> d_octets;
};

} // namespace rec
