// The wall clock to the microsecond, for what is written down with its time (the query log). Everything that decides by
// time has a base::Clock instead.
#pragma once

#include <cstdint>

namespace base {

// Microseconds since 1970: clock_gettime(CLOCK_REALTIME), so that libfaketime moves it.
[[nodiscard]] std::int64_t wallMicros();

} // namespace base
