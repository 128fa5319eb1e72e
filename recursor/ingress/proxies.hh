// Proxies: from whom a PROXY header is wanted, and what it says. Asked by the listeners when proxy-protocol-from names
// anybody; where it does not, they pass this by with one test. Settings may change between calls (reload-acls).
#pragma once

#include <cstddef>
#include <span>

#include "lib/base/address.hh"
#include "lib/net/proxyheader.hh"
#include "recursor/config/settings.hh"
#include "recursor/stats/metrics.hh"

namespace rec {

class Proxies {
 public:
  Proxies(const Settings& settings, Counters& counters) : d_settings(settings), d_counters(counters) {}

  [[nodiscard]] bool any() const { return !d_settings.proxyProtocolFrom.empty(); }
  // Whether what `peer` sends to the listener at `bound` begins with a header.
  [[nodiscard]] bool expects(const base::Address& peer, const base::Address& bound) const;
  // The header at the front of `octets`; what is no header is not counted yet: more may come.
  [[nodiscard]] net::ProxyReading read(std::span<const std::byte> octets) const {
    return net::readProxyHeader(octets, d_settings.proxyProtocolMaximumSize);
  }
  void countInvalid() { d_counters.add(Metric::ProxyProtocolInvalid); }

 private:
  const Settings& d_settings;
  Counters& d_counters;
};

} // namespace rec
