// Address: an IPv4 or IPv6 address with a port (0 when it has none). Used for clients, name servers and listeners.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "lib/base/result.hh"

namespace base {

class Address {
 public:
  Address() = default; // "no address": family() is AF_UNSPEC

  // "1.2.3.4", "1.2.3.4:53", "::1", "[::1]:53", "fe80::1%eth0". `defaultPort` is used when the text names none.
  static Result<Address> parse(std::string_view text, std::uint16_t defaultPort = 0);
  static Address v4(std::span<const std::byte, 4> octets, std::uint16_t port);
  static Address v6(std::span<const std::byte, 16> octets, std::uint16_t port);
  static Address fromSockaddr(const sockaddr* address);

  [[nodiscard]] int family() const { return d_any.sa_family; }
  [[nodiscard]] bool isV4() const { return family() == AF_INET; }
  [[nodiscard]] bool isV6() const { return family() == AF_INET6; }
  [[nodiscard]] bool valid() const { return family() != AF_UNSPEC; }
  [[nodiscard]] bool isWildcard() const; // 0.0.0.0 or ::
  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] Address withPort(std::uint16_t port) const;

  // The 4 or 16 address octets in network order.
  [[nodiscard]] std::span<const std::byte> octets() const;
  [[nodiscard]] const sockaddr* raw() const { return &d_any; }
  [[nodiscard]] sockaddr* raw() { return &d_any; }
  [[nodiscard]] socklen_t rawSize() const { return isV6() ? sizeof(sockaddr_in6) : sizeof(sockaddr_in); }

  [[nodiscard]] std::string text() const;         // "1.2.3.4", "::1"
  [[nodiscard]] std::string textWithPort() const; // "1.2.3.4:53", "[::1]:53"

  [[nodiscard]] std::size_t hash() const; // of address and port
  // Family, octets, port and scope.
  friend bool operator==(const Address& a, const Address& b) {
    if (a.isV4()) {
      return b.isV4() && a.d_v4.sin_addr.s_addr == b.d_v4.sin_addr.s_addr && a.d_v4.sin_port == b.d_v4.sin_port;
    }
    return a.family() == b.family() && (!a.valid() || a.equalsV6(b));
  }
  friend std::strong_ordering operator<=>(const Address& a, const Address& b);

 private:
  [[nodiscard]] bool equalsV6(const Address& other) const;

  union {
    sockaddr d_any = {};
    sockaddr_in d_v4;
    sockaddr_in6 d_v6;
  };
};

struct AddressHash {
  std::size_t operator()(const Address& a) const { return a.hash(); }
};

} // namespace base
