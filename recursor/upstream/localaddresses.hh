// LocalAddresses: the source addresses of questions (query-local-address), by family. Used by the transports and by
// WireExchange, which asks nobody over a family that has none.
#pragma once

#include <span>
#include <vector>

#include "lib/base/address.hh"
#include "lib/base/random.hh"

namespace rec {

class LocalAddresses {
 public:
  explicit LocalAddresses(std::span<const base::Address> addresses) {
    for (const base::Address& address : addresses) (address.isV6() ? d_ipv6 : d_ipv4).push_back(address);
  }
  [[nodiscard]] bool has(int family) const { return !of(family).empty(); }
  // One of them, at random; the invalid address when there is none.
  [[nodiscard]] base::Address pick(int family) const {
    const std::vector<base::Address>& all = of(family);
    if (all.size() < 2) return all.empty() ? base::Address() : all.front();
    return all[base::randomBelow(static_cast<std::uint32_t>(all.size()))];
  }

 private:
  [[nodiscard]] const std::vector<base::Address>& of(int family) const { return family == AF_INET6 ? d_ipv6 : d_ipv4; }
  std::vector<base::Address> d_ipv4, d_ipv6;
};

} // namespace rec
