// NumberColumn: numbers of variable length, as PackingReader reads them, one for each record of a block; room for all
// of them is there from the beginning. Used by the block builder.
#pragma once

#include <vector>

#include "recursor/querylog/blockformat.hh"
#include "recursor/querylog/packing.hh"

namespace rec {

class NumberColumn {
 public:
  // At most kBlockRecords before clear().
  void put(std::uint64_t value) {
    while (value >= 0x80) [[unlikely]] {
      d_octets[d_size++] = static_cast<std::byte>(value | 0x80);
      value >>= 7;
    }
    d_octets[d_size++] = static_cast<std::byte>(value);
  }
  void putSigned(std::int64_t value) {
    put(static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63));
  }
  [[nodiscard]] std::span<const std::byte> octets() const { return std::span(d_octets).first(d_size); }
  void clear() { d_size = 0; }

 private:
  static constexpr std::size_t kMostOctets = 10; // of a number
  LogOctets d_octets = LogOctets(kMostOctets * kBlockRecords);
  std::size_t d_size = 0;
};

} // namespace rec
