// Counting up and down under a shard's lock.
#include "lib/base/keycounts.hh"

#include <cassert>

namespace base {

bool KeyCounts::enter(std::uint64_t key, std::uint32_t most) {
  if (most == 0) {
    return false;
  }
  Shard& shard = d_shards[shardOf(key)];
  const std::lock_guard lock(shard.mutex);
  std::uint32_t& count = shard.counts[key];
  if (count >= most) {
    return false;
  }
  ++count;
  return true;
}

void KeyCounts::leave(std::uint64_t key) {
  Shard& shard = d_shards[shardOf(key)];
  const std::lock_guard lock(shard.mutex);
  const auto at = shard.counts.find(key);
  assert(at != shard.counts.end());
  if (--at->second == 0) {
    shard.counts.erase(at);
  }
}

std::uint32_t KeyCounts::inUse(std::uint64_t key) const {
  const Shard& shard = d_shards[shardOf(key)];
  const std::lock_guard lock(shard.mutex);
  const auto at = shard.counts.find(key);
  return at == shard.counts.end() ? 0 : at->second;
}

} // namespace base
