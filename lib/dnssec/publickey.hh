// PublicKey: a DNSKEY's key, parsed once and ready to check signatures. Immutable; shared by all threads. The one user
// of the crypto library's key interfaces.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <optional>

#include "lib/dnssec/algorithms.hh"
#include "lib/dnssec/records.hh"

namespace dnssec {

// How many keys may still have a table that makes their checks cheaper (pointtable.hh); shared by the keys of a
// KeyStore.
struct TableBudget {
  std::atomic<int> left{64}; // 10 MB in all
};

class PublicKey {
 public:
  virtual ~PublicKey() = default;
  // Null when the key is malformed, of a size that is not allowed (RSA: 512 to 4096 bits, exponent of at most 64 bits;
  // EC: not on the curve), or of an algorithm that is not implemented.
  // `tables`: a key that is used often may make a table; without one it never does.
  [[nodiscard]] static std::shared_ptr<const PublicKey> parse(Algorithm algorithm, Bytes key,
                                                              std::shared_ptr<TableBudget> tables = nullptr);

  // Whether `signature` (in DNS form) is this key's over `data`, given as pieces that follow each other.
  [[nodiscard]] virtual bool verify(std::span<const Bytes> data, Bytes signature) const = 0;
  // SHA-256 over algorithm and key: equal for equal keys only.
  using Identity = std::array<std::byte, 32>;
  [[nodiscard]] Bytes identity() const { return d_identity; }
  [[nodiscard]] static std::optional<Identity> identify(Algorithm algorithm, Bytes key);

 private:
  Identity d_identity{};
};

} // namespace dnssec
