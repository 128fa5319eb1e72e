// The statistics that are logged every statistics-interval and with SIGUSR1, in PowerDNS Recursor's words. Called by
// the daemon's thread.
#pragma once

#include <chrono>
#include <optional>

#include "recursor/stats/statistics.hh"

namespace rec {

class StatsReport {
 public:
  explicit StatsReport(const Statistics& statistics) : d_statistics(statistics) {}
  // Logs all lines; the questions a second are those since the call before.
  void log(std::chrono::steady_clock::time_point now);

 private:
  struct Before {
    std::chrono::steady_clock::time_point at;
    std::uint64_t questions = 0;
  };
  [[nodiscard]] std::uint64_t value(Metric metric) const { return d_statistics.value(metric).value_or(0); }
  void logCaches() const;
  void logServers() const;
  void logWork() const;
  void logRate(std::chrono::steady_clock::time_point now);

  const Statistics& d_statistics;
  std::optional<Before> d_before;
};

} // namespace rec
