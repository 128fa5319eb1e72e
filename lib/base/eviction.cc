// The strategies, in 32 bits for each entry:
// S3Fifo (Yang and others, SOSP 2023) without its queues: an entry knows its queue, its uses and when it came into the
// queue, and the oldest of some neighbours stands for the oldest of all. Lru: the time of the last use. Lfu: a count
// that grows the slower the larger it is, and when it was brought up to date. HitRate: the time of the last use and the
// gaps between the last four.
#include "lib/base/eviction.hh"

#include <algorithm>
#include <bit>

namespace base {
namespace {

constexpr std::uint32_t kTicks = 16; // in the time of as many uses as there are slots
constexpr unsigned kMostHeat = 7;

// Lfu: bits 0 to 7 the count, the rest the tick.
constexpr std::uint32_t kFirstCount = 3, kMostCount = 255, kSlowness = 4, kFade = 4 * kTicks; // ticks to lose one

// HitRate: bits 18 to 31 the tick, below it three gaps of 6 bits, the youngest first.
constexpr std::uint32_t kTickAt = 18, kTickMask = 0x3FFF, kGapBits = 6, kNoGap = 63, kGaps = (1U << kTickAt) - 1;

// How many of the three gaps are known; and so many known ones of usual length.
unsigned gapsIn(std::uint32_t use) {
  unsigned gaps = 0;
  for (std::uint32_t at = kTickAt; at > 0; at -= kGapBits) {
    gaps += (use >> (at - kGapBits) & kNoGap) != kNoGap ? 1 : 0;
  }
  return gaps;
}
std::uint32_t usualGaps(unsigned count) {
  std::uint32_t gaps = kGaps;
  for (unsigned i = 0; i < count; ++i) {
    gaps = (kTicks / 4) << (kTickAt - kGapBits) | gaps >> kGapBits;
  }
  return gaps;
}

std::uint32_t hitRate(std::uint32_t use, std::uint32_t tick) {
  std::uint32_t span = ((tick - (use >> kTickAt)) & kTickMask) + 1;
  std::uint32_t uses = 1;
  for (std::uint32_t at = kTickAt; at > 0; ++uses) {
    at -= kGapBits;
    const std::uint32_t gap = use >> at & kNoGap;
    if (gap == kNoGap) {
      break;
    }
    span += gap;
  }
  return (uses << 20) / span;
}

} // namespace

EvictionStrategy evictionStrategy(std::string_view text) {
  return text == "lru"        ? EvictionStrategy::Lru
         : text == "lfu"      ? EvictionStrategy::Lfu
         : text == "hit_rate" ? EvictionStrategy::HitRate
                              : EvictionStrategy::S3Fifo;
}

void Eviction::resized(std::size_t slots) {
  d_slots = slots;
  d_ghosts = {};
}

void Eviction::advance() {
  ++d_time;
  if (++d_inTick * kTicks >= d_slots) {
    ++d_tick;
    d_inTick = 0;
  }
}

// The ghosts begin with the first one: a table that is never full needs none.
std::uint8_t* Eviction::ghost(std::uint32_t tag) {
  if (d_ghosts.empty()) {
    d_ghosts.resize(std::max<std::size_t>(d_slots, 1));
  }
  return &d_ghosts[ghostOf(tag)];
}

std::uint32_t Eviction::fresh(std::uint32_t tag) {
  advance();
  switch (d_strategy) {
  case EvictionStrategy::Lru: return d_time;
  case EvictionStrategy::Lfu: return d_tick << 8 | kFirstCount;
  case EvictionStrategy::HitRate: return (d_tick & kTickMask) << kTickAt | kGaps;
  case EvictionStrategy::S3Fifo: break;
  }
  if (!d_ghosts.empty() && *ghost(tag) == (tag & 0xFFU) && *ghost(tag) != 0) {
    *ghost(tag) = 0;
    return kMain | (d_time & kStamp);
  }
  ++d_small;
  return d_time & kStamp;
}

unsigned Eviction::heat(std::uint32_t use) const {
  const auto lessAge = [](std::size_t age) { return kMostHeat - static_cast<unsigned>(std::min<std::size_t>(age, 7)); };
  switch (d_strategy) {
  case EvictionStrategy::Lru: return lessAge((d_time - use) / (d_slots / 4 + 1));
  case EvictionStrategy::Lfu:
    return std::min<unsigned>(static_cast<unsigned>(std::bit_width(lfuCount(use))), kMostHeat);
  case EvictionStrategy::HitRate:
    return (((d_tick - (use >> kTickAt)) & kTickMask) < 2 * kTicks ? kHot : 0) + gapsIn(use);
  case EvictionStrategy::S3Fifo: break;
  }
  return ((use & kMain) != 0 ? kHot : 0) + (use & kUses) / kOneUse;
}

std::uint32_t Eviction::warmed(std::uint32_t tag, unsigned heat) {
  const std::uint32_t use = fresh(tag);
  const std::uint32_t cold = kMostHeat - std::min(heat, kMostHeat);
  switch (d_strategy) {
  case EvictionStrategy::Lru: return use - cold * static_cast<std::uint32_t>(d_slots / 4 + 1);
  case EvictionStrategy::Lfu: return d_tick << 8 | std::min((1U << (kMostHeat - cold)) - 1, kMostCount);
  case EvictionStrategy::HitRate:
    return ((d_tick - (heat < kHot ? 2 * kTicks : 0)) & kTickMask) << kTickAt | usualGaps(heat % kHot);
  case EvictionStrategy::S3Fifo: break;
  }
  if (heat >= kHot && (use & kMain) == 0) {
    --d_small;
  }
  return use | (heat >= kHot ? kMain : 0) | (heat % kHot) * kOneUse;
}

std::uint32_t Eviction::lfuCount(std::uint32_t use) const {
  const std::uint32_t fade = ((d_tick - (use >> 8)) & 0xFFFFFFU) / kFade;
  return (use & kMostCount) - std::min(use & kMostCount, fade);
}

std::uint32_t Eviction::touched(std::uint32_t use) {
  advance();
  if (d_strategy == EvictionStrategy::Lru) {
    return d_time;
  }
  if (d_strategy == EvictionStrategy::HitRate) {
    const std::uint32_t gap = std::min((d_tick - (use >> kTickAt)) & kTickMask, kNoGap);
    return (d_tick & kTickMask) << kTickAt | gap << (kTickAt - kGapBits) | (use & kGaps) >> kGapBits;
  }
  const std::uint32_t count = lfuCount(use);
  const std::uint32_t odds = count > kFirstCount ? (count - kFirstCount) * kSlowness + 1 : 1; // one in so many counts
  const std::uint32_t dice = static_cast<std::uint32_t>((std::uint64_t{d_time * 0x9E3779B1U} * odds) >> 32);
  return (d_tick & 0xFFFFFFU) << 8 | (dice == 0 && count < kMostCount ? count + 1 : count);
}

bool Eviction::admits(std::uint32_t tag) {
  if (d_strategy != EvictionStrategy::S3Fifo || (tag & 0xFFU) == 0 || *ghost(tag) == (tag & 0xFFU)) {
    return true;
  }
  *ghost(tag) = static_cast<std::uint8_t>(tag);
  return false;
}

std::uint32_t Eviction::worth(std::uint32_t use) const {
  switch (d_strategy) {
  case EvictionStrategy::Lru: return kPass - 1 - (d_time - use);
  case EvictionStrategy::Lfu: return lfuCount(use) << 20 | (0xFFFFF - std::min(d_tick - (use >> 8), 0xFFFFFU));
  case EvictionStrategy::HitRate: return hitRate(use, d_tick);
  case EvictionStrategy::S3Fifo: break;
  }
  return ((use & kMain) == 0) == d_wantsSmall ? kStamp - ((d_time - use) & kStamp) : kPass;
}

bool Eviction::letsGo(std::uint32_t& use) {
  if (d_strategy != EvictionStrategy::S3Fifo) {
    return true;
  }
  const std::uint32_t uses = (use & kUses) / kOneUse;
  if (uses == 0 || (d_wantsSmall && uses == 1)) {
    return true;
  }
  d_small -= d_wantsSmall ? 1 : 0;
  use = kMain | (d_wantsSmall ? 0 : (uses - 1) * kOneUse) | (d_time & kStamp);
  return false;
}

void Eviction::gone(std::uint32_t tag, std::uint32_t use, bool evicted) {
  if (d_strategy != EvictionStrategy::S3Fifo || (use & kMain) != 0) {
    return;
  }
  --d_small;
  if (evicted) {
    *ghost(tag) = static_cast<std::uint8_t>(tag);
  }
}

} // namespace base
