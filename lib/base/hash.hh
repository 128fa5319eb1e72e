// Hash mixing for tables whose keys a stranger chooses (names, addresses). Keyed with random seeds of this process, so
// that nobody outside can make keys collide. The values mean nothing in another process and are never stored.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace base {

struct HashSeeds {
  std::uint64_t a, b, c;
};

[[nodiscard]] HashSeeds makeHashSeeds();

// The same three odd random numbers for the life of the process.
[[nodiscard]] inline const HashSeeds& hashSeeds() {
  static const HashSeeds seeds = makeHashSeeds();
  return seeds;
}

// Multiplies to 128 bits and folds: every input bit reaches every output bit.
[[nodiscard]] inline std::uint64_t mix(std::uint64_t x, std::uint64_t y) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(x) * y;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

[[nodiscard]] inline std::uint64_t load64(const std::byte* at) {
  std::uint64_t word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

[[nodiscard]] inline std::uint32_t load32(const std::byte* at) {
  std::uint32_t word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

} // namespace base
