// Which servers are asked: see paths.hh.
#include "recursor/doctor/paths.hh"

#include <algorithm>

#include "recursor/config/zonesources.hh"

namespace rec {

bool ProbedServer::answersAny() const { return std::ranges::any_of(answers, &ProbeAnswer::arrived); }

base::Result<PathReport> examinePaths(const Settings& settings, Prober& prober) {
  const auto sources = readZoneSources(settings);
  if (!sources) {
    return sources.error();
  }
  PathReport report;
  report.forwardsAll =
      std::ranges::any_of(sources->forwardZones, [](const ForwardZone& zone) { return zone.zone.isRoot(); });
  const auto hints = readRootHints(settings);
  if (!hints) {
    return hints.error();
  }
  const auto& own = settings.queryLocalAddress;
  const bool v4 = std::ranges::any_of(own, &base::Address::isV4), v6 = std::ranges::any_of(own, &base::Address::isV6);
  std::vector<base::Address> servers;
  for (const RootServer& root : *hints) {
    std::ranges::copy_if(root.addresses, std::back_inserter(servers),
                         [&](const base::Address& address) { return address.isV4() ? v4 : v6; });
  }
  if (!report.forwardsAll) {
    report.servers = prober.ask(servers);
  }
  return report;
}

} // namespace rec
