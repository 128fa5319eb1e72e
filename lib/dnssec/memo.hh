// SignatureMemo: signatures that were found good, remembered by a fingerprint (SHA-256 over the signed data, the
// signature and the key), so that the same proof served with a thousand names is checked once. Says nothing of dates:
// they are checked every time. Shared by all workers; bounded; one small lock per stripe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "lib/dnssec/publickey.hh"

namespace dnssec {

using Fingerprint = std::array<std::byte, 16>;

class SignatureMemo {
 public:
  explicit SignatureMemo(std::size_t entries); // rounded up to a power of two; 0 remembers nothing
  ~SignatureMemo();
  [[nodiscard]] bool knows(const Fingerprint& fingerprint) const;
  void remember(const Fingerprint& fingerprint); // in place of an older one
  void clear();
  [[nodiscard]] std::uint64_t hits() const;
  // The key, parsed once for all zones that have it; null when it cannot be parsed. One that is used often checks its
  // signatures in half the time (pointtable.hh).
  [[nodiscard]] std::shared_ptr<const PublicKey> key(Algorithm algorithm, Bytes key);

 private:
  struct State;
  std::unique_ptr<State> d_state;
};

} // namespace dnssec
