// SubnetScope: for whom an answer is that a server gave for a client's network (RFC 7871 7.3.1).
#pragma once

#include <algorithm>

#include "lib/base/netmask.hh"
#include "lib/dns/clientsubnet.hh"

namespace rec {

struct SubnetScope {
  base::Netmask network;
  std::uint8_t told = 0; // SCOPE PREFIX-LENGTH, as the server said it
  bool exact = false;    // only for questions with this very network: the server wanted to know more of the address

  // `longest`: as long as a network ever is that servers are told (ecs-ipv4-bits, ecs-ipv6-bits).
  static SubnetScope of(const dns::ClientSubnet& said, unsigned longest) {
    const bool wantsMore = said.scope > said.source.bits;
    const unsigned bits = std::min(said.scope, said.source.bits);
    return {base::Netmask::of(said.source.network, bits), said.scope, wantsMore && said.source.bits < longest};
  }
  // For the clients of one network, when it is not known what others would get.
  static SubnetScope only(const base::Netmask& network) { return {network, network.bits, false}; }
  [[nodiscard]] bool covers(const base::Netmask& client) const {
    return exact ? network == client : network.contains(client);
  }
  friend bool operator==(const SubnetScope&, const SubnetScope&) = default;
};

} // namespace rec
