// LuaMetrics: the counters that scripts make for themselves (getMetric), by name, shared by all workers. They stay when
// a script is loaded again. Thread safe: one mutex for the table, none for the counters.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace rec {

using LuaMetricCell = std::shared_ptr<std::atomic<std::uint64_t>>;

class LuaMetrics {
 public:
  // Null when there are too many.
  [[nodiscard]] LuaMetricCell cell(const std::string& name);
  [[nodiscard]] std::map<std::string, std::uint64_t, std::less<>> all() const;
  [[nodiscard]] std::optional<std::uint64_t> value(std::string_view name) const;

 private:
  static constexpr std::size_t kMost = 1000;
  mutable std::mutex d_mutex; // guards d_cells
  std::map<std::string, LuaMetricCell, std::less<>> d_cells;
};

} // namespace rec
