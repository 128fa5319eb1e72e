// Endpoint: one upstream resolver as the operator names it, with the transport it is asked over. Read by the parsers of
// forward zones; used by the forwarder and the transports. Plain data: it never opens a file and never resolves a name.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/address.hh"

namespace rec {

enum class Scheme : std::uint8_t {
  Udp,  // UDP, and TCP for what does not fit (RFC 7766)
  Tcp,  // TCP only
  Tls,  // DNS over TLS (RFC 7858), the strict profile of RFC 8310
  Https // DNS over HTTPS (RFC 8484)
};

struct Endpoint {
  using Pin = std::array<std::byte, 32>; // SHA-256 of a SubjectPublicKeyInfo (RFC 7858 4.2)

  Scheme scheme = Scheme::Udp;
  std::string host;                // empty when `address` is given; else the name whose addresses are to be found
  base::Address address;           // with the port; of a named one 0.0.0.0 until its addresses are known
  std::string authName;            // that the certificate must have; empty: the address
  std::string path = "/dns-query"; // Https
  std::vector<Pin> pins;           // when there are any, a certificate's key must be one of them
  std::string caFile;              // authorities instead of the system's; empty: the system's
  // Encrypted, whoever the server is: the opportunistic profile (RFC 8310 5, RFC 9539). Never from text.
  bool unchecked = false;
  std::size_t maxConnections = 0; // to one server, for each worker; 0: as the transport has it. Never from text

  // "[scheme://]host[:port][/path][?pin=BASE64&ca=FILE][#auth-name]"; without a scheme UDP. Ports are 53, 53, 853, 443
  // where none is given. A name is taken for the authentication name, too, unless one is given.
  static base::Result<Endpoint> parse(std::string_view text);
  [[nodiscard]] std::string text() const; // short: "tls://192.0.2.1:853", and "#host" when it was found by that name
  [[nodiscard]] bool hasAddress() const { return host.empty() || !address.isWildcard(); }
  [[nodiscard]] bool isEncrypted() const { return scheme == Scheme::Tls || scheme == Scheme::Https; }
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

[[nodiscard]] std::string_view text(Scheme scheme); // "udp", "tcp", "tls", "https"

} // namespace rec
