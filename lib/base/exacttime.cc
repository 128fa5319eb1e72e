// The wall clock to the microsecond.
#include "lib/base/exacttime.hh"

#include <ctime>

namespace base {

std::int64_t wallMicros() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
}

} // namespace base
