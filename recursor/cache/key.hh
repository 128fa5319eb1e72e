// What the caches share: hashes of (name, type) and seconds in 32 bits. Private to recursor/cache.
#pragma once

#include <algorithm>
#include <cstdint>

#include "lib/base/clock.hh"
#include "lib/base/hash.hh"
#include "lib/dns/rrset.hh"
#include "lib/dns/types.hh"

namespace rec {

// For ShardMap: the name alone chooses the shard, so that all types of a name can be found under one lock; name and
// type choose the place, so that a name with thousands of types makes no long chain.
[[nodiscard]] inline std::size_t keyHash(std::uint64_t hash, dns::RRType type) { // of Name::hash()
  constexpr std::uint64_t odd = 0x9E3779B97F4A7C15ULL;
  const std::uint64_t place = base::mix(hash ^ (static_cast<std::uint64_t>(type) * odd), odd);
  return (hash & 0xFFFFFFFF00000000ULL) | (place & 0xFFFFFFFFULL);
}
[[nodiscard]] inline std::size_t keyHash(const dns::Name& name, dns::RRType type) {
  return keyHash(std::uint64_t{name.hash()}, type);
}

// A verdict of validation is one on the signatures, too.
[[nodiscard]] inline bool sameSignatures(const dns::RRset& a, const dns::RRset& b) {
  const auto as = a.signatures(), bs = b.signatures();
  return a.signatureCount() == b.signatureCount() &&
         std::equal(as.begin(), as.end(), bs.begin(), bs.end(),
                    [](auto x, auto y) { return std::equal(x.begin(), x.end(), y.begin(), y.end()); });
}

// Seconds since 1970, enough until 2106.
[[nodiscard]] inline std::uint32_t seconds(base::WallTime time) {
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(time.time_since_epoch().count(), 0, UINT32_MAX));
}
[[nodiscard]] inline std::uint32_t addSeconds(std::uint32_t time, std::uint32_t seconds) {
  return seconds > UINT32_MAX - time ? UINT32_MAX : time + seconds;
}
[[nodiscard]] inline std::uint32_t secondsLeft(std::uint32_t expires, std::uint32_t now) {
  return expires > now ? expires - now : 0;
}

} // namespace rec
