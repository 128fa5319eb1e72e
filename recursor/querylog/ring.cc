// The ring's two sides: see ring.hh.
#include "recursor/querylog/ring.hh"

#include <algorithm>
#include <bit>
#include <cstring>

namespace rec {
namespace {

constexpr std::size_t kLeast = 16 * LogRing::kMostRecord;
// The writer needs a third of a millisecond for so many octets: where it has to share a processor with the worker, the
// questions that come meanwhile wait in the socket, and no client has to. They are still in the processor's cache, too.
constexpr std::uint64_t kWorthWaking = std::uint64_t{1} << 18;

} // namespace

LogRing::LogRing(std::size_t bytes) : d_mask(std::bit_ceil(std::max(bytes, kLeast)) - 1) {
  d_memory.resize(d_mask + 1);
  d_roomUntil = d_mask + 1;
  d_enough = d_mask + 1 - std::min((d_mask + 1) / 2, kWorthWaking);
}

// At the end of the ring, or of the room that was known.
std::byte* LogRing::reserveSlowly(std::size_t size) {
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
  if (d_roomUntil - d_head > d_enough) { // by what was seen of the writer last
    return false;
  }
  d_roomUntil = d_released.load(std::memory_order_acquire) + d_mask + 1;
  return d_roomUntil - d_head <= d_enough && !d_isWoken.load(std::memory_order_relaxed) &&
         !d_isWoken.exchange(true, std::memory_order_relaxed);
}

void LogRing::look() {
  d_isWoken.store(false, std::memory_order_relaxed);
  d_seen = d_published.load(std::memory_order_acquire);
}

void LogRing::release() { d_released.store(d_tail, std::memory_order_release); }

} // namespace rec
