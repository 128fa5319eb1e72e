// Ticks: the cheapest clock there is, for latencies and nothing else: the processor's time stamp counter where it runs
// evenly, else the injected clock. Calibrated against that clock at the start and compared with it while running. One
// for each thread.
#pragma once

#include <chrono>
#include <cstdint>

#include "lib/base/clock.hh"

namespace base {

class Ticks {
 public:
  using Counter = std::uint64_t (*)();

  // `counter` is for tests; null where the processor has none that runs evenly, whatever the processor's speed and
  // state.
  explicit Ticks(const Clock& clock, Counter counter = processorCounter());

  // Only differences mean something, and only between readings without a check() in between.
  [[nodiscard]] std::uint64_t now() const { return d_trusted ? d_counter() : byClock(); }
  [[nodiscard]] std::chrono::nanoseconds between(std::uint64_t begin, std::uint64_t end) const {
    const auto ticks = static_cast<double>(end - begin);
    return std::chrono::nanoseconds(static_cast<std::chrono::nanoseconds::rep>(d_trusted ? ticks * d_nanos : ticks));
  }
  // Compares with `mono`, the clock's time of this moment; calibrates when enough of it has passed. Ends the use of the
  // counter for good when it went astray.
  void check(MonoTime mono);
  [[nodiscard]] bool usesCounter() const { return d_trusted; }

  [[nodiscard]] static Counter processorCounter();

 private:
  [[nodiscard]] std::uint64_t byClock() const {
    return static_cast<std::uint64_t>(d_clock.mono().time_since_epoch().count());
  }
  void calibrate(std::chrono::nanoseconds passed, std::uint64_t ticks);

  const Clock& d_clock;
  Counter d_counter;
  bool d_trusted = false;
  double d_nanos = 0;      // of a tick
  unsigned d_mistakes = 0; // in a row
  MonoTime d_lastMono;     // of the last comparison
  std::uint64_t d_lastTicks = 0;
};

} // namespace base
