// Counters by name: see luametrics.hh.
#include "recursor/policy/luametrics.hh"

namespace rec {

LuaMetricCell LuaMetrics::cell(const std::string& name) {
  const std::lock_guard lock(d_mutex);
  const auto found = d_cells.find(name);
  if (found != d_cells.end()) {
    return found->second;
  }
  if (d_cells.size() >= kMost) {
    return nullptr;
  }
  return d_cells.emplace(name, std::make_shared<std::atomic<std::uint64_t>>(0)).first->second;
}

std::map<std::string, std::uint64_t, std::less<>> LuaMetrics::all() const {
  const std::lock_guard lock(d_mutex);
  std::map<std::string, std::uint64_t, std::less<>> values;
  for (const auto& [name, cell] : d_cells) {
    values.emplace(name, cell->load(std::memory_order_relaxed));
  }
  return values;
}

std::optional<std::uint64_t> LuaMetrics::value(std::string_view name) const {
  const std::lock_guard lock(d_mutex);
  const auto found = d_cells.find(name);
  return found == d_cells.end() ? std::nullopt : std::optional(found->second->load(std::memory_order_relaxed));
}

} // namespace rec
