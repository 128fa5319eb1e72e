// Hashes of octets in pieces, as DNSSEC needs them. The algorithms are fetched from the crypto library once, the
// contexts are kept per thread. Used by keys, DS digests and fingerprints.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "lib/dnssec/records.hh"

namespace dnssec {

enum class Hash : std::uint8_t { Sha1, Sha256, Sha384, Sha512 };

struct Digest {
  std::array<std::byte, 64> octets;
  std::size_t size = 0; // 0: the crypto library cannot do this hash

  [[nodiscard]] Bytes bytes() const { return {octets.data(), size}; }
};

[[nodiscard]] Digest digest(Hash hash, std::span<const Bytes> pieces);

} // namespace dnssec
