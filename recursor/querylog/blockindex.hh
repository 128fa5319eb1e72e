// BlockIndex: what is known of a block without decoding it, so that searches skip it: times, codes, kinds, and filters
// of the names with all their suffixes and of the clients with the networks around them. Made by the block builder,
// kept beside the block. A filter may say yes wrongly (2 %), never no.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "lib/base/netmask.hh"
#include "lib/base/result.hh"
#include "lib/dns/name.hh"

namespace rec {

// A set of hashes in ten bits each (a Bloom filter with four probes in one 64-octet line).
class HashFilter {
 public:
  static HashFilter of(std::span<const std::uint64_t> hashes);
  explicit HashFilter(std::vector<std::byte> bits = {}) : d_bits(std::move(bits)) {}
  [[nodiscard]] bool mayHave(std::uint64_t hash) const;
  [[nodiscard]] std::span<const std::byte> bits() const { return d_bits; }

 private:
  std::vector<std::byte> d_bits; // whole lines; empty: nothing is in it
};

struct BlockIndex {
  std::uint32_t records = 0;
  std::uint32_t bytes = 0;          // of the encoded block
  std::int64_t first = 0, last = 0; // the earliest and the latest time, in microseconds since 1970
  std::uint32_t slowest = 0;        // latency in microseconds
  std::uint64_t rcodes = 0;         // bit min(rcode, 63)
  std::uint64_t types = 0;          // bit type modulo 64
  std::uint16_t kinds = 0;          // bit LogKind
  bool hasPolicies = false;
  HashFilter names;   // suffixHash() of the names and of all their suffixes but the root
  HashFilter clients; // networkHash() of kClientBits4 or kClientBits6 bits, whole addresses included

  [[nodiscard]] std::vector<std::byte> encode() const;
  static base::Result<BlockIndex> decode(std::span<const std::byte> octets);
};

constexpr std::uint8_t kClientBits4[] = {32, 24, 16, 8};
constexpr std::uint8_t kClientBits6[] = {128, 64, 56, 48, 32, 16};

// The same in every process: they are stored.
[[nodiscard]] std::uint64_t suffixHash(const dns::Name& name);
// `octets`: 4 or 16 of an address; of the network of so many bits around it.
[[nodiscard]] std::uint64_t networkHash(std::span<const std::byte> octets, unsigned bits);
// Those of a name in wire form, lower case, and of each of its suffixes, the root excepted; appended to `out`.
void appendSuffixHashes(std::span<const std::byte> wire, std::vector<std::uint64_t>& out);

} // namespace rec
