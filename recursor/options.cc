// Settings to options, name by name.
#include "recursor/options.hh"

#include "recursor/cache/memorykeeper.hh"
#include "recursor/resolve/options.hh"

#include <syslog.h>

#include <algorithm>

namespace rec {
namespace {

// Of max-cache-bytes: records are larger and more than denials and delegations, which have one share each, and so have
// the answers for single networks where there can be any.
constexpr std::size_t kRecordShare = 6, kAllShares = 8;
constexpr std::uint32_t kStaleStep = 30; // seconds that each of serve-stale-extensions adds (RFC 8767 5.11)

// max-memory may leave less for the caches than their own limits; then it is shared out in proportion.
std::uint64_t withinMemory(const Settings& settings, std::uint64_t bytes) {
  const std::size_t most = memoryForCaches(memoryLimit(settings.maxMemory), settings.threads);
  const std::uint64_t wanted = settings.maxCacheBytes + settings.maxPacketcacheBytes;
  return wanted <= most ? bytes
                        : static_cast<std::uint64_t>(static_cast<double>(bytes) / static_cast<double>(wanted) *
                                                     static_cast<double>(most));
}

bool hasSubnets(const Settings& settings) { return !settings.ednsSubnetAllowList.empty(); }

std::size_t noLimitAsMost(std::uint64_t limit) { return limit == 0 ? SIZE_MAX : limit; }

} // namespace

namespace {

base::LogForm logForm(const Settings& settings) {
  if (settings.structuredLoggingBackend == "json") return base::LogForm::Json;
  if (settings.structuredLoggingBackend == "systemd-journal") return base::LogForm::Journal;
  return settings.structuredLogging ? base::LogForm::Pairs : base::LogForm::Plain;
}

} // namespace

base::LogOptions logOptions(const Settings& settings) {
  base::LogOptions options;
  options.level = static_cast<base::LogLevel>(std::min<std::uint32_t>(settings.loglevel, 7));
  options.form = logForm(settings);
  options.toSyslog = !settings.disableSyslog;
  options.timestamp = settings.logTimestamp;
  const std::string& facility = settings.loggingFacility; // "3" or "local3"
  options.facility = facility.empty() ? -1 : LOG_LOCAL0 + ((facility.back() - '0') << 3);
  return options;
}

PacketCache::Options packetCacheOptions(const Settings& settings) {
  PacketCache::Options options;
  options.maxEntries = settings.disablePacketcache ? 0 : settings.maxPacketcacheEntries / settings.threads;
  options.maxBytes = withinMemory(settings, settings.maxPacketcacheBytes) / settings.threads;
  options.maxEntrySize = settings.maxPacketcacheEntrySize;
  options.eviction = base::evictionStrategy(settings.cacheEvictionStrategy);
  options.steadySeconds = static_cast<std::uint32_t>(settings.prefetchLastHitWithin.count());
  return options;
}

RecordCache::Options recordCacheOptions(const Settings& settings) {
  RecordCache::Options options;
  options.shards = settings.recordCacheShards;
  options.maxEntries = settings.maxCacheEntries;
  options.maxBytes =
      withinMemory(settings, settings.maxCacheBytes) / kAllShares * (kRecordShare - (hasSubnets(settings) ? 1 : 0));
  options.maxEntrySize = noLimitAsMost(settings.maxRecordcacheEntrySize);
  options.eviction = base::evictionStrategy(settings.cacheEvictionStrategy);
  options.maxTtl = settings.maxCacheTtl;
  options.minTtl = settings.minimumTtlOverride;
  options.maxBogusTtl = settings.maxCacheBogusTtl;
  options.lockedTtlPercent = settings.recordCacheLockedTtlPerc;
  options.staleSeconds = settings.serveStaleExtensions * kStaleStep;
  return options;
}

SubnetCache::Options subnetCacheOptions(const Settings& settings) {
  SubnetCache::Options options;
  options.shards = std::max<std::size_t>(settings.recordCacheShards / kAllShares, 1);
  options.maxEntries = std::max<std::size_t>(settings.maxCacheEntries / kAllShares, 1);
  options.maxBytes = hasSubnets(settings) ? withinMemory(settings, settings.maxCacheBytes) / kAllShares : 0;
  options.eviction = base::evictionStrategy(settings.cacheEvictionStrategy);
  options.maxNetworks = settings.ecsMaxNetworksPerName;
  options.maxEntrySize = noLimitAsMost(settings.maxRecordcacheEntrySize);
  options.maxTtl = settings.maxCacheTtl;
  options.minTtl = settings.ecsMinimumTtlOverride;
  options.bogusTtl = std::min(static_cast<std::uint32_t>(settings.failureCacheTtl.count()),
                              static_cast<std::uint32_t>(settings.maxCacheBogusTtl));
  return options;
}

NegativeCache::Options negativeCacheOptions(const Settings& settings) {
  NegativeCache::Options options;
  options.shards = std::max<std::size_t>(settings.recordCacheShards / kAllShares, 1);
  options.maxEntries = settings.maxNegcacheEntries;
  options.eviction = base::evictionStrategy(settings.cacheEvictionStrategy);
  options.maxBytes = withinMemory(settings, settings.maxCacheBytes) / kAllShares;
  options.maxTtl = settings.maxNegativeTtl;
  options.minTtl = settings.minimumTtlOverride;
  options.staleSeconds = settings.serveStaleExtensions * kStaleStep;
  return options;
}

FailureCache::Options failureCacheOptions(const Settings& settings) {
  FailureCache::Options options;
  options.maxEntries = settings.maxFailureCacheEntries;
  options.firstTtl = static_cast<std::uint32_t>(settings.failureCacheTtl.count());
  options.maxTtl = static_cast<std::uint32_t>(settings.maxFailureCacheTtl.count());
  return options;
}

// There are as many cuts as a share of the records can have.
Delegations::Options delegationOptions(const Settings& settings) {
  Delegations::Options options;
  options.maxEntries = std::max<std::size_t>(settings.maxCacheEntries / 2, 1000);
  options.maxBytes = withinMemory(settings, settings.maxCacheBytes) / kAllShares;
  return options;
}

WildcardProofs::Options wildcardOptions(const Settings& settings) {
  WildcardProofs::Options options;
  options.maxEntries = std::max<std::size_t>(settings.maxCacheEntries / kAllShares, 1000);
  options.maxBytes = withinMemory(settings, settings.maxCacheBytes) / kAllShares / kAllShares;
  return options;
}

AggressiveCache::Options aggressiveOptions(const Settings& settings) {
  AggressiveCache::Options options;
  options.maxEntries = isValidating(settings) ? settings.aggressiveNsecCacheSize : 0;
  options.minNsec3HitRatio = static_cast<unsigned>(settings.aggressiveCacheMinNsec3HitRatio);
  options.maxNsec3HashCost = static_cast<unsigned>(settings.aggressiveCacheMaxNsec3HashCost);
  options.policy = denialPolicy(settings);
  return options;
}

// As many zones as there can be cuts.
ZoneTrusts::Options trustOptions(const Settings& settings) {
  ZoneTrusts::Options options;
  options.maxEntries = std::max<std::size_t>(settings.maxCacheEntries / 2, 1000);
  options.maxBytes = withinMemory(settings, settings.maxCacheBytes) / kAllShares;
  return options;
}

NsSpeeds::Options speedOptions(const Settings& settings) {
  NsSpeeds::Options options;
  options.downAfter = settings.serverDownMaxFails;
  options.downFor = settings.serverDownThrottleTime;
  options.neverThrottled = settings.dontThrottleNetmasks;
  return options;
}

DotServers::Options dotServerOptions(const Settings& settings) {
  DotServers::Options options;
  options.maxBusy = settings.maxBusyDotProbes;
  options.persistence = settings.dotProbePersistence;
  options.damping = settings.dotProbeDamping;
  return options;
}

} // namespace rec
