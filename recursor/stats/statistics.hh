// Statistics: all metrics by name, added up over the workers. Owned by the daemon, asked by rec_control and the log.
// Locking: none; workers and readings are registered before any thread asks, and readings must be thread safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "recursor/stats/metrics.hh"

namespace rec {

class Statistics {
 public:
  using Reading = std::function<std::uint64_t()>;

  // `counters` must outlive this.
  void addWorker(const Counters& counters) { d_workers.push_back(&counters); }
  // Where the value of a Gauge or Total comes from.
  void setReading(Metric metric, Reading reading);
  // A metric outside of the table, for what there are several of ("cpu-msec-thread-0").
  void addReading(std::string name, Reading reading);
  // Several whose names come and go ("rpz-NAME-rules").
  using Values = std::map<std::string, std::uint64_t, std::less<>>;
  void addGroup(std::function<Values()> group) { d_groups.push_back(std::move(group)); }

  // Nothing for a Gauge or Total that nobody registered.
  [[nodiscard]] std::optional<std::uint64_t> value(Metric metric) const;
  [[nodiscard]] std::optional<std::uint64_t> value(std::string_view name) const;
  // Every metric that has a value, by name.
  [[nodiscard]] Values all() const;
  // "name\tvalue\n" for each, sorted, without those in `hidden` (stats-rec-control-disabled-list).
  [[nodiscard]] std::string text(const std::vector<std::string>& hidden = {}) const;
  // Gauges and Totals that nobody registered: the daemon's start checks that there are none.
  [[nodiscard]] std::vector<std::string_view> withoutReading() const;

 private:
  [[nodiscard]] std::uint64_t combined(const MetricInfo& info) const;

  std::vector<const Counters*> d_workers;
  std::array<Reading, kMetricCount> d_readings;
  std::map<std::string, Reading, std::less<>> d_others;
  std::vector<std::function<Values()>> d_groups;
};

// docs/metrics.md, from the table.
[[nodiscard]] std::string metricsMarkdown();

} // namespace rec
