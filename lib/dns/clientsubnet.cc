// The client subnet option: FAMILY, SOURCE PREFIX-LENGTH, SCOPE PREFIX-LENGTH, ADDRESS.
#include "lib/dns/clientsubnet.hh"

#include <algorithm>

namespace dns {
namespace {

constexpr unsigned kIpv4 = 1, kIpv6 = 2; // address family numbers
constexpr std::size_t kFixed = 4;        // octets before the address

unsigned octet(std::span<const std::byte> content, std::size_t at) { return std::to_integer<unsigned>(content[at]); }

unsigned familyOf(std::span<const std::byte> content) { return octet(content, 0) << 8 | octet(content, 1); }

std::size_t octetsFor(unsigned bits) { return (bits + 7) / 8; }

} // namespace

bool isClientSubnet(std::span<const std::byte> content) {
  if (content.size() < kFixed) {
    return false;
  }
  const unsigned family = familyOf(content), source = octet(content, 2), scope = octet(content, 3);
  const unsigned most = family == kIpv4 ? 32 : family == kIpv6 ? 128 : 0;
  if (family > kIpv6 || source > most || scope > most || content.size() != kFixed + octetsFor(source)) {
    return false;
  }
  return source % 8 == 0 || (std::to_integer<unsigned>(content.back()) & (0xFFU >> source % 8)) == 0;
}

std::optional<ClientSubnet> readClientSubnet(std::span<const std::byte> content) {
  if (!isClientSubnet(content)) {
    return std::nullopt;
  }
  ClientSubnet subnet;
  subnet.source.bits = static_cast<std::uint8_t>(octet(content, 2));
  subnet.scope = static_cast<std::uint8_t>(octet(content, 3));
  std::array<std::byte, 16> address{};
  std::ranges::copy(content.subspan(kFixed), address.begin());
  const unsigned family = familyOf(content);
  if (family == kIpv4) {
    subnet.source.network = base::Address::v4(std::span(address).first<4>(), 0);
  } else if (family == kIpv6) {
    subnet.source.network = base::Address::v6(address, 0);
  }
  return subnet;
}

std::size_t writeClientSubnet(const ClientSubnet& subnet, std::span<std::byte, kMaxClientSubnetSize> out) {
  const base::Address& network = subnet.source.network;
  out[0] = std::byte{0};
  out[1] = static_cast<std::byte>(network.isV6() ? kIpv6 : network.isV4() ? kIpv4 : 0);
  out[2] = static_cast<std::byte>(subnet.source.bits);
  out[3] = static_cast<std::byte>(subnet.scope);
  const auto octets = network.octets().first(std::min(octetsFor(subnet.source.bits), network.octets().size()));
  std::ranges::copy(octets, out.begin() + kFixed);
  return kFixed + octets.size();
}

} // namespace dns
