// Live: a value that one thread changes while others read it: limits that a reload of the configuration sets anew. Each
// stands alone, so relaxed order is enough; what must change together is a snapshot instead.
#pragma once

#include <atomic>
#include <type_traits>

namespace base {

template <typename T> class Live {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  Live(T value) : d_value(value) {} // NOLINT: reads and is written like a T
  Live(const Live&) = delete;
  Live& operator=(const Live&) = delete;
  Live& operator=(T value) {
    d_value.store(value, std::memory_order_relaxed);
    return *this;
  }
  operator T() const { return d_value.load(std::memory_order_relaxed); } // NOLINT

 private:
  std::atomic<T> d_value;
};

} // namespace base
