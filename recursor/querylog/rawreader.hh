// RawReader: the answered questions in a worker's ring, one after the other, each hit with the moment of its batch.
// Used by the writer, on its thread; made once for each ring, whose first record it has to see.
#pragma once

#include "recursor/querylog/rawrecord.hh"
#include "recursor/querylog/ring.hh"

namespace rec {

class RawReader {
 public:
  explicit RawReader(LogRing& ring) : d_ring(&ring) {}
  void look() { d_ring->look(); }
  // The oldest record or hit that look() has seen; null: none. It stays until pop().
  [[nodiscard]] const std::byte* next() {
    const std::byte* at = d_ring->next();
    while (at != nullptr && formOf(at) == RawForm::Moment) {
      std::memcpy(&d_moment, at, sizeof d_moment);
      d_ring->pop();
      at = d_ring->next();
    }
    return at;
  }
  // Of what next() has returned.
  [[nodiscard]] std::int64_t timeOf(const std::byte* at) const {
    return formOf(at) == RawForm::Hit ? d_moment.time : RawRecord(at).head().time;
  }
  [[nodiscard]] const RawMoment& moment() const { return d_moment; }
  void pop() { d_ring->pop(); }
  void release() { d_ring->release(); }

 private:
  LogRing* d_ring;
  RawMoment d_moment;
};

} // namespace rec
