// Resolving: the shared caches by the settings, the zones in use, and what replaces them for all workers while they
// run.
#include "recursor/resolving.hh"

#include <stdexcept>

#include "recursor/cachefile/prints.hh"
#include "recursor/options.hh"
#include "recursor/resolve/operatorzones.hh"
#include "recursor/resolve/options.hh"
#include "recursor/trust/configured.hh"
#include "recursor/worker.hh"
#include "recursor/workerresolver.hh"
#include "recursor/zonechanges.hh"

namespace rec {

namespace {

constexpr std::chrono::seconds kHostPatience{5}; // with the system resolver, while somebody waits
constexpr std::size_t kMemoEntries = 65536;      // signatures found good that are remembered: 1 MB

} // namespace

Resolving::Zones Resolving::build(Sources sources, const Settings& settings) {
  d_hosts->use(hostsOf(sources.zones.forwardZones));
  if (d_lookingUp) {
    d_hosts->await(kHostPatience);
  }
  const auto forwards = withAddresses(sources.zones.forwardZones, *d_hosts);
  return Zones{makeResolveOptions(settings, forwards, sources.hints, d_upstreams), std::move(sources.local),
               std::move(sources.zones), std::make_shared<const Settings>(settings)};
}

Resolving::Resolving(const Settings& settings, const LuaConfig& luaConfig)
    : d_settings(settings), d_records(recordCacheOptions(settings)), d_subnets(subnetCacheOptions(settings)),
      d_negatives(negativeCacheOptions(settings)), d_failures(failureCacheOptions(settings)),
      d_delegations(delegationOptions(settings)), d_speeds(speedOptions(settings)),
      d_dotServers(dotServerOptions(settings)), d_wildcards(wildcardOptions(settings)),
      d_aggressive(aggressiveOptions(settings)), d_trusts(trustOptions(settings)), d_memo(kMemoEntries),
      d_fetches(d_limited), d_trustAnchors(givenAnchors(luaConfig), anchorSets(luaConfig.fileAnchors)) {
  d_hosts.emplace(HostNames::optionsOf(settings), d_loops, systemLookup);
  auto sources = read(settings);
  if (!sources) {
    throw std::runtime_error(sources.error().message);
  }
  d_zones = build(*std::move(sources), settings);
}

Resolving::~Resolving() = default;

std::unique_ptr<Resolver> Resolving::makeResolver(Worker& worker) {
  const Caches caches{d_records,   d_negatives,  d_failures, d_delegations, d_speeds,
                      d_wildcards, d_aggressive, d_trusts,   d_subnets,     d_dnameSeen};
  auto made = std::make_unique<WorkerResolver>(worker, caches, d_dotServers, d_trustAnchors, d_memo, d_loops,
                                               d_settings, d_zones.options, d_zones.local, d_fetches);
  d_made.push_back({&worker, made.get()});
  return made;
}

KeptCaches Resolving::kept() {
  return {d_records, d_negatives, d_subnets, d_delegations, d_wildcards, d_trusts, d_speeds, d_dotServers, d_dnameSeen};
}

FilePrints Resolving::filePrints() {
  const auto anchors = d_trustAnchors.snapshot();
  const std::lock_guard lock(d_mutex);
  return printsOf({d_settings, d_zones.sources, d_zones.settings->forwardFirst, d_zones.options->hints, *anchors});
}

Resolving::Wiped Resolving::wipe(const dns::Name& name, bool subtree, std::optional<dns::RRType> type) {
  Wiped wiped;
  if (!type) {
    d_trusts.wipe(name, subtree); // first: what is being concluded now comes too late for all caches
  }
  wiped.records = d_records.wipe(name, subtree, type) + d_subnets.wipe(name, subtree, type);
  wiped.negatives = d_negatives.wipe(name, subtree, type);
  d_failures.wipe(name, subtree);
  d_wildcards.wipe(name, subtree);
  d_aggressive.wipe(name, subtree);
  if (!type) {
    d_delegations.wipe(name, subtree);
  }
  return wiped;
}

std::vector<dns::Name> Resolving::take(Sources sources, const Settings& settings) {
  const std::lock_guard reloading(d_reloading);
  Zones zones = build(std::move(sources), settings);
  const std::lock_guard lock(d_mutex);
  std::vector<dns::Name> affected = changedNames(d_zones.sources, zones.sources);
  d_zones = std::move(zones);
  const std::vector<std::string> hosts = hostsOf(d_zones.sources.forwardZones);
  d_hosts->forgetOthers(hosts);
  if (!hosts.empty()) { // they may have changed meanwhile
    replaceAddresses();
  }
  applyChanges();
  return affected;
}

void Resolving::adopt(const Settings& settings) {
  d_records.adopt(recordCacheOptions(settings));
  d_subnets.adopt(subnetCacheOptions(settings));
  d_negatives.adopt(negativeCacheOptions(settings));
  d_failures.adopt(failureCacheOptions(settings));
  d_delegations.adopt(delegationOptions(settings));
  d_speeds.adopt(speedOptions(settings));
  d_dotServers.adopt(dotServerOptions(settings));
  d_wildcards.adopt(wildcardOptions(settings));
  d_aggressive.adopt(aggressiveOptions(settings));
  d_trusts.adopt(trustOptions(settings));
  d_hosts->adopt(HostNames::optionsOf(settings));
  const std::lock_guard lock(d_mutex); // what commands have set is in the settings, too
  d_minimumTtl.reset();
  d_subnetMinimumTtl.reset();
  d_logBogus.reset();
  d_neverThrottled.reset();
}

void Resolving::startHostNames(const base::Clock& clock) {
  d_hosts->start(clock, [this] {
    const std::lock_guard lock(d_mutex);
    replaceAddresses();
    giveToWorkers();
  });
  d_lookingUp = true;
  d_hosts->await(kHostPatience);
  const std::lock_guard lock(d_mutex);
  if (!hostsOf(d_zones.sources.forwardZones).empty()) {
    replaceAddresses();
    giveToWorkers();
  }
}

void Resolving::stopHostNames() { d_hosts->stop(); }

void Resolving::replaceAddresses() {
  auto changed = std::make_shared<ResolveOptions>(*d_zones.options);
  const auto forwards = withAddresses(d_zones.sources.forwardZones, *d_hosts);
  changed->forwards = makeForwardRules(*d_zones.settings, forwards, d_upstreams);
  d_zones.options = std::move(changed);
}

void Resolving::giveToWorkers() {
  for (const Made& made : d_made) {
    made.worker->post([resolver = made.resolver, options = d_zones.options, local = d_zones.local] {
      resolver->replace(options, local);
    });
  }
}

ZoneSources Resolving::sources() {
  const std::lock_guard lock(d_mutex);
  return d_zones.sources;
}

bool Resolving::isOperators(const dns::Name& name) {
  const std::lock_guard lock(d_mutex);
  return rec::isOperators(name, d_zones.options->forwards, *d_zones.local);
}

std::optional<dns::Name> Resolving::crowdedZoneOf(const dns::Name& name, base::WallTime now) {
  if (isOperators(name)) {
    return std::nullopt;
  }
  const DelegationPtr cut = d_delegations.find(name, now);
  const bool isCrowded = cut && d_fetches.isFull(*cut, d_settings.fetchesPerZone);
  return isCrowded ? std::optional(cut->zone) : std::nullopt;
}

void Resolving::setMinimumTtl(std::uint32_t seconds) {
  const std::lock_guard lock(d_mutex);
  d_records.setMinTtl(seconds);
  d_negatives.setMinTtl(seconds);
  d_minimumTtl = seconds;
  applyChanges();
}

void Resolving::setSubnetMinimumTtl(std::uint32_t seconds) {
  const std::lock_guard lock(d_mutex);
  d_subnets.setMinTtl(seconds);
  d_subnetMinimumTtl = seconds;
  applyChanges();
}

bool Resolving::setLogBogus(bool on) {
  const std::lock_guard lock(d_mutex);
  const bool before = d_zones.options->validation.logBogus;
  d_logBogus = on;
  applyChanges();
  return before;
}

std::vector<dns::Name> Resolving::neverThrottledNames() {
  const std::lock_guard lock(d_mutex);
  return d_zones.options->nonResolving.exempt;
}

void Resolving::setNeverThrottledNames(std::vector<dns::Name> names) {
  const std::lock_guard lock(d_mutex);
  d_neverThrottled = std::move(names);
  applyChanges();
}

void Resolving::applyChanges() {
  auto changed = std::make_shared<ResolveOptions>(*d_zones.options);
  changed->minCacheTtl = d_minimumTtl.value_or(changed->minCacheTtl);
  changed->minSubnetTtl = d_subnetMinimumTtl.value_or(changed->minSubnetTtl);
  changed->nonResolving.exempt = d_neverThrottled.value_or(changed->nonResolving.exempt);
  changed->validation.logBogus = d_logBogus.value_or(changed->validation.logBogus);
  d_zones.options = std::move(changed);
  giveToWorkers();
}

} // namespace rec
