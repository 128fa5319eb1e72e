// Names and times of hooks: see luahooks.hh.
#include "recursor/policy/luahooks.hh"

#include <memory>
#include <string>

#include "recursor/stats/statistics.hh"

namespace rec {
namespace {

constexpr std::array<std::string_view, kLuaHookCount> kNames{
    "ipfilter",   "gettag",      "gettag_ffi",      "prerpz",      "preresolve",        "nodata",
    "nxdomain",   "postresolve", "postresolve_ffi", "preoutquery", "policyEventFilter", "maintenance",
    "udpCallback"};

using TimesList = std::shared_ptr<const std::vector<const LuaTimes*>>;
using Value = std::uint64_t (*)(const LuaTimes::Times&);

Statistics::Reading sumOf(const TimesList& all, LuaHook hook, Value value) {
  return [all, hook, value] {
    std::uint64_t sum = 0;
    for (const LuaTimes* times : *all) {
      sum += value(times->of(hook));
    }
    return sum;
  };
}

// "lua-gettag-ffi", "lua-policyeventfilter"
std::string metricName(std::string_view hook) {
  std::string name = "lua-";
  for (const char c : hook) {
    name += c == '_' ? '-' : static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  }
  return name;
}

} // namespace

std::string_view text(LuaHook hook) { return kNames[static_cast<std::size_t>(hook)]; }

void LuaTimes::add(LuaHook hook, std::chrono::nanoseconds took, bool failed) {
  Row& row = d_rows[static_cast<std::size_t>(hook)];
  const auto nanos = static_cast<std::uint64_t>(std::max<std::int64_t>(took.count(), 0));
  raise(row.calls, 1);
  raise(row.nanos, nanos);
  raise(row.failures, failed ? 1 : 0);
  for (std::size_t i = 0; i < kBounds.size(); ++i) {
    raise(row.within[i], nanos <= kBounds[i] * 1000 ? 1 : 0);
  }
}

LuaTimes::Times LuaTimes::of(LuaHook hook) const {
  const Row& row = d_rows[static_cast<std::size_t>(hook)];
  Times times{row.calls.load(std::memory_order_relaxed),
              row.nanos.load(std::memory_order_relaxed) / 1000,
              row.failures.load(std::memory_order_relaxed),
              {}};
  for (std::size_t i = 0; i < kBounds.size(); ++i) {
    times.within[i] = row.within[i].load(std::memory_order_relaxed);
  }
  return times;
}

void addLuaTimes(Statistics& statistics, std::vector<const LuaTimes*> times) {
  const auto all = std::make_shared<const std::vector<const LuaTimes*>>(std::move(times));
  for (std::size_t i = 0; i < kLuaHookCount; ++i) {
    const auto hook = static_cast<LuaHook>(i);
    const std::string name = metricName(kNames[i]);
    statistics.addReading(name + "-count", sumOf(all, hook, [](const LuaTimes::Times& t) { return t.calls; }));
    statistics.addReading(name + "-sum", sumOf(all, hook, [](const LuaTimes::Times& t) { return t.micros; }));
    statistics.addReading(name + "-failures", sumOf(all, hook, [](const LuaTimes::Times& t) { return t.failures; }));
    statistics.addReading(name + "-le-100", sumOf(all, hook, [](const LuaTimes::Times& t) { return t.within[0]; }));
    statistics.addReading(name + "-le-1000", sumOf(all, hook, [](const LuaTimes::Times& t) { return t.within[1]; }));
    statistics.addReading(name + "-le-10000", sumOf(all, hook, [](const LuaTimes::Times& t) { return t.within[2]; }));
  }
}

} // namespace rec
