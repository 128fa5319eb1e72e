// SubnetList: edns-subnet-allow-list: the servers, by network, and the domains that are told their clients' networks.
// "!" excludes; the longest network, the deepest domain decides. Read by config/checks and resolve/subnetpolicy.
#pragma once

#include <string>
#include <vector>

#include "lib/base/netmask.hh"
#include "lib/dns/name.hh"

namespace rec {

class SubnetList {
 public:
  // Each word is a network, an address or a domain.
  static base::Result<SubnetList> parse(const std::vector<std::string>& words);

  [[nodiscard]] bool empty() const { return d_servers.empty() && d_domains.empty(); }
  [[nodiscard]] bool hasServer(const base::Address& server) const { return d_servers.contains(server); }
  [[nodiscard]] bool hasDomain(const dns::Name& name) const;
  [[nodiscard]] bool names(const dns::Name& domain) const; // this very one

 private:
  struct Domain {
    dns::Name name;
    bool include;
  };
  base::NetmaskGroup d_servers;
  std::vector<Domain> d_domains; // the deepest first
};

} // namespace rec
