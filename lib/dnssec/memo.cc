// A table of buckets of four fingerprints, striped by locks. A fingerprint is a cryptographic hash: its octets are the
// place in the table. In a full bucket the one that came first gives way.
#include "lib/dnssec/memo.hh"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstring>
#include <mutex>
#include <vector>

#include "lib/dnssec/keystore.hh"

namespace dnssec {
namespace {

constexpr std::size_t kWays = 4, kStripes = 64;
constexpr std::size_t kMaxKeys = 4096; // parsed keys that are kept

struct Bucket {
  std::array<Fingerprint, kWays> prints{}; // all zero: free
  std::size_t next = 0;                    // who gives way
};

std::size_t placeOf(const Fingerprint& print) {
  std::size_t place;
  std::memcpy(&place, print.data(), sizeof place);
  return place;
}

struct alignas(64) Stripe {
  std::mutex mutex;
};

} // namespace

struct SignatureMemo::State {
  explicit State(std::size_t entries)
      : buckets(entries == 0 ? 0 : std::bit_ceil((entries + kWays - 1) / kWays)), keys(std::min(entries, kMaxKeys)) {}
  [[nodiscard]] std::size_t indexOf(const Fingerprint& print) const { return placeOf(print) & (buckets.size() - 1); }
  [[nodiscard]] Bucket& bucketOf(const Fingerprint& print) { return buckets[indexOf(print)]; }
  [[nodiscard]] std::mutex& mutexOf(const Fingerprint& print) { return stripes[indexOf(print) % kStripes].mutex; }

  std::vector<Bucket> buckets;
  KeyStore keys;
  std::array<Stripe, kStripes> stripes; // bucket b belongs to stripe b mod kStripes
  std::atomic<std::uint64_t> hits{0};
};

SignatureMemo::SignatureMemo(std::size_t entries) : d_state(std::make_unique<State>(entries)) {}

SignatureMemo::~SignatureMemo() = default;

bool SignatureMemo::knows(const Fingerprint& print) const {
  if (d_state->buckets.empty()) {
    return false;
  }
  const std::lock_guard lock(d_state->mutexOf(print));
  const auto& prints = d_state->bucketOf(print).prints;
  const bool known = std::ranges::find(prints, print) != prints.end();
  d_state->hits.fetch_add(known ? 1 : 0, std::memory_order_relaxed);
  return known;
}

void SignatureMemo::remember(const Fingerprint& print) {
  if (d_state->buckets.empty()) {
    return;
  }
  const std::lock_guard lock(d_state->mutexOf(print));
  Bucket& bucket = d_state->bucketOf(print);
  if (std::ranges::find(bucket.prints, print) == bucket.prints.end()) {
    bucket.prints[bucket.next] = print;
    bucket.next = (bucket.next + 1) % kWays;
  }
}

void SignatureMemo::clear() {
  for (std::size_t stripe = 0; stripe < kStripes; ++stripe) {
    const std::lock_guard lock(d_state->stripes[stripe].mutex);
    for (std::size_t at = stripe; at < d_state->buckets.size(); at += kStripes) {
      d_state->buckets[at] = Bucket{};
    }
  }
  d_state->keys.clear();
}

std::shared_ptr<const PublicKey> SignatureMemo::key(Algorithm algorithm, Bytes octets) {
  return d_state->keys.get(algorithm, octets);
}

std::uint64_t SignatureMemo::hits() const { return d_state->hits.load(std::memory_order_relaxed); }

} // namespace dnssec
