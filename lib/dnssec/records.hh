// Typed views of the rdata that DNSSEC is made of (RFC 4034, RFC 5155). Views point into the rdata they were read from.
// Readers answer "nothing" on malformed rdata.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "lib/dns/name.hh"
#include "lib/dns/rdata.hh"
#include "lib/dns/types.hh"
#include "lib/dnssec/algorithms.hh"

namespace dnssec {

using Bytes = std::span<const std::byte>;

struct Dnskey { // RFC 4034 2.1
  std::uint16_t flags = 0;
  std::uint8_t protocol = 0;
  Algorithm algorithm{};
  Bytes key;
  std::uint16_t tag = 0; // RFC 4034 appendix B

  [[nodiscard]] bool isZoneKey() const { return (flags & 0x0100) != 0; }
  [[nodiscard]] bool isRevoked() const { return (flags & 0x0080) != 0; } // RFC 5011 7
  [[nodiscard]] bool isSecureEntryPoint() const { return (flags & 0x0001) != 0; }
};

struct Ds { // RFC 4034 5.1
  std::uint16_t tag = 0;
  Algorithm algorithm{};
  DigestType digestType{};
  Bytes digest;
};

struct Rrsig { // RFC 4034 3.1
  dns::RRType covered{};
  Algorithm algorithm{};
  std::uint8_t labels = 0;
  std::uint32_t originalTtl = 0;
  std::uint32_t expiration = 0, inception = 0; // seconds modulo 2^32 (RFC 4034 3.1.5)
  std::uint16_t tag = 0;
  dns::Name signer;
  Bytes head; // the rdata up to and with the signer's name: what is signed of it
  Bytes signature;
};

// The types of an NSEC or NSEC3 record (RFC 4034 4.1.2).
class TypeBitmap {
 public:
  explicit TypeBitmap(Bytes blocks = {}) : d_blocks(blocks) {}
  [[nodiscard]] bool has(dns::RRType type) const;
  [[nodiscard]] bool empty() const { return d_blocks.empty(); }
  [[nodiscard]] Bytes blocks() const { return d_blocks; } // as in the rdata

 private:
  Bytes d_blocks;
};

struct Nsec { // RFC 4034 4.1
  dns::Name next;
  TypeBitmap types;
};

struct Nsec3 { // RFC 5155 3.1
  std::uint8_t hashAlgorithm = 0, flags = 0;
  std::uint16_t iterations = 0;
  Bytes salt, nextHash;
  TypeBitmap types;

  [[nodiscard]] bool optOut() const { return (flags & 0x01) != 0; }
};

[[nodiscard]] std::optional<Dnskey> readDnskey(Bytes rdata);
[[nodiscard]] std::optional<Ds> readDs(Bytes rdata);
[[nodiscard]] std::optional<Rrsig> readRrsig(Bytes rdata);
[[nodiscard]] std::optional<Nsec> readNsec(Bytes rdata);
[[nodiscard]] std::optional<Nsec3> readNsec3(Bytes rdata);
[[nodiscard]] std::uint16_t keyTag(Bytes dnskeyRdata); // RFC 4034 appendix B, B.1 for algorithm 1

} // namespace dnssec
