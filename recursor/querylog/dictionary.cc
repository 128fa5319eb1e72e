// Open addressing over numbers.
#include "recursor/querylog/dictionary.hh"

#include <algorithm>
#include <cstring>

#include "lib/base/hash.hh"

namespace rec {
namespace {

constexpr std::size_t kFirstSlots = 256;

} // namespace

Dictionary::Dictionary() : d_slots(kFirstSlots) {}

std::uint64_t Dictionary::hashOf(std::span<const std::byte> text) {
  const base::HashSeeds& seeds = base::hashSeeds();
  std::uint64_t state = seeds.a ^ text.size();
  std::size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    state = base::mix(base::load64(text.data() + i) ^ seeds.b, state ^ seeds.c);
  }
  std::uint64_t last = 0;
  if (i < text.size()) std::memcpy(&last, text.data() + i, text.size() - i);
  return base::mix(base::mix(last ^ seeds.b, state ^ seeds.c), seeds.a);
}

std::uint32_t Dictionary::add(std::span<const std::byte> text, std::uint64_t hash) {
  const std::size_t mask = d_slots.size() - 1;
  std::size_t at = hash & mask;
  for (; d_slots[at] != 0; at = (at + 1) & mask) {
    const Entry& entry = d_entries[d_slots[at] - 1];
    if (entry.hash == hash && entry.size == text.size() &&
        std::memcmp(d_octets.data() + entry.offset, text.data(), text.size()) == 0) {
      return d_slots[at] - 1;
    }
  }
  const std::uint32_t number = size();
  d_slots[at] = number + 1;
  d_entries.push_back({hash, static_cast<std::uint32_t>(d_octets.size()), static_cast<std::uint32_t>(text.size())});
  d_octets.insert(d_octets.end(), text.begin(), text.end());
  if (2 * d_entries.size() > d_slots.size()) grow();
  return number;
}

void Dictionary::grow() {
  std::vector<std::uint32_t> slots(2 * d_slots.size());
  const std::size_t mask = slots.size() - 1;
  for (std::uint32_t number = 0; number < size(); ++number) {
    std::size_t at = d_entries[number].hash & mask;
    while (slots[at] != 0) at = (at + 1) & mask;
    slots[at] = number + 1;
  }
  d_slots = std::move(slots);
}

void Dictionary::clear() {
  std::ranges::fill(d_slots, 0U);
  d_entries.clear();
  d_octets.clear();
}

} // namespace rec
