// Settings to the options of exchange and selector, name by name.
#include "recursor/upstreamparts.hh"

#include <algorithm>

#include "lib/net/kernelports.hh"
#include "recursor/worker.hh"

namespace rec {
namespace {

net::PortRange portRange(const Settings& settings) {
  net::PortRange range{settings.udpSourcePortMin, settings.udpSourcePortMax, settings.udpSourcePortAvoid};
  std::sort(range.avoid.begin(), range.avoid.end());
  return range;
}

// Whether the kernel may pick source ports.
bool kernelPicks(const Settings& settings) {
  if (settings.udpSourcePortMode != "kernel") {
    return false;
  }
  const auto ports = net::kernelPorts();
  return ports && net::staysWithin(*ports, portRange(settings));
}

bool hasFamily(const std::vector<base::Address>& addresses, int family) {
  return std::any_of(addresses.begin(), addresses.end(), [&](const base::Address& a) { return a.family() == family; });
}

} // namespace

WireExchange::Options exchangeOptions(const Settings& settings) {
  WireExchange::Options options;
  options.dontQuery = settings.dontQuery;
  options.localAddresses = settings.queryLocalAddress;
  options.ports = portRange(settings);
  options.kernelPorts = kernelPicks(settings);
  options.hardenSubnets = settings.ednsSubnetHarden;
  options.ednsSize = settings.ednsOutgoingBufsize;
  options.networkTimeout = settings.networkTimeout;
  options.spoofNearMissMax = settings.spoofNearmissMax;
  options.mixCase = settings.use0x20;
  options.lowercase = settings.lowercaseOutgoing;
  options.cookies = settings.outgoingCookies;
  options.cookiesUnsupported = settings.outgoingCookiesUnsupported;
  options.fastOpen = settings.tcpFastOpenConnect;
  options.padding = settings.ednsPaddingOut;
  options.tcp.connection.maxIdle = settings.tcpOutMaxIdleMs;
  options.tcp.connection.maxQueries = settings.tcpOutMaxQueries;
  options.tcp.maxIdlePerServer = settings.tcpOutMaxIdlePerAuth;
  options.tcp.maxIdle = settings.tcpOutMaxIdlePerThread;
  options.tcp.maxPerServer = settings.tcpOutMaxConnectionsPerServer;
  options.tcp.maxConnections = settings.tcpOutMaxConnections;
  return options;
}

std::unique_ptr<WireExchange> makeExchange(Worker& worker, NsSpeeds& speeds, const Settings& settings) {
  auto exchange =
      makeWireExchange(worker.loop(), speeds, worker.counters(), worker.latencies(), exchangeOptions(settings));
  exchange->setTop(&worker.top());
  return exchange;
}

DotExchange::Options dotOptions(const Settings& settings) {
  DotExchange::Options options;
  options.probeTimeout = settings.dotProbeTimeout;
  options.maxConnections = settings.dotMaxConnectionsPerAuth;
  return options;
}

Selector::Options selectorOptions(const Settings& settings) {
  Selector::Options options;
  options.networkTimeout = settings.networkTimeout;
  options.bypassThrottleOneIn = settings.bypassServerThrottlingProbability;
  options.hedgePercent = settings.hedgePercentage;
  options.ipv4 = hasFamily(settings.queryLocalAddress, AF_INET);
  options.ipv6 = hasFamily(settings.queryLocalAddress, AF_INET6);
  return options;
}

} // namespace rec
