// The rules of subnetpolicy.hh over the settings.
#include "recursor/resolve/subnetpolicy.hh"

#include <algorithm>

namespace rec {
namespace {

constexpr unsigned kWhole = 128; // all bits of an address of either family

// ecs-scope-zero-address, else an address we ask from, IPv4 first, else one that says nothing.
base::Netmask nobody(const Settings& settings) {
  if (!settings.ecsScopeZeroAddress.empty()) {
    return base::Netmask::of(settings.ecsScopeZeroAddress.front(), kWhole);
  }
  for (const bool v4 : {true, false}) {
    for (const base::Address& own : settings.queryLocalAddress) {
      if (own.isV4() == v4 && !own.isWildcard()) {
        return base::Netmask::of(own, kWhole);
      }
    }
  }
  return *base::Netmask::parse("127.0.0.1");
}

} // namespace

SubnetPolicy::SubnetPolicy(const Settings& settings)
    : d_addFor(settings.ecsAddFor), d_nobody(nobody(settings)),
      d_v4{settings.ecsIpv4Bits, settings.ecsIpv4CacheBits, settings.ecsIpv4NeverCache},
      d_v6{settings.ecsIpv6Bits, settings.ecsIpv6CacheBits, settings.ecsIpv6NeverCache},
      d_limitTtl(settings.ecsCacheLimitTtl), d_useIncoming(settings.useIncomingEdnsSubnet) {
  if (auto list = SubnetList::parse(settings.ednsSubnetAllowList)) { // checked when it was read
    d_list = std::move(*list);
  }
}

std::optional<base::Netmask> SubnetPolicy::networkFor(const base::Address& client,
                                                      const std::optional<dns::ClientSubnet>& named) const {
  if (!isOn()) {
    return std::nullopt;
  }
  base::Netmask network = d_nobody;
  const bool isAnonymous = named && named->source.bits == 0; // wants nobody told (RFC 7871 7.1.2)
  if (named && !isAnonymous && d_useIncoming) {
    const base::Netmask& source = named->source;
    network = base::Netmask::of(source.network, std::min<unsigned>(source.bits, familyOf(source.network).bits));
  } else if (!isAnonymous && d_addFor.contains(client)) {
    network = base::Netmask::of(client, familyOf(client).bits);
  }
  return network.bits > 0 ? network : d_nobody;
}

bool SubnetPolicy::mayDepend(dns::RRType type) {
  using dns::RRType;
  return type != RRType::DS && type != RRType::DNSKEY && type != RRType::NS && type != RRType::SOA;
}

bool SubnetPolicy::lists(const dns::Question& question) const {
  return isOn() && mayDepend(question.type) && d_list.hasDomain(question.name);
}

bool SubnetPolicy::lists(const dns::Name& name, const base::Address& server, const dns::Name& zone,
                         bool recursive) const {
  if (!isOn()) {
    return false;
  }
  if (d_list.hasServer(server)) {
    return true;
  }
  const bool isTop = zone.labelCount() <= 1 && !recursive;
  const bool topIsNamed = !zone.isRoot() && d_list.names(zone); // "." means the domains
  return d_list.hasDomain(name) && (!isTop || topIsNamed);
}

SubnetScope SubnetPolicy::scopeOf(const dns::ClientSubnet& said) const {
  return SubnetScope::of(said, familyOf(said.source.network).bits);
}

bool SubnetPolicy::mayKeep(const SubnetScope& scope, std::uint32_t ttl) const {
  const Family& family = familyOf(scope.network.network);
  const bool isNarrow = scope.told > family.cacheBits;
  return !family.neverCache && !(isNarrow && ttl < d_limitTtl);
}

} // namespace rec
