// Address: parsing, printing and comparing socket addresses. No name service is ever asked.
#include "lib/base/address.hh"

#include <arpa/inet.h>
#include <net/if.h>

#include <charconv>
#include <cstring>
#include <optional>

#include "lib/base/hash.hh"

namespace base {
namespace {

Error badAddress(std::string_view text) { return Error{"'" + std::string(text) + "' is not an IP address"}; }

std::optional<std::uint32_t> number(std::string_view text, std::uint32_t most) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value > most) {
    return std::nullopt;
  }
  return value;
}

// The interface of "fe80::1%eth0" or "fe80::1%2" (RFC 4007 11).
std::optional<std::uint32_t> scopeId(const std::string& zone) {
  if (const auto index = number(zone, UINT32_MAX)) {
    return index;
  }
  const unsigned index = zone.empty() ? 0 : if_nametoindex(zone.c_str());
  return index == 0 ? std::nullopt : std::optional<std::uint32_t>(index);
}

Result<Address> parseV6(std::string_view whole, std::string_view host, std::uint16_t port) {
  const std::size_t percent = host.find('%');
  std::array<std::byte, 16> octets{};
  if (inet_pton(AF_INET6, std::string(host.substr(0, percent)).c_str(), octets.data()) != 1) {
    return badAddress(whole);
  }
  Address address = Address::v6(octets, port);
  if (percent != std::string_view::npos) {
    const auto scope = scopeId(std::string(host.substr(percent + 1)));
    if (!scope) {
      return Error{"unknown interface in '" + std::string(whole) + "'"};
    }
    reinterpret_cast<sockaddr_in6*>(address.raw())->sin6_scope_id = *scope;
  }
  return address;
}

Result<Address> parseV4(std::string_view whole, std::string_view host, std::uint16_t port) {
  std::array<std::byte, 4> octets{};
  if (inet_pton(AF_INET, std::string(host).c_str(), octets.data()) != 1) {
    return badAddress(whole);
  }
  return Address::v4(octets, port);
}

// What stands in front of the port, and the port's digits ("" when there is none).
struct HostPort {
  std::string_view host, port;
  bool hasPort = false, v6 = false;
};

std::optional<HostPort> split(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) {
      return std::nullopt;
    }
    const std::string_view rest = text.substr(close + 1);
    if (!rest.empty() && rest.front() != ':') {
      return std::nullopt;
    }
    return HostPort{text.substr(1, close - 1), rest.empty() ? rest : rest.substr(1), !rest.empty(), true};
  }
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) {
    return HostPort{text, {}, false, false};
  }
  if (text.find(':', colon + 1) != std::string_view::npos) {
    return HostPort{text, {}, false, true};
  }
  return HostPort{text.substr(0, colon), text.substr(colon + 1), true, false};
}

} // namespace

Result<Address> Address::parse(std::string_view text, std::uint16_t defaultPort) {
  const auto parts = split(text);
  if (!parts) {
    return badAddress(text);
  }
  std::uint16_t port = defaultPort;
  if (parts->hasPort) {
    const auto given = number(parts->port, 65535);
    if (!given) {
      return Error{"'" + std::string(parts->port) + "' is not a port number in '" + std::string(text) + "'"};
    }
    port = static_cast<std::uint16_t>(*given);
  }
  return parts->v6 ? parseV6(text, parts->host, port) : parseV4(text, parts->host, port);
}

Address Address::v4(std::span<const std::byte, 4> octets, std::uint16_t port) {
  Address address;
  address.d_v4 = {};
  address.d_v4.sin_family = AF_INET;
  address.d_v4.sin_port = htons(port);
  std::memcpy(&address.d_v4.sin_addr, octets.data(), 4);
  return address;
}

Address Address::v6(std::span<const std::byte, 16> octets, std::uint16_t port) {
  Address address;
  address.d_v6 = {};
  address.d_v6.sin6_family = AF_INET6;
  address.d_v6.sin6_port = htons(port);
  std::memcpy(&address.d_v6.sin6_addr, octets.data(), 16);
  return address;
}

Address Address::fromSockaddr(const sockaddr* from) {
  Address address;
  if (from->sa_family == AF_INET) {
    std::memcpy(&address.d_v4, from, sizeof(sockaddr_in));
    std::memset(address.d_v4.sin_zero, 0, sizeof address.d_v4.sin_zero);
  } else if (from->sa_family == AF_INET6) {
    std::memcpy(&address.d_v6, from, sizeof(sockaddr_in6));
    address.d_v6.sin6_flowinfo = 0;
  }
  return address;
}

bool Address::isWildcard() const {
  for (const std::byte octet : octets()) {
    if (octet != std::byte{0}) {
      return false;
    }
  }
  return valid();
}

std::uint16_t Address::port() const {
  return isV6() ? ntohs(d_v6.sin6_port) : isV4() ? ntohs(d_v4.sin_port) : std::uint16_t{0};
}

Address Address::withPort(std::uint16_t port) const {
  Address changed = *this;
  if (isV6()) {
    changed.d_v6.sin6_port = htons(port);
  } else if (isV4()) {
    changed.d_v4.sin_port = htons(port);
  }
  return changed;
}

std::span<const std::byte> Address::octets() const {
  if (isV6()) {
    return std::as_bytes(std::span(d_v6.sin6_addr.s6_addr));
  }
  return isV4() ? std::as_bytes(std::span(&d_v4.sin_addr, 1)) : std::span<const std::byte>{};
}

std::string Address::text() const {
  char buffer[INET6_ADDRSTRLEN] = "";
  if (!valid() || inet_ntop(family(), octets().data(), buffer, sizeof buffer) == nullptr) {
    return "(no address)";
  }
  std::string out = buffer;
  if (isV6() && d_v6.sin6_scope_id != 0) {
    char zone[IF_NAMESIZE] = "";
    const bool named = if_indextoname(d_v6.sin6_scope_id, zone) != nullptr;
    out += '%';
    out += named ? std::string(zone) : std::to_string(d_v6.sin6_scope_id);
  }
  return out;
}

std::string Address::textWithPort() const {
  const std::string host = isV6() ? "[" + text() + "]" : text();
  return host + ":" + std::to_string(port());
}

// The port goes through two multiplications: after one, one seed in seventy left the low bits of neighbouring ports
// alike.
std::size_t Address::hash() const {
  const HashSeeds& seeds = hashSeeds();
  const std::uint64_t tail = std::uint64_t{port()} | static_cast<std::uint64_t>(family()) << 32;
  if (isV6()) {
    const std::byte* at = octets().data();
    const std::uint64_t host = mix(load64(at) ^ seeds.a, load64(at + 8) ^ seeds.c) ^ d_v6.sin6_scope_id;
    return mix(mix(host, tail ^ seeds.b) ^ seeds.a, seeds.c);
  }
  const std::uint64_t host = std::uint64_t{d_v4.sin_addr.s_addr} << 16;
  return mix(mix(host ^ seeds.a, tail ^ seeds.b) ^ seeds.b, seeds.c);
}

bool Address::equalsV6(const Address& other) const {
  return std::memcmp(&d_v6.sin6_addr, &other.d_v6.sin6_addr, sizeof d_v6.sin6_addr) == 0 &&
         d_v6.sin6_port == other.d_v6.sin6_port && d_v6.sin6_scope_id == other.d_v6.sin6_scope_id;
}

std::strong_ordering operator<=>(const Address& a, const Address& b) {
  if (a.family() != b.family() || !a.valid()) {
    return a.family() <=> b.family();
  }
  const int octets = std::memcmp(a.octets().data(), b.octets().data(), a.octets().size());
  if (octets != 0) {
    return octets <=> 0;
  }
  if (a.port() != b.port() || a.isV4()) {
    return a.port() <=> b.port();
  }
  return a.d_v6.sin6_scope_id <=> b.d_v6.sin6_scope_id;
}

} // namespace base
