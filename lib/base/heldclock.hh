// HeldClock: reads another clock once for each piece of work, and then tells the same time until the next one begins.
// For a thread that asks for the time at every step of a short piece of work. Of one thread.
#pragma once

#include <optional>

#include "lib/base/clock.hh"

namespace base {

class HeldClock final : public Clock {
 public:
  explicit HeldClock(const Clock& real) : d_real(real) {}
  // The next piece of work begins.
  void renew() {
    d_wall.reset();
    d_mono.reset();
  }
  [[nodiscard]] WallTime wall() const override {
    if (!d_wall) d_wall = d_real.wall();
    return *d_wall;
  }
  [[nodiscard]] MonoTime mono() const override {
    if (!d_mono) d_mono = d_real.mono();
    return *d_mono;
  }

 private:
  const Clock& d_real;
  mutable std::optional<WallTime> d_wall;
  mutable std::optional<MonoTime> d_mono;
};

} // namespace base
