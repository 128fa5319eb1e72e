// The ring's two sides: see ring.hh.
#include "recursor/querylog/ring.hh"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>

namespace rec {
namespace {

constexpr std::size_t kLeast = 16 * LogRing::kMostRecord;

std::uint16_t sizeAt(const std::byte* at) {
  std::uint16_t size = 0;
  std::memcpy(&size, at, sizeof size);
  return size;
}

} // namespace

LogRing::LogRing(std::size_t bytes) : d_mask(std::bit_ceil(std::max(bytes, kLeast)) - 1) {
  d_memory.resize(d_mask + 1);
  d_roomUntil = d_mask + 1;
}

std::byte* LogRing::reserve(std::size_t size) {
  assert(size % 8 == 0 && size > 0 && size <= kMostRecord);
  const std::uint64_t toEnd = d_mask + 1 - (d_head & d_mask);
  const std::uint64_t skipped = toEnd < size ? toEnd : 0;
  if (d_head + skipped + size > d_roomUntil) {
    d_roomUntil = d_released.load(std::memory_order_acquire) + d_mask + 1;
    if (d_head + skipped + size > d_roomUntil) {
      return nullptr;
    }
  }
  if (skipped != 0) {
    std::memset(at(d_head), 0, sizeof(std::uint16_t));
    d_head += skipped;
  }
  std::byte* place = at(d_head);
  d_head += size;
  return place;
}

bool LogRing::publish() {
  d_published.store(d_head, std::memory_order_release);
  const std::uint64_t half = (d_mask + 1) / 2;
  if (d_roomUntil - d_head > half) { // by what was seen of the writer last
    return false;
  }
  d_roomUntil = d_released.load(std::memory_order_acquire) + d_mask + 1;
  return d_roomUntil - d_head <= half && !d_isWoken.load(std::memory_order_relaxed) &&
         !d_isWoken.exchange(true, std::memory_order_relaxed);
}

void LogRing::look() {
  d_isWoken.store(false, std::memory_order_relaxed);
  d_seen = d_published.load(std::memory_order_acquire);
}

const std::byte* LogRing::next() {
  if (d_tail == d_seen) {
    return nullptr;
  }
  if (sizeAt(at(d_tail)) == 0) {
    d_tail += d_mask + 1 - (d_tail & d_mask);
  }
  return d_tail == d_seen ? nullptr : at(d_tail);
}

void LogRing::pop() { d_tail += sizeAt(at(d_tail)); }

void LogRing::release() { d_released.store(d_tail, std::memory_order_release); }

} // namespace rec
