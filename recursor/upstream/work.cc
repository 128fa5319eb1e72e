// Counting what a resolution costs.
#include "recursor/upstream/work.hh"

namespace rec {

bool Work::chargeQuery() {
  if (exhausted()) return false;
  if (queries >= limits.maxQueries) {
    exceeded = "max-qperq";
    counter = Metric::MaxQperqExceeded;
    return false;
  }
  ++queries;
  return true;
}

void Work::chargeBytes(std::size_t received) {
  bytes += received;
  if (exhausted() || limits.maxBytes == 0 || bytes <= limits.maxBytes) return;
  exceeded = "max-bytesperq";
  counter = Metric::MaxBytesperqExceeded;
}

} // namespace rec
