// LatencyShares: percentiles from the histograms of answers (cumul-clientanswers-* of get-all). Used by rec_control
// top.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "recursor/stats/statistics.hh"

namespace rec {

class LatencyShares {
 public:
  // Of answers from `source` ("packetcache"; empty: all of them) that came between two readings.
  LatencyShares(const Statistics::Values& before, const Statistics::Values& now, std::string_view source);

  [[nodiscard]] double answers() const { return d_answers; }
  // The time, in microseconds, within which this share (0 to 1) of the answers came; nothing without answers. Within a
  // bucket answers are taken to be spread evenly over the logarithm of the time.
  [[nodiscard]] std::optional<double> within(double share) const;
  [[nodiscard]] double longest() const { return d_buckets.empty() ? 0 : d_buckets.back().micros; } // that is told apart

 private:
  struct Bucket {
    double micros = 0; // so long or less
    double answers = 0;
  };
  void add(std::string_view source, const Statistics::Values& values, double sign);

  std::vector<Bucket> d_buckets; // cumulative, shortest first
  double d_answers = 0;
};

// "840 us", "12.3 ms", "4.2 s".
[[nodiscard]] std::string shortTime(double micros);

} // namespace rec
