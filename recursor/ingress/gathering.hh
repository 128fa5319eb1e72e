// Gathering: how long a worker may sleep after it answered what was there, so that the next waking finds several
// packets and nobody has to wake it for each. Used by UdpIngress; reads no clock and never sleeps itself.
#pragma once

#include <chrono>
#include <cstddef>

namespace rec {

class Gathering {
 public:
  explicit Gathering(std::chrono::nanoseconds longest) : d_longest(longest) {}

  void setLongest(std::chrono::nanoseconds longest) { d_longest = longest; }

  // `packets` were read since the last call, which is `elapsed` ago. Zero when too few would come meanwhile to be worth
  // it, so always when clients are few; never more than `longest`.
  [[nodiscard]] std::chrono::nanoseconds pauseAfter(std::size_t packets, std::chrono::nanoseconds elapsed);

 private:
  std::chrono::nanoseconds d_longest;
  double d_rate = 0; // packets per nanosecond, of the last kMemory
};

} // namespace rec
