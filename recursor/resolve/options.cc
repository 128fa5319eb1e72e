// One line a setting: what the resolver does with it.
#include "recursor/resolve/options.hh"

#include <algorithm>
#include <limits>

namespace rec {
namespace {

bool hasFamily(const std::vector<base::Address>& addresses, int family) {
  return std::any_of(addresses.begin(), addresses.end(), [&](const base::Address& a) { return a.family() == family; });
}

NegativeCache::Cut cutOf(const std::string& choice) {
  if (choice == "yes") return NegativeCache::Cut::Always;
  return choice == "no" ? NegativeCache::Cut::Never : NegativeCache::Cut::WhenSecure;
}

// Where 0 is no limit.
std::size_t orAll(std::size_t limit) { return limit == 0 ? std::numeric_limits<std::size_t>::max() : limit; }

WorkLimits limitsOf(const Settings& settings) {
  WorkLimits limits;
  limits.maxQueries = static_cast<unsigned>(settings.maxQperq);
  limits.maxAddressQueries = static_cast<unsigned>(settings.maxNsAddressQperq);
  limits.maxBytes = settings.maxBytesperq;
  limits.maxDepth = static_cast<unsigned>(settings.maxRecursionDepth);
  limits.maxCnames = static_cast<unsigned>(settings.maxCnamesFollowed);
  return limits;
}

} // namespace

std::shared_ptr<const ResolveOptions> makeResolveOptions(const Settings& settings,
                                                         const std::vector<ForwardZone>& forwards,
                                                         const std::vector<RootServer>& hints) {
  ResolveOptions options;
  options.limits = limitsOf(settings);
  options.minimise.enabled = settings.qnameMinimization;
  options.minimise.maxCount = settings.qnameMaxMinimizeCount;
  options.minimise.oneLabel = settings.qnameMinimizeOneLabel;
  options.verdict.maxNameservers = orAll(settings.maxNsPerResolve);
  options.verdict.maxRecords = settings.maxRrsetSize;
  options.verdict.soaMinimumTtl = settings.soaMinimumTtl;
  options.nonResolving.maxFails = static_cast<unsigned>(settings.nonResolvingNsMaxFails);
  options.nonResolving.throttleTime = settings.nonResolvingNsThrottleTime;
  options.nonResolving.exempt = settings.dontThrottleNames;
  options.maxTotal = settings.maxTotalMsec;
  options.networkTimeout = settings.networkTimeout;
  options.askDnssec = settings.dnssec != "off";
  options.ipv4 = hasFamily(settings.queryLocalAddress, AF_INET);
  options.ipv6 = hasFamily(settings.queryLocalAddress, AF_INET6);
  options.rootNxTrust = settings.rootNxTrust;
  options.saveParentNsSet = settings.saveParentNsSet;
  options.maxCacheTtl = static_cast<std::uint32_t>(settings.maxCacheTtl);
  options.minCacheTtl = static_cast<std::uint32_t>(settings.minimumTtlOverride);
  options.maxNegativeTtl = static_cast<std::uint32_t>(settings.maxNegativeTtl);
  options.staleKept = settings.serveStaleExtensions > 0;
  options.cut = cutOf(settings.nothingBelowNxdomain);
  if (settings.dns64Prefix) {
    options.dns64.emplace(*settings.dns64Prefix);
  }
  for (const RootServer& hint : hints) {
    options.hints.push_back(NameServer{hint.name, hint.addresses});
  }
  for (const ForwardZone& forward : forwards) {
    options.forwards.push_back(ForwardRule{forward.zone, forward.servers, forward.recurse, forward.notifyAllowed});
  }
  return std::make_shared<const ResolveOptions>(std::move(options));
}

} // namespace rec
