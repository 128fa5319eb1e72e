// Latencies: sorts durations into the buckets of metrics.def and keeps running means. One per worker, used by its
// thread only; writes into that worker's Counters.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "recursor/stats/answertimes.hh"
#include "recursor/stats/metrics.hh"

namespace rec {

class Latencies {
 public:
  // `window` is latency-statistic-size: the number of answers a running mean remembers.
  Latencies(Counters& counters, std::uint64_t window);

  void setWindow(std::uint64_t window); // from now on
  // A client was answered from `source` after `total`, of which servers took `waiting`: answers*, x-ourtime*,
  // qa-latency, x-our-latency, cumul-clientanswers-*.
  void answered(AnsweredFrom source, std::chrono::nanoseconds total, std::chrono::nanoseconds waiting = {});
  // `count` clients were answered after `total` each, without servers: the same as answered() for each of them.
  void answeredAlike(AnsweredFrom source, std::size_t count, std::chrono::nanoseconds total);
  // A server answered after `rtt`: auth4-answers*, auth6-answers*, cumul-authanswers-*.
  void serverAnswered(bool ipv6, std::chrono::nanoseconds rtt);
  [[nodiscard]] const AnswerTimes& answerTimes() const { return d_times; }       // reading: any thread
  [[nodiscard]] const ServerTimes& serverTimes() const { return d_serverTimes; } // likewise

 private:
  void updateMean(Metric metric, double& mean, std::chrono::nanoseconds sample, double share);

  Counters& d_counters;
  std::vector<double> d_shares; // of N new samples alike
  AnswerTimes d_times;
  ServerTimes d_serverTimes;
  double d_total = 0;
  double d_own = 0;
};

} // namespace rec
