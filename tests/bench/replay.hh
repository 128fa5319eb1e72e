// Replays a trace against a bounded FlatTable and counts hits. Used by bench-eviction and a unit test.
#pragma once

#include "lib/base/flattable.hh"
#include "lib/base/hash.hh"
#include "tests/bench/traces.hh"

namespace traces {

// The hits in a hundred ordinary questions. `mayRefuse`: as the packet cache, else as the record cache.
inline double hitRatio(const Trace& trace, base::EvictionStrategy strategy, std::size_t size, bool mayRefuse = false) {
  struct Entry {
    std::uint32_t name = 0;
    [[nodiscard]] std::size_t heapBytes() const { return 0; }
  };
  using Table = base::FlatTable<Entry>;
  Table table(strategy);
  std::size_t asked = 0;
  std::size_t hits = 0;
  for (const Question& question : trace) {
    const std::uint32_t tag = Table::tagOf(base::mix(question.name + 1, 0x9E3779B97F4A7C15ULL));
    const bool hit = table.find(tag, [&](const Entry& entry) { return entry.name == question.name; }) != nullptr;
    if (!hit) {
      table.insert(tag, {question.name}, {.maxEntries = size, .mayRefuse = mayRefuse},
                   [](const Entry&) { return false; });
    }
    asked += question.returns ? 1 : 0;
    hits += hit && question.returns ? 1 : 0;
  }
  return 100.0 * static_cast<double>(hits) / static_cast<double>(asked);
}

} // namespace traces
