// A hash table that loses its lower half now and then.
#include "recursor/querylog/toptable.hh"

#include <algorithm>

namespace rec {

void TopTable::add(std::string_view key, std::uint64_t value) {
  auto it = d_counts.find(key);
  if (it == d_counts.end()) {
    if (d_counts.size() >= d_mostKeys) prune();
    it = d_counts.emplace(std::string(key), Count{d_floor, d_floor}).first;
  }
  it->second.value = d_mode == Mode::Sum ? it->second.value + value : std::max(it->second.value, value);
}

void TopTable::prune() {
  std::vector<std::uint64_t> values;
  values.reserve(d_counts.size());
  for (const auto& [key, count] : d_counts) values.push_back(count.value);
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  const std::uint64_t limit = *middle;
  std::erase_if(d_counts, [limit](const auto& entry) { return entry.second.value <= limit; });
  if (d_mode == Mode::Sum) d_floor = limit; // a highest value is told anew each time
}

void TopTable::merge(const TopTable& other) {
  for (auto& [key, count] : d_counts) {
    const auto it = other.d_counts.find(key);
    if (d_mode == Mode::Most) {
      count.value = std::max(count.value, it == other.d_counts.end() ? 0 : it->second.value);
      continue;
    }
    count.value += it == other.d_counts.end() ? other.d_floor : it->second.value;
    count.atMostTooMany += it == other.d_counts.end() ? other.d_floor : it->second.atMostTooMany;
  }
  for (const auto& [key, count] : other.d_counts) {
    if (!d_counts.contains(key)) {
      d_counts.emplace(key, Count{count.value + d_floor, count.atMostTooMany + d_floor});
    }
  }
  d_floor += other.d_floor;
}

std::vector<std::pair<std::string, TopTable::Count>> TopTable::top(std::size_t rows) const {
  std::vector<std::pair<std::string, Count>> all(d_counts.begin(), d_counts.end());
  const auto isBefore = [](const auto& a, const auto& b) {
    return a.second.value != b.second.value ? a.second.value > b.second.value : a.first < b.first;
  };
  rows = std::min(rows, all.size());
  std::ranges::partial_sort(all, all.begin() + static_cast<std::ptrdiff_t>(rows), isBefore);
  all.resize(rows);
  return all;
}

} // namespace rec
