// Metric: every metric by enum, and Counters: what one worker counts. A fact is counted where it happens, in one line:
// counters.add(Metric::Questions). Statistics (statistics.hh) adds the workers up.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace rec {

enum class Metric : std::uint16_t {
#define METRIC(id, name, kind, help) id,
#include "recursor/stats/metrics.def"
#undef METRIC
};

enum class MetricKind : std::uint8_t { Counter, Level, Maximum, Mean, Gauge, Total }; // see the head of metrics.def

struct MetricInfo {
  Metric metric;
  std::string_view name;
  MetricKind kind;
  std::string_view help;
};

constexpr std::size_t kMetricCount = 0
#define METRIC(id, name, kind, help) +1
#include "recursor/stats/metrics.def"
#undef METRIC
    ;

[[nodiscard]] std::span<const MetricInfo, kMetricCount> allMetrics(); // in the order of the enum
[[nodiscard]] const MetricInfo* findMetric(std::string_view name);

// What one worker counts. Written by that worker's thread only, read by any: relaxed loads and stores, so that adding
// is a plain add without a lock prefix.
class alignas(64) Counters {
 public:
  void add(Metric metric, std::uint64_t by = 1) { set(metric, get(metric) + by); }
  void subtract(Metric metric, std::uint64_t by = 1) { set(metric, get(metric) - by); }
  void raise(Metric metric, std::uint64_t to) {
    if (to > get(metric)) set(metric, to);
  }
  void set(Metric metric, std::uint64_t to) { cell(metric).store(to, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t get(Metric metric) const {
    return d_cells[static_cast<std::size_t>(metric)].load(std::memory_order_relaxed);
  }

 private:
  std::atomic<std::uint64_t>& cell(Metric metric) { return d_cells[static_cast<std::size_t>(metric)]; }
  std::array<std::atomic<std::uint64_t>, kMetricCount> d_cells{};
};

} // namespace rec
