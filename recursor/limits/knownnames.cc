// One half of a name's hash is its place, the other its fingerprint.
#include "recursor/limits/knownnames.hh"

#include "lib/base/hash.hh"

namespace rec {
namespace {

std::uint64_t spread(const dns::Name& name) { return base::mix(name.hash(), base::hashSeeds().c); }

std::uint32_t fingerprint(std::uint64_t hash) { return static_cast<std::uint32_t>(hash) | 1; } // never that of nothing

} // namespace

KnownNames::KnownNames() : d_places(std::make_unique<std::atomic<std::uint32_t>[]>(kPlaces)) {}

void KnownNames::add(const dns::Name& name) {
  const std::uint64_t hash = spread(name);
  d_places[(hash >> 32) % kPlaces].store(fingerprint(hash), std::memory_order_relaxed);
}

bool KnownNames::has(const dns::Name& name) const {
  const std::uint64_t hash = spread(name);
  return d_places[(hash >> 32) % kPlaces].load(std::memory_order_relaxed) == fingerprint(hash);
}

} // namespace rec
