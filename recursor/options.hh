// The settings, put into the words of each part: one function for each Options struct. Called at the start.
#pragma once

#include "lib/base/log.hh"
#include "recursor/cache/aggressivecache.hh"
#include "recursor/cache/delegations.hh"
#include "recursor/cache/dotservers.hh"
#include "recursor/cache/failurecache.hh"
#include "recursor/cache/negcache.hh"
#include "recursor/cache/nsspeeds.hh"
#include "recursor/cache/packetcache.hh"
#include "recursor/cache/recordcache.hh"
#include "recursor/cache/subnetcache.hh"
#include "recursor/cache/wildcardproofs.hh"
#include "recursor/cache/zonetrusts.hh"
#include "recursor/config/settings.hh"

namespace rec {

[[nodiscard]] base::LogOptions logOptions(const Settings& settings);
[[nodiscard]] PacketCache::Options packetCacheOptions(const Settings& settings); // of one worker
[[nodiscard]] RecordCache::Options recordCacheOptions(const Settings& settings);
[[nodiscard]] SubnetCache::Options subnetCacheOptions(const Settings& settings);
[[nodiscard]] NegativeCache::Options negativeCacheOptions(const Settings& settings);
[[nodiscard]] FailureCache::Options failureCacheOptions(const Settings& settings);
[[nodiscard]] Delegations::Options delegationOptions(const Settings& settings);
[[nodiscard]] WildcardProofs::Options wildcardOptions(const Settings& settings);
[[nodiscard]] AggressiveCache::Options aggressiveOptions(const Settings& settings);
[[nodiscard]] ZoneTrusts::Options trustOptions(const Settings& settings);
[[nodiscard]] NsSpeeds::Options speedOptions(const Settings& settings);
[[nodiscard]] DotServers::Options dotServerOptions(const Settings& settings);

} // namespace rec
