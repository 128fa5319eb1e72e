// Eviction: which entry of a full table goes. It keeps 32 bits for each entry; the table shows it a few neighbours, and
// of these the one worth least goes. A hit changes those bits and moves nothing. Used by FlatTable, one thread at a
// time; never reads a clock: its time is the number of uses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace base {

enum class EvictionStrategy : std::uint8_t {
  S3Fifo, // newcomers pass a small queue; only those asked for again, or remembered from before, get into the main one
  Lru,    // the least recently used goes
  Lfu,    // the least often used goes; counts fade
  HitRate // LFU-K: the one with the lowest rate over its last four uses, in a sliding window, goes
};

// "s3fifo", "lru", "lfu", "hit_rate"; anything else is s3fifo.
[[nodiscard]] EvictionStrategy evictionStrategy(std::string_view text);

class Eviction {
 public:
  static constexpr std::uint32_t kPass = UINT32_MAX;

  explicit Eviction(EvictionStrategy strategy = EvictionStrategy::S3Fifo) : d_strategy(strategy) {}

  // The table has so many slots from now on.
  void resized(std::size_t slots);
  // The bits of an entry that comes in.
  [[nodiscard]] std::uint32_t fresh(std::uint32_t tag);
  // How much worth keeping an entry is, 0 to 7, in words that outlast the process and the strategy: from kHot on it was
  // asked for again. And the bits of one that comes in with that much from an earlier life.
  static constexpr unsigned kHot = 4;
  [[nodiscard]] unsigned heat(std::uint32_t use) const;
  [[nodiscard]] std::uint32_t warmed(std::uint32_t tag, unsigned heat);
  void touch(std::uint32_t& use) {
    if (d_strategy != EvictionStrategy::S3Fifo) {
      use = touched(use);
    } else if ((use & kUses) != kUses) {
      use += kOneUse;
    }
  }
  // When there is no room: whether a newcomer is worth letting another one go for, for tables that need not keep all.
  // S3Fifo: only one that was seen not long ago.
  [[nodiscard]] bool admits(std::uint32_t tag);
  // Begins to load what that looks at.
  void prefetch(std::uint32_t tag) const {
    if (!d_ghosts.empty()) __builtin_prefetch(&d_ghosts[ghostOf(tag)]);
  }

  // One round of choosing: begin(), worth() of the neighbours, letsGo() of the one worth least. That says no when it is
  // given another chance, and a new round begins.
  void begin(std::size_t entries) { d_wantsSmall = d_small * kSmallShare > entries; }
  // kPass: cannot be chosen in this round; there are others that can.
  [[nodiscard]] std::uint32_t worth(std::uint32_t use) const;
  [[nodiscard]] bool letsGo(std::uint32_t& use);
  // `evicted`: it had to go, else it was removed.
  void gone(std::uint32_t tag, std::uint32_t use, bool evicted);

 private:
  // S3Fifo: bit 31: in the main queue; bits 30 and 29: uses, at most three; the rest: when it came into the queue.
  static constexpr std::uint32_t kMain = 1U << 31, kUses = 3U << 29, kOneUse = 1U << 29, kStamp = kOneUse - 1;
  static constexpr std::size_t kSmallShare = 10; // the small queue has one in so many entries

  [[nodiscard]] std::uint32_t touched(std::uint32_t use);
  [[nodiscard]] std::uint32_t lfuCount(std::uint32_t use) const;
  void advance(); // the time
  [[nodiscard]] std::uint8_t* ghost(std::uint32_t tag);
  [[nodiscard]] std::size_t ghostOf(std::uint32_t tag) const {
    return static_cast<std::size_t>((std::uint64_t{tag} * d_ghosts.size()) >> 32);
  }

  // S3Fifo: eight bits of the tags of those that went from the small queue; one for each slot.
  std::vector<std::uint8_t> d_ghosts;
  std::size_t d_slots = 0;
  std::uint32_t d_small = 0;              // entries in the small queue
  std::uint32_t d_time = 0;               // uses and insertions; S3Fifo: insertions
  std::uint32_t d_tick = 0, d_inTick = 0; // coarse time, sixteen to as many uses as there are slots
  EvictionStrategy d_strategy;
  bool d_wantsSmall = false;
};

} // namespace base
