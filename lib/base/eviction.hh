// Eviction: which entry of a full table goes. It keeps 32 bits for each entry and gives each a worth; the table
// compares a few neighbours and lets go the one worth least. A hit changes those bits and moves nothing.
#pragma once

#include <cstdint>

namespace base {

class Eviction {
 public:
  [[nodiscard]] std::uint32_t fresh() { return ++d_time; } // of an entry that comes in
  void touch(std::uint32_t& use) { use = ++d_time; }
  [[nodiscard]] std::uint32_t worth(std::uint32_t use) const { return UINT32_MAX - (d_time - use); }

 private:
  std::uint32_t d_time = 0; // hits and insertions
};

} // namespace base
