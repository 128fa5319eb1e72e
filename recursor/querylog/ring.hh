// LogRing: a bounded ring of octets between one worker, which never waits, and the thread that writes the log. Records
// of any size lie in it one after the other, each in one piece. What a hit needs is in this header, to be inlined.
//
// Locking: none. reserve(), publish() and drop() are the worker's, all else but the counters is the writer's; what is
// published with a release store is read after an acquire load, and so is the room that the writer gives back.
#pragma once

#include <atomic>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "lib/base/pages.hh"

namespace rec {

class LogRing {
 public:
  explicit LogRing(std::size_t bytes); // rounded up to a power of two

  // ---- the worker
  // Room for a record of so many octets, a multiple of 8, at most kMostRecord; null when there is none: count it with
  // drop(). The record's first u16 must be its size, which is not 0; the lowest three bits of it are the record's own.
  [[nodiscard]] std::byte* reserve(std::size_t size) {
    assert(size % 8 == 0 && size > 0 && size <= kMostRecord);
    const std::uint64_t offset = d_head & d_mask;
    if (d_head + size > d_roomUntil || offset + size > d_mask + 1) [[unlikely]] {
      return reserveSlowly(size);
    }
    d_head += size;
    return d_memory.data() + offset;
  }
  // The writer may have all that was reserved. True when it should be woken: 256 KB are there for it, or the ring is
  // half full, and nobody has said so since the writer looked.
  [[nodiscard]] bool publish();
  void drop() { d_dropped.store(d_dropped.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed); }

  // ---- the writer
  void look();                            // at what is there now
  [[nodiscard]] const std::byte* next() { // the oldest record that look() has seen; null: none
    if (d_tail == d_seen) return nullptr;
    if (sizeAt(d_tail) == 0) d_tail += d_mask + 1 - (d_tail & d_mask);
    return d_tail == d_seen ? nullptr : at(d_tail);
  }
  void pop() { d_tail += sizeAt(d_tail); } // that one
  void release();                          // the worker gets the room of what was popped

  // ---- any thread
  [[nodiscard]] std::uint64_t dropped() const { return d_dropped.load(std::memory_order_relaxed); }
  [[nodiscard]] std::size_t size() const { return d_mask + 1; }
  [[nodiscard]] std::size_t used() const {
    const std::uint64_t released = d_released.load(std::memory_order_acquire); // first: published is never behind it
    return static_cast<std::size_t>(d_published.load(std::memory_order_acquire) - released);
  }

  static constexpr std::size_t kMostRecord = 4096;

 private:
  [[nodiscard]] std::byte* at(std::uint64_t position) { return d_memory.data() + (position & d_mask); }
  [[nodiscard]] std::size_t sizeAt(std::uint64_t position) {
    std::uint16_t size = 0;
    std::memcpy(&size, at(position), sizeof size);
    return size & ~std::size_t{7};
  }
  [[nodiscard]] std::byte* reserveSlowly(std::size_t size);

  base::PageMemory d_memory;
  std::uint64_t d_mask;
  // Positions only grow. The worker's:
  alignas(64) std::uint64_t d_head = 0; // reserved so far
  std::uint64_t d_roomUntil = 0;        // d_released as last seen, and the size
  std::uint64_t d_enough = 0;           // while more room than this is left the writer can sleep
  std::atomic<std::uint64_t> d_dropped{0};
  // What one writes and the other reads.
  alignas(64) std::atomic<std::uint64_t> d_published{0};
  alignas(64) std::atomic<std::uint64_t> d_released{0};
  std::atomic<bool> d_isWoken{false};
  // The writer's:
  alignas(64) std::uint64_t d_tail = 0; // popped so far
  std::uint64_t d_seen = 0;             // d_published as last looked at
};

} // namespace rec
