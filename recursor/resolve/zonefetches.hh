// ZoneFetches: how many questions are under way to the servers of each zone, over all workers (fetches-per-zone), so
// that a zone that is slow, or below which random names are asked for, does not take all that the resolver can do.
// Asked by the asker before it begins; thread safe. The root and what the operator forwards are not counted, nor what
// is asked to validate; addresses of name servers are counted apart, since what is counted may wait for them.
#pragma once

#include <cstdint>
#include <utility>

#include "lib/base/keycounts.hh"
#include "recursor/cache/delegations.hh"
#include "recursor/resolve/walk.hh"
#include "recursor/stats/limitednow.hh"

namespace rec {

class ZoneFetches {
 public:
  explicit ZoneFetches(LimitedNow& limited) : d_limited(limited) {}

  // A place among them, given back with the object.
  class Slot {
   public:
    Slot() = default;
    Slot(base::KeyCounts& counts, std::uint64_t key) : d_counts(&counts), d_key(key) {}
    Slot(Slot&& other) noexcept : d_counts(std::exchange(other.d_counts, nullptr)), d_key(other.d_key) {}
    Slot& operator=(Slot&&) = delete;
    ~Slot() {
      if (d_counts != nullptr) d_counts->leave(d_key);
    }

   private:
    base::KeyCounts* d_counts = nullptr; // null: not counted
    std::uint64_t d_key = 0;
  };
  struct Entry {
    bool allowed = true;
    Slot slot;
  };
  // Whether a question of this walk may be asked now, while the slot lives, besides `most` others; 0: any number.
  [[nodiscard]] Entry enter(const Delegation& zone, const Walk& walk, std::uint32_t most, base::MonoTime now);

  // Whether a client's name of that zone would be turned away now; counts nothing.
  [[nodiscard]] bool isFull(const Delegation& zone, std::uint32_t most) const;

 private:
  LimitedNow& d_limited;
  base::KeyCounts d_counts;
};

} // namespace rec
