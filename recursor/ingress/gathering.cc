// The rate of packets as a running mean over time, and the pause in which enough of them come.
#include "recursor/ingress/gathering.hh"

#include <algorithm>

namespace rec {
namespace {

using std::chrono::nanoseconds;

constexpr nanoseconds kMemory = std::chrono::milliseconds(1);
constexpr double kWorthwhile = 3; // packets: for fewer, waking by the first one costs no more
constexpr double kEnough = 24;    // packets: more do not make a batch cheaper

} // namespace

nanoseconds Gathering::pauseAfter(std::size_t packets, nanoseconds elapsed) {
  elapsed = std::max(elapsed, nanoseconds(1));
  const auto weight = std::min(1.0, static_cast<double>(elapsed.count()) / static_cast<double>(kMemory.count()));
  d_rate += (static_cast<double>(packets) / static_cast<double>(elapsed.count()) - d_rate) * weight;
  if (d_rate * static_cast<double>(d_longest.count()) < kWorthwhile) {
    return nanoseconds(0);
  }
  return std::min(d_longest, nanoseconds(static_cast<nanoseconds::rep>(kEnough / d_rate)));
}

} // namespace rec
