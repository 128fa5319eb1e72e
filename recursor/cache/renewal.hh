// When cached data is due to be fetched anew before it expires (refresh-on-ttl-perc). Pure; used by whoever looks into
// the caches for a renewal, and by the packet cache's plan.
#pragma once

#include <algorithm>
#include <cstdint>

namespace rec {

// How long before its end, in seconds, data that was stored with `originalTtl` is due: `percent` of its life, a second
// at least; 0: never. What lives a second only would be fetched in the second in which it came.
[[nodiscard]] constexpr std::uint32_t renewalLead(std::uint32_t originalTtl, unsigned percent) {
  constexpr std::uint32_t shortest = 2;
  if (percent == 0 || originalTtl < shortest) {
    return 0;
  }
  return std::max(1U, static_cast<std::uint32_t>(std::uint64_t{originalTtl} * percent / 100));
}

[[nodiscard]] constexpr bool isDueForRenewal(std::uint32_t left, std::uint32_t originalTtl, unsigned percent) {
  return left <= renewalLead(originalTtl, percent);
}

} // namespace rec
