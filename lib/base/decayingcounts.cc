// Counting with halving: the count of a place is right for its second, and is aged when somebody looks.
#include "lib/base/decayingcounts.hh"

#include <algorithm>

namespace base {

DecayingCounts::DecayingCounts() : d_sets(std::make_unique<Set[]>(kSets)) {}

std::uint32_t DecayingCounts::secondOf(MonoTime now) {
  return static_cast<std::uint32_t>(std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count());
}

// The clocks of two threads may be a turn of their loops apart: a place may be a second ahead.
std::uint32_t DecayingCounts::aged(const Place& place, std::uint32_t second) {
  const auto passed = static_cast<std::int32_t>(second - place.second);
  if (passed <= 0) {
    return place.count;
  }
  return passed > 31 ? 0 : place.count >> passed;
}

std::uint32_t DecayingCounts::add(std::uint64_t key, MonoTime now) {
  const std::uint32_t second = secondOf(now);
  const std::size_t index = setOf(key);
  const std::lock_guard lock(mutexOf(index));
  Set& set = d_sets[index];
  auto place = std::ranges::find(set, key, &Place::key);
  if (place == set.end()) {
    place = std::ranges::min_element(set, {}, [second](const Place& at) { return aged(at, second); });
    *place = {key, second, 0};
  }
  const bool isBehind = static_cast<std::int32_t>(second - place->second) < 0;
  place->count = aged(*place, second) + 1;
  place->second = isBehind ? place->second : second;
  return place->count;
}

std::uint32_t DecayingCounts::count(std::uint64_t key, MonoTime now) const {
  const std::size_t index = setOf(key);
  const std::lock_guard lock(mutexOf(index));
  const Set& set = d_sets[index];
  const auto place = std::ranges::find(set, key, &Place::key);
  return place == set.end() ? 0 : aged(*place, secondOf(now));
}

} // namespace base
