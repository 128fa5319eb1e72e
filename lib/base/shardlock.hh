// ShardLock: the lock of one shard of a map, four octets, taken and given back without a call when nobody else wants
// it. For what is held a moment and seldom wanted by two; who has to wait sleeps in the kernel. Meets Lockable.
#pragma once

#include <atomic>
#include <cstdint>

namespace base {

class ShardLock {
 public:
  ShardLock() = default;
  ShardLock(const ShardLock&) = delete;
  ShardLock& operator=(const ShardLock&) = delete;

  [[nodiscard]] bool try_lock() {
    std::uint32_t free = kFree;
    return d_state.compare_exchange_strong(free, kTaken, std::memory_order_acquire, std::memory_order_relaxed);
  }
  void lock() {
    if (!try_lock()) {
      wait();
    }
  }
  void unlock() {
    if (d_state.exchange(kFree, std::memory_order_release) == kAwaited) {
      d_state.notify_one();
    }
  }

 private:
  static constexpr std::uint32_t kFree = 0, kTaken = 1;
  static constexpr std::uint32_t kAwaited = 2; // taken, and somebody may sleep

  // Whoever has slept takes it as awaited: there may be others.
  [[gnu::noinline, gnu::cold]] void wait() {
    while (d_state.exchange(kAwaited, std::memory_order_acquire) != kFree) {
      d_state.wait(kAwaited, std::memory_order_relaxed);
    }
  }

  std::atomic<std::uint32_t> d_state{kFree};
};

} // namespace base
