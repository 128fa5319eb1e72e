// SystemClock: wall and monotonic time from clock_gettime(2). Used by the daemon; tests use ManualClock.
#include "lib/base/clock.hh"

#include <ctime>

namespace base {

WallTime SystemClock::wall() const {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return WallTime{std::chrono::seconds{now.tv_sec}};
}

MonoTime SystemClock::mono() const {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return MonoTime{std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec}};
}

} // namespace base
