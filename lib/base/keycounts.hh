// KeyCounts: how often each key is in use right now, exact, over all threads: what is taken with enter() is given back
// with leave(). Locking: one mutex a shard, held for one look-up. As many keys as are in use, no more.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <unordered_map>

namespace base {

class KeyCounts {
 public:
  // False, and nothing is taken, when the key is in use `most` times already.
  bool enter(std::uint64_t key, std::uint32_t most);
  void leave(std::uint64_t key); // after an enter() that was true
  [[nodiscard]] std::uint32_t inUse(std::uint64_t key) const;

 private:
  static constexpr std::size_t kShards = 64;
  struct alignas(64) Shard {
    mutable std::mutex mutex;
    std::unordered_map<std::uint64_t, std::uint32_t> counts; // never 0
  };
  // Keys are hashes: any of their bits will do.
  [[nodiscard]] static std::size_t shardOf(std::uint64_t key) { return (key >> 48) % kShards; }

  std::array<Shard, kShards> d_shards;
};

} // namespace base
