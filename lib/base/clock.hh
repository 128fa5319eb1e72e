// The one clock object: wall time (TTLs, signature dates) and monotonic time (deadlines, latencies), injectable for
// tests. SystemClock asks libc, so that libfaketime moves it. Nothing else in the project reads a clock.
#pragma once

#include <chrono>

namespace base {

using WallTime = std::chrono::sys_seconds;              // seconds since 1970
using MonoTime = std::chrono::steady_clock::time_point; // nanoseconds since boot

class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual WallTime wall() const = 0;
  [[nodiscard]] virtual MonoTime mono() const = 0;
};

// clock_gettime(CLOCK_REALTIME / CLOCK_MONOTONIC).
class SystemClock final : public Clock {
 public:
  [[nodiscard]] WallTime wall() const override;
  [[nodiscard]] MonoTime mono() const override;
};

// Moves only when told to. Starts at 2026-01-01T00:00:00Z and a monotonic time of 1000 s.
class ManualClock final : public Clock {
 public:
  [[nodiscard]] WallTime wall() const override { return std::chrono::floor<std::chrono::seconds>(d_wall); }
  [[nodiscard]] MonoTime mono() const override { return d_mono; }
  void advance(std::chrono::nanoseconds by) {
    d_mono += by;
    d_wall += by;
  }

 private:
  std::chrono::sys_time<std::chrono::nanoseconds> d_wall{std::chrono::seconds{1767225600}};
  MonoTime d_mono{std::chrono::seconds{1000}};
};

} // namespace base
