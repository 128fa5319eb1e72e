// ClientSubnet: the content of an EDNS Client Subnet option (RFC 7871 6), read and written: for which network a
// question is asked and an answer is given. Used by edns.cc; says nothing about who may see it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "lib/base/netmask.hh"

namespace dns {

constexpr std::size_t kMaxClientSubnetSize = 4 + 16;

struct ClientSubnet {
  base::Netmask source;   // without an address (FAMILY 0) its length is 0: for nobody in particular
  std::uint8_t scope = 0; // SCOPE PREFIX-LENGTH; 0 in questions

  friend bool operator==(const ClientSubnet&, const ClientSubnet&) = default;
};

// Whether FAMILY is one we know, the lengths are within the address and the address has as many octets as the source
// length takes, with zeros behind it (RFC 7871 6).
[[nodiscard]] bool isClientSubnet(std::span<const std::byte> content);
// Nothing when it is not well formed.
[[nodiscard]] std::optional<ClientSubnet> readClientSubnet(std::span<const std::byte> content);
// Returns the size of the content.
std::size_t writeClientSubnet(const ClientSubnet& subnet, std::span<std::byte, kMaxClientSubnetSize> out);

} // namespace dns
