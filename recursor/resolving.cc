// The shared caches by the settings, the zones from their files, and the parts of a worker's resolver put together.
#include "recursor/resolving.hh"

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <unordered_map>

#include "recursor/cachefile/prints.hh"
#include "recursor/options.hh"
#include "recursor/policy/luaexchange.hh"
#include "recursor/resolve/operatorzones.hh"
#include "recursor/resolve/options.hh"
#include "recursor/resolve/router.hh"
#include "recursor/trust/configured.hh"
#include "recursor/upstreamparts.hh"
#include "recursor/worker.hh"

namespace rec {

// A router with what it asks servers through.
class WorkerResolver final : public Resolver {
 public:
  WorkerResolver(Worker& worker, const Caches& caches, DotServers& dotServers, TrustAnchors& anchors,
                 dnssec::SignatureMemo& memo, LoopWatch& loops, const Settings& settings,
                 std::shared_ptr<const ResolveOptions> options, std::shared_ptr<const LocalZones> local,
                 ZoneFetches& fetches)
      : WorkerResolver(worker, caches, dotServers, anchors, memo, loops, settings, std::move(options), std::move(local),
                       fetches, makeExchange(worker, caches.speeds, settings)) {}

  WorkerResolver(Worker& worker, const Caches& caches, DotServers& dotServers, TrustAnchors& anchors,
                 dnssec::SignatureMemo& memo, LoopWatch& loops, const Settings& settings,
                 std::shared_ptr<const ResolveOptions> options, std::shared_ptr<const LocalZones> local,
                 ZoneFetches& fetches, std::unique_ptr<WireExchange> wire)
      : d_wire(*wire), d_exchange(std::move(wire)),
        d_dot({worker.loop(), worker.roots(), d_exchange, dotServers, caches.speeds, worker.counters()},
              dotOptions(settings)),
        d_selector(caches.speeds, selectorOptions(settings)),
        d_router({worker.loop(), worker.roots(), caches, d_exchange, d_selector, worker.counters(), anchors, memo,
                  loops, std::move(options), &d_dot, &fetches},
                 std::move(local)) {}

  coro::Task<Outcome> resolve(Request request) override { return d_router.resolve(std::move(request)); }
  coro::Task<ExplanationPtr> explain(Request request, bool fresh) override {
    return d_router.explain(std::move(request), fresh);
  }
  std::optional<Outcome> fromCache(const Request& request) override { return d_router.fromCache(request); }
  void prefetch(std::span<const Expected> questions) override { d_router.prefetch(questions); }
  [[nodiscard]] bool foundNothing() const override { return d_router.foundNothing(); }
  [[nodiscard]] KeySource* keySource() override { return d_router.keySource(); }
  [[nodiscard]] bool wantsNotify(const dns::Name& zone) const override { return d_router.wantsNotify(zone); }
  [[nodiscard]] dns::Name zoneOf(const dns::Name& name) const override { return d_router.zoneOf(name); }
  [[nodiscard]] bool isOperators(const dns::Name& name) const override { return d_router.isOperators(name); }
  void replace(std::shared_ptr<const ResolveOptions> options, std::shared_ptr<const LocalZones> local) {
    d_router.replace(std::move(options), std::move(local));
  }
  void adopt(const Settings& settings) override {
    d_wire.adopt(exchangeOptions(settings));
    d_dot.adopt(dotOptions(settings));
    d_selector.adopt(selectorOptions(settings));
  }
  [[nodiscard]] std::size_t nonResolvingServers() const { return d_router.nonResolvingServers(); }
  [[nodiscard]] std::vector<NonResolving::Row> nonResolving() const override { return d_router.nonResolving(); }
  void setLua(LuaEngine* lua) override { d_exchange.setLua(lua); }

 private:
  WireExchange& d_wire; // behind d_exchange
  LuaExchange d_exchange;
  DotExchange d_dot;
  Selector d_selector;
  Router d_router;
};

namespace {

constexpr std::chrono::seconds kHostPatience{5}; // with the system resolver, while somebody waits
constexpr std::size_t kMemoEntries = 65536;      // signatures found good that are remembered: 1 MB

// "example.com" or ".example.com"; empty is the root.
base::Result<dns::Name> hostsSuffix(const Settings& settings) {
  std::string_view text(settings.exportEtcHostsSearchSuffix);
  text.remove_prefix(text.starts_with('.') ? 1 : 0);
  auto suffix = text.empty() ? dns::Name() : dns::Name::parse(text);
  if (!suffix) {
    return base::Error{"export-etc-hosts-search-suffix: " + suffix.error().message};
  }
  return suffix;
}

base::Result<LocalZoneOptions> localZoneOptions(const Settings& settings, const ZoneSources& sources) {
  LocalZoneOptions options;
  for (const AuthZone& zone : sources.authZones) {
    options.authZones.push_back({zone.zone, zone.file});
  }
  for (const ForwardZone& zone : sources.forwardZones) {
    options.configuredElsewhere.push_back(zone.zone);
  }
  options.exportHosts = settings.exportEtcHosts;
  options.hostsPath = settings.etcHostsFile;
  const auto suffix = hostsSuffix(settings);
  if (!suffix) {
    return suffix.error();
  }
  options.hostsSuffix = *suffix;
  options.serveRfc1918 = settings.serveRfc1918;
  options.serveRfc6303 = settings.serveRfc6303;
  options.specialNames = settings.serveRfc6761;
  return options;
}

using ForwardsByZone = std::unordered_map<dns::Name, const ForwardZone*, dns::NameHash>;

ForwardsByZone byZone(const ZoneSources& sources) {
  ForwardsByZone map;
  for (const ForwardZone& zone : sources.forwardZones) {
    map.emplace(zone.zone, &zone);
  }
  return map;
}

// Zones of `these` that are forwarded otherwise, or not at all, among `others`.
void addDifferent(const ZoneSources& these, const ForwardsByZone& others, std::vector<dns::Name>& names) {
  for (const ForwardZone& zone : these.forwardZones) {
    const auto other = others.find(zone.zone);
    if (other == others.end() || *other->second != zone) {
      names.push_back(zone.zone);
    }
  }
}

// What may be answered otherwise now. Each name costs a walk through all caches: many are one.
std::vector<dns::Name> changedNames(const ZoneSources& before, const ZoneSources& now) {
  constexpr std::size_t kMany = 100;
  std::vector<dns::Name> names;
  for (const auto* sources : {&before, &now}) { // their files are not compared
    for (const AuthZone& zone : sources->authZones) {
      names.push_back(zone.zone);
    }
  }
  addDifferent(before, byZone(now), names);
  addDifferent(now, byZone(before), names);
  std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());
  return names.size() > kMany ? std::vector<dns::Name>{dns::Name()} : names;
}

} // namespace

base::Result<Resolving::Sources> Resolving::read(const Settings& settings) {
  auto sources = readZoneSources(settings);
  if (!sources) {
    return sources.error();
  }
  auto hints = readRootHints(settings);
  if (!hints) {
    return hints.error();
  }
  const auto localOptions = localZoneOptions(settings, *sources);
  if (!localOptions) {
    return localOptions.error();
  }
  auto local = LocalZones::load(*localOptions);
  if (!local) {
    return local.error();
  }
  return Sources{*std::move(sources), *std::move(hints), *std::move(local)};
}

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

void Resolving::addReadings(Statistics& statistics, const base::Clock& clock) {
  statistics.setReading(Metric::RateLimited, [this, &clock] { return d_limited.count(clock.mono()); });
  statistics.setReading(Metric::CacheEntries, [this] { return d_records.entries(); });
  statistics.setReading(Metric::CacheBytes, [this] { return d_records.bytes(); });
  statistics.setReading(Metric::CacheEvictions, [this] { return d_records.evicted(); });
  statistics.setReading(Metric::EcsCacheEntries, [this] { return d_subnets.entries(); });
  statistics.setReading(Metric::EcsCacheBytes, [this] { return d_subnets.bytes(); });
  statistics.setReading(Metric::EcsCacheEvictions, [this] { return d_subnets.evicted(); });
  statistics.setReading(Metric::NegcacheEvictions, [this] { return d_negatives.evicted(); });
  statistics.setReading(Metric::RecordCacheAcquired, [this] { return d_records.acquired(); });
  statistics.setReading(Metric::RecordCacheContended, [this] { return d_records.contended(); });
  statistics.setReading(Metric::NegcacheEntries, [this] { return d_negatives.entries(); });
  statistics.setReading(Metric::NegcacheBytes, [this] { return d_negatives.bytes(); });
  statistics.setReading(Metric::FailureCacheEntries, [this] { return d_failures.entries(); });
  statistics.setReading(Metric::DelegationEntries, [this] { return d_delegations.entries(); });
  statistics.setReading(Metric::DelegationBytes, [this] { return d_delegations.bytes(); });
  statistics.setReading(Metric::ZoneTrustEntries, [this] { return d_trusts.entries(); });
  statistics.setReading(Metric::DnssecSignatureMemoHits, [this] { return d_memo.hits(); });
  statistics.setReading(Metric::AggressiveNsecCacheEntries, [this] { return d_aggressive.entries(); });
  statistics.setReading(Metric::AggressiveNsecCacheNsecHits, [this] { return d_aggressive.hits().nsec; });
  statistics.setReading(Metric::AggressiveNsecCacheNsec3Hits, [this] { return d_aggressive.hits().nsec3; });
  statistics.setReading(Metric::AggressiveNsecCacheNsecWcHits, [this] { return d_aggressive.hits().nsecWildcard; });
  statistics.setReading(Metric::AggressiveNsecCacheNsec3WcHits, [this] { return d_aggressive.hits().nsec3Wildcard; });
  statistics.setReading(Metric::Upstreams, [this] { return d_upstreams.all().size(); });
  statistics.setReading(Metric::UpstreamsDown, [this] {
    const auto all = d_upstreams.all();
    return std::ranges::count_if(all, [](const UpstreamPtr& upstream) { return upstream->view().down; });
  });
  statistics.setReading(Metric::DotBusyProbes, [this] { return d_dotServers.busy(); });
  statistics.setReading(Metric::DotProbeMapEntries, [this] { return d_dotServers.entries(); });
  statistics.setReading(Metric::NsspeedsEntries, [this] { return d_speeds.entries(); });
  statistics.setReading(Metric::MaxRecordcacheEntrySizeExceeded, [this] { return d_records.oversized(); });
  statistics.setReading(Metric::ThrottleEntries, [this, &clock] { return d_speeds.throttled(clock.mono()); });
  statistics.setReading(Metric::FailedHostEntries, [this, &clock] { return d_speeds.failing(clock.mono()); });
  statistics.setReading(Metric::CookiesSupported, [this, &clock] { return d_speeds.withCookies(clock.mono()); });
  statistics.setReading(Metric::CookiesUnsupported, [this, &clock] { return d_speeds.withoutCookies(clock.mono()); });
  statistics.setReading(Metric::NonResolvingNameserverEntries, [this] {
    return std::accumulate(d_made.begin(), d_made.end(), std::uint64_t{0}, [](std::uint64_t sum, const Made& made) {
      return sum + made.resolver->nonResolvingServers();
    });
  });
}

} // namespace rec
