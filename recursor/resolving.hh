// Resolving: what all resolvers of the process share: the caches, the trust anchors, the local zones and the options
// that the settings make; and the maker of each worker's own resolver. Owned by the daemon. The caches are thread safe;
// makeResolver() is for the start, what changes the options for any thread but workers (one mutex, and one of reloads).
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "lib/base/clock.hh"
#include "lib/dnssec/memo.hh"
#include "recursor/cache/aggressivecache.hh"
#include "recursor/cache/delegations.hh"
#include "recursor/cache/dotservers.hh"
#include "recursor/cache/failurecache.hh"
#include "recursor/cache/negcache.hh"
#include "recursor/cache/nsspeeds.hh"
#include "recursor/cache/recordcache.hh"
#include "recursor/cache/subnetcache.hh"
#include "recursor/cache/wildcardproofs.hh"
#include "recursor/cache/zonetrusts.hh"
#include "recursor/cachefile/blocks.hh"
#include "recursor/cachefile/keptcaches.hh"
#include "recursor/config/settings.hh"
#include "recursor/config/zonesources.hh"
#include "recursor/resolve/resolver.hh"
#include "recursor/resolve/zonefetches.hh"
#include "recursor/stats/limitednow.hh"
#include "recursor/stats/statistics.hh"
#include "recursor/trust/trustanchors.hh"
#include "recursor/upstream/hostnames.hh"
#include "recursor/upstream/loopwatch.hh"
#include "recursor/upstream/upstreams.hh"

namespace rec {

class LocalZones;
class Worker;
class WorkerResolver;
struct LuaConfig;
struct ResolveOptions;

class Resolving {
 public:
  // Reads the zone files and hints. Throws with the reason when they cannot be used.
  Resolving(const Settings& settings, const LuaConfig& luaConfig);
  ~Resolving();

  [[nodiscard]] std::unique_ptr<Resolver> makeResolver(Worker& worker);
  // What the settings say about zones, read from their files; nothing is changed by that.
  struct Sources {
    ZoneSources zones;
    std::vector<RootServer> hints;
    std::shared_ptr<const LocalZones> local;
  };
  [[nodiscard]] static base::Result<Sources> read(const Settings& settings);
  // Those zones, hosts and forwarders from now on, given to the workers. The names whose answers may have changed.
  std::vector<dns::Name> take(Sources sources, const Settings& settings);
  // Other settings from now on, for the caches and what is made of names of upstreams; take() comes next.
  void adopt(const Settings& settings);
  // Looks up the upstreams that are given by name, for some seconds at most, and again and again on a thread of its
  // own.
  void startHostNames(const base::Clock& clock);
  void stopHostNames();                                       // before the workers go
  [[nodiscard]] ZoneSources sources();                        // as they were read last
  [[nodiscard]] bool isOperators(const dns::Name& name);      // control thread; as Resolver::isOperators
  void setMinimumTtl(std::uint32_t seconds);                  // control thread
  void setSubnetMinimumTtl(std::uint32_t seconds);            // control thread; of answers for one network
  bool setLogBogus(bool on);                                  // control thread; what it was
  [[nodiscard]] std::vector<dns::Name> neverThrottledNames(); // dont-throttle-names
  void setNeverThrottledNames(std::vector<dns::Name> names);
  void addReadings(Statistics& statistics, const base::Clock& clock);

  [[nodiscard]] RecordCache& records() { return d_records; }
  [[nodiscard]] SubnetCache& subnets() { return d_subnets; }
  [[nodiscard]] NegativeCache& negatives() { return d_negatives; }
  [[nodiscard]] FailureCache& failures() { return d_failures; }
  [[nodiscard]] Delegations& delegations() { return d_delegations; }
  [[nodiscard]] NsSpeeds& speeds() { return d_speeds; }
  [[nodiscard]] DotServers& dotServers() { return d_dotServers; }
  [[nodiscard]] AggressiveCache& aggressive() { return d_aggressive; }
  [[nodiscard]] ZoneTrusts& trusts() { return d_trusts; }
  // What outlives the process, and the settings it depends on as they are now; any thread.
  [[nodiscard]] KeptCaches kept();
  [[nodiscard]] FilePrints filePrints();
  // Records, denials, failures, cuts and what was concluded of zones: of a name or of all below it, too.
  struct Wiped {
    std::size_t records = 0, negatives = 0;
  };
  Wiped wipe(const dns::Name& name, bool subtree, std::optional<dns::RRType> type = std::nullopt);
  [[nodiscard]] TrustAnchors& trustAnchors() { return d_trustAnchors; }
  [[nodiscard]] Upstreams& upstreams() { return d_upstreams; }
  [[nodiscard]] LoopWatch& loops() { return d_loops; }
  [[nodiscard]] LimitedNow& limited() { return d_limited; }
  // The zone of the name, when its servers are asked as much as they may be (fetches-per-zone).
  [[nodiscard]] std::optional<dns::Name> crowdedZoneOf(const dns::Name& name, base::WallTime now);

 private:
  // Everything that reload() replaces.
  struct Zones {
    std::shared_ptr<const ResolveOptions> options;
    std::shared_ptr<const LocalZones> local;
    ZoneSources sources;
    std::shared_ptr<const Settings> settings; // they were made by
  };
  Zones build(Sources sources, const Settings& settings);
  void applyChanges();     // what was set while running; mutex held
  void replaceAddresses(); // of upstreams that are given by name; mutex held
  void giveToWorkers();

  struct Made {
    Worker* worker;
    WorkerResolver* resolver;
  };

  const Settings& d_settings;
  RecordCache d_records;
  SubnetCache d_subnets;
  NegativeCache d_negatives;
  FailureCache d_failures;
  Delegations d_delegations;
  NsSpeeds d_speeds;
  DotServers d_dotServers;
  WildcardProofs d_wildcards;
  AggressiveCache d_aggressive;
  ZoneTrusts d_trusts;
  dnssec::SignatureMemo d_memo;
  LimitedNow d_limited;
  ZoneFetches d_fetches;
  TrustAnchors d_trustAnchors;
  std::atomic<bool> d_dnameSeen{false};
  Upstreams d_upstreams;
  LoopWatch d_loops;
  std::mutex d_reloading; // one reload() at a time; taken before the next, which is not held while hosts are looked up
  std::mutex d_mutex;     // guards what follows once the workers run
  Zones d_zones;
  std::vector<Made> d_made;
  std::optional<std::uint32_t> d_minimumTtl, d_subnetMinimumTtl; // set while running
  std::optional<bool> d_logBogus;                                // likewise
  std::optional<std::vector<dns::Name>> d_neverThrottled;        // likewise
  bool d_lookingUp = false;                                      // host names, on their thread
  std::optional<HostNames> d_hosts;                              // destroyed first: its thread changes the options
};

} // namespace rec
