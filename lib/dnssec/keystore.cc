// Parsed keys in buckets of four; parsing happens outside of the locks.
#include "lib/dnssec/keystore.hh"

#include <algorithm>
#include <bit>
#include <cstring>

namespace dnssec {

KeyStore::KeyStore(std::size_t entries) : d_buckets(entries == 0 ? 0 : std::bit_ceil((entries + kWays - 1) / kWays)) {}

std::shared_ptr<const PublicKey> KeyStore::get(Algorithm algorithm, Bytes octets) {
  const auto identity = PublicKey::identify(algorithm, octets);
  if (d_buckets.empty() || !identity) {
    return PublicKey::parse(algorithm, octets);
  }
  std::size_t place;
  std::memcpy(&place, identity->data(), sizeof place);
  place &= d_buckets.size() - 1;
  if (auto known = find(place, *identity)) {
    return known;
  }
  auto parsed = PublicKey::parse(algorithm, octets, d_tables);
  if (parsed) {
    keep(place, parsed);
  }
  return parsed;
}

std::shared_ptr<const PublicKey> KeyStore::find(std::size_t place, Bytes identity) {
  const std::lock_guard lock(d_mutexes[place % kStripes]);
  for (Way& way : d_buckets[place]) {
    if (way.key && std::ranges::equal(way.key->identity(), identity)) {
      ++way.uses;
      return way.key;
    }
  }
  return nullptr;
}

// The least used gives way; the others age, so that none stays for what it once was.
void KeyStore::keep(std::size_t place, const std::shared_ptr<const PublicKey>& key) {
  std::shared_ptr<const PublicKey> old; // freed after the lock is
  const std::lock_guard lock(d_mutexes[place % kStripes]);
  Bucket& bucket = d_buckets[place];
  const auto least = std::ranges::min_element(
      bucket, {}, [](const Way& way) { return way.key ? std::uint64_t{way.uses} + 1 : std::uint64_t{0}; });
  for (Way& way : bucket) {
    way.uses -= least->key ? way.uses / 8 : 0;
  }
  old = std::exchange(least->key, key);
  least->uses = 1;
}

void KeyStore::clear() {
  for (std::size_t place = 0; place < d_buckets.size(); ++place) {
    const std::lock_guard lock(d_mutexes[place % kStripes]);
    d_buckets[place] = Bucket{};
  }
}

} // namespace dnssec
