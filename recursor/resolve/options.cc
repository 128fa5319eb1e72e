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
  limits.maxSignatureChecks = static_cast<unsigned>(settings.maxSignatureValidationsPerQuery);
  limits.maxNsec3Hashes = static_cast<unsigned>(settings.maxNsec3HashComputationsPerQuery);
  return limits;
}

ForwardStrategy strategyOf(const dns::Name& zone, const Settings& settings) {
  for (const std::string& pair : settings.forwardStrategyZones) { // checked when they were read
    const auto equals = pair.find('=');
    if (const auto name = dns::Name::parse(pair.substr(0, equals)); name && *name == zone) {
      return parseStrategy(std::string_view(pair).substr(equals + 1));
    }
  }
  return parseStrategy(settings.forwardStrategy);
}

ForwardRule ruleFor(const ForwardZone& forward, const Settings& settings, Upstreams& upstreams) {
  ForwardRule rule;
  rule.zone = forward.zone;
  rule.recurse = forward.recurse;
  rule.notifyAllowed = forward.notifyAllowed;
  rule.strategy = strategyOf(forward.zone, settings);
  rule.parallel = settings.forwardParallel;
  rule.iterates = std::ranges::find(settings.forwardFirst, forward.zone) != settings.forwardFirst.end();
  for (const Endpoint& server : forward.servers) {
    if (!server.hasAddress()) {
      rule.unknown.push_back(server.host);
    } else if (forward.recurse) {
      rule.upstreams.push_back(upstreams.get(server));
    } else {
      rule.servers.push_back(server.address);
    }
  }
  return rule;
}

} // namespace

ForwardRules makeForwardRules(const Settings& settings, const std::vector<ForwardZone>& forwards,
                              Upstreams& upstreams) {
  ForwardRules rules;
  for (const ForwardZone& forward : forwards) {
    rules.add(ruleFor(forward, settings, upstreams));
  }
  return rules;
}

ValidationOptions validationOf(const Settings& settings) {
  ValidationOptions options;
  options.signatures = signaturePolicy(settings);
  options.reportErrors = settings.dnsErrorReporting;
  options.denials = denialPolicy(settings);
  options.serverRetries = settings.dnssecServerRetries;
  options.logBogus = settings.dnssecLogBogus || settings.dnssec == "log-fail";
  options.ntaExtendedError = settings.ntaExtendedError;
  options.countedApart = settings.xDnssecNames;
  return options;
}

bool isValidating(const Settings& settings) {
  return settings.dnssec != "off" && settings.dnssec != "process-no-validate";
}

dnssec::SignaturePolicy signaturePolicy(const Settings& settings) {
  dnssec::SignaturePolicy policy;
  policy.maxKeys = settings.maxDnskeys;
  policy.maxSignatures = settings.maxRrsigsPerRecord;
  policy.maxDs = settings.maxDsPerZone;
  policy.skew = settings.signatureInceptionSkew;
  for (const std::string& text : settings.dnssecDisabledAlgorithms) {
    if (const auto algorithm = dnssec::parseAlgorithm(text)) {
      policy.algorithms.disable(*algorithm);
    }
  }
  return policy;
}

dnssec::DenialPolicy denialPolicy(const Settings& settings) {
  dnssec::DenialPolicy policy;
  policy.maxIterations = settings.nsec3MaxIterations;
  policy.maxNsec3Records = settings.maxNsec3sPerRecord;
  return policy;
}

std::shared_ptr<const ResolveOptions> makeResolveOptions(const Settings& settings,
                                                         const std::vector<ForwardZone>& forwards,
                                                         const std::vector<RootServer>& hints, Upstreams& upstreams) {
  ResolveOptions options;
  options.limits = limitsOf(settings);
  options.tlsOnly = settings.dotToAuthNames;
  options.tlsAtPort853 = settings.dotToPort853;
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
  options.validates = isValidating(settings);
  options.signalAnchors = options.validates && settings.signalTrustAnchors;
  options.synthesize = options.validates && settings.aggressiveNsecCacheSize > 0;
  options.validation = validationOf(settings);
  options.ipv4 = hasFamily(settings.queryLocalAddress, AF_INET);
  options.ipv6 = hasFamily(settings.queryLocalAddress, AF_INET6);
  options.rootNxTrust = settings.rootNxTrust;
  options.saveParentNsSet = settings.saveParentNsSet;
  options.maxCacheTtl = static_cast<std::uint32_t>(settings.maxCacheTtl);
  options.minCacheTtl = static_cast<std::uint32_t>(settings.minimumTtlOverride);
  options.subnets = SubnetPolicy(settings);
  options.minSubnetTtl = settings.ecsMinimumTtlOverride;
  options.maxNegativeTtl = static_cast<std::uint32_t>(settings.maxNegativeTtl);
  options.staleKept = settings.serveStaleExtensions > 0;
  options.cut = cutOf(settings.nothingBelowNxdomain);
  if (settings.dns64Prefix) {
    options.dns64.emplace(*settings.dns64Prefix);
  }
  for (const RootServer& hint : hints) {
    options.hints.push_back(NameServer{hint.name, hint.addresses});
  }
  options.hedgePercent = settings.hedgePercentage;
  options.fetchesPerZone = settings.fetchesPerZone;
  options.forwardDownAfter = settings.forwardDownAfter;
  options.forwardLoopCheck = settings.forwardLoopCheck;
  options.forwardProbeInterval = settings.forwardProbeInterval;
  options.forwards = makeForwardRules(settings, forwards, upstreams);
  return std::make_shared<const ResolveOptions>(std::move(options));
}

} // namespace rec
