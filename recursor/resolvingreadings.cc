// Resolving: how full the caches are and what the parts that all workers share have counted, as metrics.
#include <algorithm>
#include <numeric>

#include "recursor/resolving.hh"
#include "recursor/workerresolver.hh"

namespace rec {

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
