// SubnetPolicy: which servers are told of which network a question is asked for (RFC 7871), and which of the answers
// are kept. Made from the settings; immutable. Asked by the pipeline for each client and by whoever asks servers.
#pragma once

#include <optional>

#include "lib/dns/wirewriter.hh"
#include "recursor/cache/subnetscope.hh"
#include "recursor/config/settings.hh"
#include "recursor/config/subnetlist.hh"

namespace rec {

class SubnetPolicy {
 public:
  SubnetPolicy() = default; // nobody is told anything
  explicit SubnetPolicy(const Settings& settings);

  [[nodiscard]] bool isOn() const { return !d_list.empty(); }
  // What servers may know of a client: the network that it named itself (use-incoming-edns-subnet), else its own
  // (ecs-add-for), else ecs-scope-zero-address, so that it is not told whose question it is. Nothing when nobody is
  // told anything. A client without an address is nobody in particular.
  [[nodiscard]] std::optional<base::Netmask> networkFor(const base::Address& client,
                                                        const std::optional<dns::ClientSubnet>& named) const;
  // Whether servers are told with this question, whoever they are.
  [[nodiscard]] bool lists(const dns::Question& question) const;
  // Whether the server is listed for the name. The root's servers and those of top-level domains only when their
  // address or that very domain is listed: they refer, and what they say depends on nobody's network. `recursive`: an
  // upstream that is asked for everything.
  [[nodiscard]] bool lists(const dns::Name& name, const base::Address& server, const dns::Name& zone,
                           bool recursive) const;
  // Answers of these types may depend on who asks; zones and keys are the same for all (RFC 7871 7.4).
  [[nodiscard]] static bool mayDepend(dns::RRType type);
  [[nodiscard]] SubnetScope scopeOf(const dns::ClientSubnet& said) const;
  // ecs-ipv4-never-cache, ecs-ipv4-cache-bits together with ecs-cache-limit-ttl, and the same for IPv6.
  [[nodiscard]] bool mayKeep(const SubnetScope& scope, std::uint32_t ttl) const;

 private:
  // Of one family of addresses.
  struct Family {
    unsigned bits = 0, cacheBits = 0;
    bool neverCache = false;
  };
  [[nodiscard]] const Family& familyOf(const base::Address& address) const { return address.isV6() ? d_v6 : d_v4; }

  SubnetList d_list;
  base::NetmaskGroup d_addFor;
  base::Netmask d_nobody; // ecs-scope-zero-address
  Family d_v4, d_v6;
  std::uint64_t d_limitTtl = 0;
  bool d_useIncoming = false;
};

} // namespace rec
