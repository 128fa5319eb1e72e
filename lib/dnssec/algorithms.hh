// The DNSSEC algorithm and digest numbers (IANA registries), with their mnemonics, and which of them are used.
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dnssec {

enum class Algorithm : std::uint8_t {
  RsaMd5 = 1,
  Dsa = 3,
  RsaSha1 = 5,
  DsaNsec3Sha1 = 6,
  RsaSha1Nsec3Sha1 = 7,
  RsaSha256 = 8,
  RsaSha512 = 10,
  EccGost = 12,
  EcdsaP256Sha256 = 13,
  EcdsaP384Sha384 = 14,
  Ed25519 = 15,
  Ed448 = 16
};

enum class DigestType : std::uint8_t { Sha1 = 1, Sha256 = 2, Gost = 3, Sha384 = 4 };

[[nodiscard]] std::string text(Algorithm algorithm); // "ECDSAP256SHA256", "ALG200"
[[nodiscard]] std::string text(DigestType type);     // "SHA256", "DIGEST9"
// A mnemonic or a number, for dnssec-disabled-algorithms.
[[nodiscard]] std::optional<Algorithm> parseAlgorithm(std::string_view text);

// The algorithms and digests that are used: those implemented less those the operator disabled. What is not used makes
// a zone insecure, never bogus (RFC 4035 5.2, RFC 6840 5.2).
class Algorithms {
 public:
  Algorithms(); // 5 7 8 10 13 14 15 16, as far as the crypto library can do them; digests 1 2 4
  void disable(Algorithm algorithm) { d_algorithms.reset(static_cast<std::size_t>(algorithm)); }
  [[nodiscard]] bool uses(Algorithm algorithm) const { return d_algorithms[static_cast<std::size_t>(algorithm)]; }
  [[nodiscard]] bool uses(DigestType type) const { return d_digests[static_cast<std::size_t>(type)]; }

 private:
  std::bitset<256> d_algorithms, d_digests;
};

} // namespace dnssec
