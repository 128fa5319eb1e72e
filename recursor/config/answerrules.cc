// Networks are few: they are looked through in order.
#include "recursor/config/answerrules.hh"

#include <algorithm>
#include <limits>

namespace rec {

int SortLists::Order::of(const base::Address& address) const {
  const auto found = std::ranges::find_if(d_places, [&](const auto& place) { return place.first.contains(address); });
  return found == d_places.end() ? std::numeric_limits<int>::max() : found->second;
}

// Longest networks first; one that is given again gets the new place.
void SortLists::Order::add(const base::Netmask& preferred, int place) {
  d_last = std::max(d_last, place);
  const auto same = std::ranges::find(d_places, preferred, &std::pair<base::Netmask, int>::first);
  if (same != d_places.end()) {
    same->second = place;
    return;
  }
  const auto shorter = std::ranges::find_if(d_places, [&](const auto& one) { return one.first.bits < preferred.bits; });
  d_places.insert(shorter, {preferred, place});
}

void SortLists::add(const base::Netmask& clients, const std::vector<base::Netmask>& preferred,
                    std::optional<int> place) {
  auto at = std::ranges::find_if(d_orders, [&](const auto& one) { return one.first == clients; });
  if (at == d_orders.end()) {
    const auto shorter = std::ranges::find_if(d_orders, [&](const auto& one) { return one.first.bits < clients.bits; });
    at = d_orders.insert(shorter, {clients, Order()});
  }
  const int shared = place.value_or(at->second.last() + 1);
  for (const base::Netmask& one : preferred) {
    at->second.add(one, shared);
  }
}

const SortLists::Order* SortLists::find(const base::Address& client) const {
  const auto found = std::ranges::find_if(d_orders, [&](const auto& one) { return one.first.contains(client); });
  return found == d_orders.end() ? nullptr : &found->second;
}

} // namespace rec
