// Writing into the rings: see toprings.hh.
#include "recursor/stats/toprings.hh"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace rec {
namespace {

std::uint8_t octetOf(std::size_t weight) { return static_cast<std::uint8_t>(std::min<std::size_t>(weight, 255)); }

} // namespace

TopRings::TopRings(std::size_t entries) : d_entries(entries) {
  for (auto& ring : d_names) ring.slots.resize(entries);
  for (auto& ring : d_addresses) ring.slots.resize(entries);
}

void TopRings::note(TopEvent event, std::span<const std::byte> name, dns::RRType type, const base::Address& client,
                    std::size_t weight) {
  assert(at(event) < kTopNamedEvents && !name.empty() && name.size() <= dns::kMaxNameSize);
  if (d_entries == 0) return;
  Ring<NameSlot>& ring = d_names[at(event)];
  auto size = static_cast<std::uint8_t>(name.size());
  for (std::size_t done = 0; done < name.size(); size = 0) {
    NameSlot& slot = ring.take();
    const std::size_t part = std::min(name.size() - done, slot.octets.size());
    slot.size = size;
    slot.weight = octetOf(weight);
    slot.type = type;
    std::memcpy(slot.octets.data(), name.data() + done, part);
    done += part;
  }
  note(event, client, weight);
}

void TopRings::note(TopEvent event, const base::Address& who, std::size_t weight) {
  if (d_entries == 0) return;
  const auto octets = who.octets();
  AddressSlot& slot = d_addresses[at(event)].take();
  slot.size = static_cast<std::uint8_t>(octets.size());
  slot.weight = octetOf(weight);
  if (octets.size() == 4) { // of a size known beforehand
    std::memcpy(slot.octets.data(), octets.data(), 4);
  } else {
    std::ranges::copy(octets, slot.octets.begin());
  }
}

} // namespace rec
