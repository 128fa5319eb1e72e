// The PROXY protocol, version 2: the header that a load balancer puts in front of a packet or a connection, to say
// whose it is (haproxy.org, proxy-protocol.txt, section 2.2). Read in place, without allocation; asks nobody and
// believes nobody: whose header is to be believed is the listeners' business.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "lib/base/address.hh"

namespace net {

struct ProxyHeader {
  std::size_t size = 0;                // octets, all of it
  bool named = false;                  // it says whose packet it is; else (LOCAL) it is the proxy's own
  base::Address source, destination;   // when named
  std::span<const std::byte> values{}; // type, length, value and so on (section 2.2.7), well formed
};

struct ProxyReading {
  enum class Status : std::uint8_t {
    Complete,
    Partial, // the beginning of a header
    Invalid  // none, longer than allowed, or for something else than IPv4 and IPv6
  };
  Status status = Status::Invalid;
  ProxyHeader header{}; // when complete

  [[nodiscard]] bool complete() const { return status == Status::Complete; }
};

// The header at the front of `octets`, of at most `longest` octets.
[[nodiscard]] ProxyReading readProxyHeader(std::span<const std::byte> octets, std::size_t longest);

struct ProxyValue {
  std::uint8_t type = 0;
  std::string content;
  friend bool operator==(const ProxyValue&, const ProxyValue&) = default;
};

// ProxyHeader::values, taken apart.
[[nodiscard]] std::vector<ProxyValue> proxyValues(std::span<const std::byte> values);

// Between a client and us: where the packet came from in truth, which is where the answer goes.
struct ProxyHop {
  base::Address peer, local; // of the packet itself
  std::vector<ProxyValue> values;
};
using ProxyHopPtr = std::shared_ptr<const ProxyHop>;

} // namespace net
