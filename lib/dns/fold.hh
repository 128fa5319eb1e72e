// Case folding of names in wire form (RFC 4343), eight octets at a time. Length octets (at most 63) are below 'A' and
// so fold to themselves: whole wire names are compared and hashed without looking at labels. Used inside lib/dns and by
// the packet cache.
#pragma once

#include <cstddef>
#include <cstdint>

#include "lib/base/hash.hh"

namespace dns {

// Lower case for each of the eight octets that is an ASCII capital.
[[nodiscard]] constexpr std::uint64_t foldWord(std::uint64_t word) {
  constexpr std::uint64_t ones = 0x0101010101010101ULL;
  const std::uint64_t low = word & (ones * 0x7F);
  const std::uint64_t fromA = low + ones * (0x80 - 'A');
  const std::uint64_t afterZ = low + ones * (0x7F - 'Z');
  const std::uint64_t capitals = (fromA ^ afterZ) & ~word & (ones * 0x80);
  return word | (capitals >> 2);
}

// The bit that tells capitals from small letters (0x20), for each of the eight octets that is an ASCII letter.
[[nodiscard]] constexpr std::uint64_t letterBits(std::uint64_t word) {
  constexpr std::uint64_t ones = 0x0101010101010101ULL;
  const std::uint64_t low = (word | ones * 0x20) & (ones * 0x7F); // as a small letter
  const std::uint64_t fromA = low + ones * (0x80 - 'a');
  const std::uint64_t afterZ = low + ones * (0x7F - 'z');
  const std::uint64_t isLetter = (fromA ^ afterZ) & ~word & (ones * 0x80);
  return isLetter >> 2;
}

[[nodiscard]] constexpr std::byte fold(std::byte octet) {
  const auto value = static_cast<unsigned>(octet);
  return value - 'A' < 26U ? static_cast<std::byte>(value | 0x20U) : octet;
}

// The octets of a string of 1 to 7, in one word; equal for equal strings of the same size.
[[nodiscard]] inline std::uint64_t shortWord(const std::byte* at, std::size_t size) {
  if (size >= 4) {
    return base::load32(at) | static_cast<std::uint64_t>(base::load32(at + size - 4)) << 32;
  }
  return std::to_integer<std::uint64_t>(at[0]) | std::to_integer<std::uint64_t>(at[size / 2]) << 8 |
         std::to_integer<std::uint64_t>(at[size - 1]) << 16;
}

// Most are equal as they stand.
[[nodiscard]] constexpr bool equalWords(std::uint64_t a, std::uint64_t b) {
  return a == b || foldWord(a) == foldWord(b);
}

// `size` is at least 1.
[[nodiscard]] inline bool equalFolded(const std::byte* a, const std::byte* b, std::size_t size) {
  if (size < 8) {
    return equalWords(shortWord(a, size), shortWord(b, size));
  }
  for (std::size_t i = 0; i + 8 < size; i += 8) {
    if (!equalWords(base::load64(a + i), base::load64(b + i))) {
      return false;
    }
  }
  return equalWords(base::load64(a + size - 8), base::load64(b + size - 8));
}

// Keyed with the process's seeds. `size` is at least 1.
[[nodiscard]] inline std::uint64_t hashFolded(const std::byte* at, std::size_t size) {
  const base::HashSeeds& seeds = base::hashSeeds();
  std::uint64_t state = seeds.a ^ size;
  if (size < 8) {
    return base::mix(foldWord(shortWord(at, size)) ^ seeds.b, state);
  }
  for (std::size_t i = 0; i + 8 < size; i += 8) {
    state = base::mix(foldWord(base::load64(at + i)) ^ seeds.b, state ^ seeds.c);
  }
  const std::uint64_t last = foldWord(base::load64(at + size - 8));
  return base::mix(base::mix(last ^ seeds.b, state ^ seeds.c), seeds.a);
}

} // namespace dns
