// CanonicalKey: names as octets that compare like the names do (RFC 4034 6.1). The order of the aggressive cache; made
// on the stack for each look-up.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "lib/dns/fold.hh"
#include "lib/dns/name.hh"

namespace rec {

// Of a name within `zone`: its labels below the zone from the right, in lower case, each ended by 0. Octets 0 and 1
// are spelled in two, so that they sort behind the end of a label.
class CanonicalKey {
 public:
  CanonicalKey(const dns::Name& name, const dns::Name& zone) {
    std::array<std::uint8_t, 128> starts;
    const auto wire = name.wire();
    const std::size_t labels = name.labelCount() - zone.labelCount();
    std::size_t at = 0;
    for (std::size_t i = 0; i < labels; ++i) {
      starts[i] = static_cast<std::uint8_t>(at);
      at += std::to_integer<std::size_t>(wire[at]) + 1;
    }
    for (std::size_t i = labels; i-- > 0;) {
      addLabel(wire.subspan(starts[i] + 1U, std::to_integer<std::size_t>(wire[starts[i]])));
    }
  }
  [[nodiscard]] std::string_view view() const { return {d_octets.data(), d_size}; }

 private:
  void addLabel(std::span<const std::byte> label) {
    for (const std::byte octet : label) {
      const auto folded = static_cast<unsigned char>(dns::fold(octet));
      if (folded <= 1) {
        d_octets[d_size++] = 1;
      }
      d_octets[d_size++] = static_cast<char>(folded <= 1 ? folded + 1 : folded);
    }
    d_octets[d_size++] = 0;
  }
  std::array<char, 2 * dns::kMaxNameSize> d_octets;
  std::size_t d_size = 0;
};

} // namespace rec
