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
  if (text.size() == 4) return base::mix(base::load32(text.data()) ^ seeds.b, seeds.a); // an IPv4 address
  std::uint64_t state = seeds.a ^ text.size();
  std::size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    state = base::mix(base::load64(text.data() + i) ^ seeds.b, state ^ seeds.c);
  }
  std::uint64_t last = 0;
  if (i < text.size()) std::memcpy(&last, text.data() + i, text.size() - i);
  return base::mix(base::mix(last ^ seeds.b, state ^ seeds.c), seeds.a);
}

template <typename Equal>
std::uint32_t Dictionary::find(std::uint64_t hash, Equal isEqual, std::span<const std::byte> text) {
  const std::size_t mask = d_slots.size() - 1;
  const auto low = static_cast<std::uint32_t>(hash);
  std::size_t at = low & mask;
  for (; d_slots[at].number != 0; at = (at + 1) & mask) {
    if (d_slots[at].hash == low && isEqual(d_slots[at].number - 1)) return d_slots[at].number - 1;
  }
  const std::uint32_t number = size();
  d_slots[at] = {low, number + 1};
  d_entries.push_back({static_cast<std::uint32_t>(d_octets.size()), static_cast<std::uint32_t>(text.size())});
  d_octets.insert(d_octets.end(), text.begin(), text.end());
  if (2 * d_entries.size() > d_slots.size()) grow();
  return number;
}

std::uint32_t Dictionary::add(std::span<const std::byte> text, std::uint64_t hash) {
  const auto isEqual = [&](std::uint32_t number) { return std::ranges::equal((*this)[number], text); };
  return find(hash, isEqual, text);
}

std::uint32_t Dictionary::addName(std::span<const std::byte> name, std::uint64_t hash) {
  const std::uint32_t before = size();
  const std::uint32_t number = find(hash, [&](std::uint32_t other) { return isName(other, name); }, name);
  if (number == before) {
    for (std::byte& octet : std::span(d_octets).subspan(d_entries[number].offset)) octet = dns::fold(octet);
  }
  return number;
}

void Dictionary::grow() {
  std::vector<Slot> slots(2 * d_slots.size());
  const std::size_t mask = slots.size() - 1;
  for (const Slot& slot : d_slots) {
    if (slot.number == 0) continue;
    std::size_t at = slot.hash & mask;
    while (slots[at].number != 0) at = (at + 1) & mask;
    slots[at] = slot;
  }
  d_slots = std::move(slots);
}

void Dictionary::clear() {
  std::ranges::fill(d_slots, Slot());
  d_entries.clear();
  d_octets.clear();
}

} // namespace rec
