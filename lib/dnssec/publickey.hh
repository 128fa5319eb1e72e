// PublicKey: a DNSKEY's key, parsed once and ready to check signatures. Immutable; shared by all threads. The one user
// of the crypto library's key interfaces.
#pragma once

#include <array>
#include <memory>

#include "lib/dnssec/algorithms.hh"
#include "lib/dnssec/records.hh"

namespace dnssec {

class PublicKey {
 public:
  virtual ~PublicKey() = default;
  // Null when the key is malformed, of a size that is not allowed (RSA: 512 to 4096 bits, exponent of at most 64 bits;
  // EC: not on the curve), or of an algorithm that is not implemented.
  [[nodiscard]] static std::shared_ptr<const PublicKey> parse(Algorithm algorithm, Bytes key);

  // Whether `signature` (in DNS form) is this key's over `data`, given as pieces that follow each other.
  [[nodiscard]] virtual bool verify(std::span<const Bytes> data, Bytes signature) const = 0;
  // SHA-256 over algorithm and key: equal for equal keys only.
  [[nodiscard]] Bytes identity() const { return d_identity; }

 private:
  std::array<std::byte, 32> d_identity{};
};

} // namespace dnssec
