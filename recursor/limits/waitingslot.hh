// WaitingSlot: the places that a question takes among those of its client's network that wait for servers; given back
// with the object. Made by ClientLimits, kept in the Query, on whichever thread that ends.
#pragma once

#include <cstdint>
#include <utility>

#include "lib/base/keycounts.hh"

namespace rec {

class WaitingSlot {
 public:
  WaitingSlot() = default;
  // 0: none of that kind is taken.
  WaitingSlot(base::KeyCounts& counts, std::uint64_t network, std::uint64_t zone)
      : d_counts(&counts), d_network(network), d_zone(zone) {}
  WaitingSlot(WaitingSlot&& other) noexcept { swap(other); }
  WaitingSlot& operator=(WaitingSlot&& other) noexcept {
    WaitingSlot taken(std::move(other));
    swap(taken);
    return *this;
  }
  ~WaitingSlot() {
    if (d_counts == nullptr) return;
    if (d_network != 0) d_counts->leave(d_network);
    if (d_zone != 0) d_counts->leave(d_zone);
  }

 private:
  void swap(WaitingSlot& other) noexcept {
    std::swap(d_counts, other.d_counts);
    std::swap(d_network, other.d_network);
    std::swap(d_zone, other.d_zone);
  }

  base::KeyCounts* d_counts = nullptr;
  std::uint64_t d_network = 0, d_zone = 0;
};

} // namespace rec
