// DecayingCounts: how often keys were counted lately: each second halves what was there. Used for rates: at a steady
// rate of r a second a key stands between r and 2 r. Bounded: a key has one of four places, and takes that of the one
// which has been quiet longest. Whoever fills it with keys loses counts of others, and makes none higher.
// Locking: one mutex for a group of places, held for one look-up. It never reads a clock.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>

#include "lib/base/clock.hh"

namespace base {

class DecayingCounts {
 public:
  DecayingCounts();
  // Keys are hashes, never 0. Returns what is there with this one.
  std::uint32_t add(std::uint64_t key, MonoTime now);
  [[nodiscard]] std::uint32_t count(std::uint64_t key, MonoTime now) const;

 private:
  struct Place {
    std::uint64_t key = 0;
    std::uint32_t second = 0;
    std::uint32_t count = 0;
  };
  static constexpr std::size_t kWays = 4, kSets = 16384, kLocks = 64;
  using Set = std::array<Place, kWays>;

  [[nodiscard]] static std::size_t setOf(std::uint64_t key) { return (key >> 32) % kSets; }
  [[nodiscard]] std::mutex& mutexOf(std::size_t set) const { return d_mutexes[set % kLocks]; }
  [[nodiscard]] static std::uint32_t secondOf(MonoTime now);
  [[nodiscard]] static std::uint32_t aged(const Place& place, std::uint32_t second);

  std::unique_ptr<Set[]> d_sets; // 1 MB, of which the system gives what is touched
  mutable std::array<std::mutex, kLocks> d_mutexes;
};

} // namespace base
