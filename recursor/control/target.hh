// ControlTarget: what the control commands can ask of the running resolver. The daemon implements it; tests have a fake
// one. Called on threads of the control channel and of the web server: an implementation posts to the workers and waits
// for them. What only reads, explain(), dump() and saveCaches() may be called by any of them at any time; what changes
// something with `turn` held.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/address.hh"
#include "lib/base/result.hh"
#include "lib/dns/name.hh"
#include "lib/dns/types.hh"
#include "lib/dns/wirewriter.hh"
#include "recursor/cache/serverlists.hh"
#include "recursor/config/configdiff.hh"
#include "recursor/config/proxymapping.hh"
#include "recursor/config/zonesources.hh"
#include "recursor/control/tracefilter.hh"
#include "recursor/limits/clientlimits.hh"
#include "recursor/policy/blocklistkeeper.hh"
#include "recursor/policy/policy.hh"
#include "recursor/stats/limitednow.hh"
#include "recursor/stats/qtypecounts.hh"
#include "recursor/stats/statistics.hh"
#include "recursor/stats/toplist.hh"
#include "recursor/trust/trustanchors.hh"
#include "recursor/upstream/upstreams.hh"

namespace rec {

struct Explanation;
class QueryLog;
class RpzZones;

// The tables that dump-* commands write. Each dump is lines of text; comments begin with a semicolon.
enum class Dump {
  RecordCache,
  NegativeCache,
  PacketCache,
  NsSpeeds,
  Throttles,
  Edns,
  FailedServers,
  Delegations,
  AggressiveCache,
  DotProbes,
  Cookies,
  NonResolving,
  SavedParents
};

struct WipeCounts {
  std::size_t records = 0, negatives = 0, packets = 0;
};

struct CurrentQuery {
  dns::Name name;
  dns::RRType type;
  base::Address client;
  bool tcp = false;
  std::size_t waiting = 0; // other questions that wait for the same resolution
  std::chrono::milliseconds age{0};
};

struct ControlTarget {
  virtual ~ControlTarget() = default;

  // Held while something is changed: the control channel and the web server take turns.
  std::mutex turn;

  [[nodiscard]] virtual const Statistics& statistics() const = 0;
  [[nodiscard]] virtual std::shared_ptr<const Configuration> configuration() const = 0;
  [[nodiscard]] virtual TrustAnchors& trustAnchors() = 0;
  [[nodiscard]] virtual base::WallTime now() const = 0;
  [[nodiscard]] virtual QueryLog* queryLog() { return nullptr; } // null: there cannot be one
  // What is being limited, the most limited first; and by what a question would be that has to be resolved now.
  [[nodiscard]] virtual std::vector<LimitedNow::Row> limited() { return {}; }
  [[nodiscard]] virtual LimitReason limitOf(const base::Address& /*client*/, bool /*tcp*/, const dns::Name& /*name*/) {
    return LimitReason::None;
  }
  // The zone that has the name, when so many questions to its servers are under way that no other is asked
  // (fetches-per-zone).
  [[nodiscard]] virtual std::optional<dns::Name> crowdedZoneOf(const dns::Name& /*name*/) { return std::nullopt; }
  [[nodiscard]] virtual ProxyMappingPtr proxyMapping() const { return nullptr; }      // null: there is none
  [[nodiscard]] virtual bool isOperators(const dns::Name& /*name*/) { return false; } // as Resolver::isOperators
  [[nodiscard]] virtual RpzZones* rpzZones() { return nullptr; }                      // null: there cannot be any

  // Waits for an answer of every worker; the error says which one gave none. The value is the number of workers.
  virtual base::Result<std::size_t> ping() = 0;
  virtual WipeCounts wipeCache(const dns::Name& name, bool subtree, std::optional<dns::RRType> type) = 0;
  // Returns the number of records written. `out` is a regular file, so writing does not block.
  virtual base::Result<std::size_t> dump(Dump what, std::FILE* out) = 0;
  [[nodiscard]] virtual std::vector<CurrentQuery> currentQueries() = 0;
  [[nodiscard]] virtual std::vector<UpstreamPtr> upstreams() = 0; // that forward rules name
  // What the rings of all workers hold of that kind: at most `most` rows, and how many questions all rows stand for.
  [[nodiscard]] virtual TopList top(TopKind kind, std::size_t most) = 0;
  [[nodiscard]] virtual QTypeCounts::Counts questionTypes() = 0; // those that packet caches did not answer
  [[nodiscard]] virtual ServerLists& serverLists() = 0;          // thread safe
  [[nodiscard]] virtual std::vector<dns::Name> neverThrottledNames() = 0;
  virtual void setNeverThrottledNames(std::vector<dns::Name> names) = 0;
  virtual std::size_t clearCookies(const std::optional<base::Address>& server) = 0; // of all; how many servers'
  // Traces questions for names that the filter matches from now on; null ends it.
  virtual void trace(std::shared_ptr<const TraceFilter> filter) = 0;

  [[nodiscard]] virtual PoliciesPtr policies() = 0; // null: there are none
  // Paths of the scripts in their order, with bits 1 << LuaHook.
  [[nodiscard]] virtual std::vector<std::pair<std::string, std::uint32_t>> scriptHooks() { return {}; }
  [[nodiscard]] virtual BlockListKeeper& blockLists() = 0; // thread safe

  // Resolves the question and explains how and why; `fresh`: past what the caches hold of it; `client`: as one in that
  // network is answered.
  virtual base::Result<std::shared_ptr<const Explanation>> explain(const dns::Question& question, bool fresh,
                                                                   const std::optional<base::Netmask>& client) = 0;

  // Saves the caches to cache-file; what was done, in words.
  virtual base::Result<std::string> saveCaches() = 0;

  // reload-config: the configuration read again, and what it changes. On an error everything stays as it was.
  virtual base::Result<ConfigReload> reloadConfiguration(ReloadMode mode) = 0;
  // A command has changed a setting in a part of the program: the configuration says so, too.
  virtual void noteSetting(std::string_view /*name*/, const std::string& /*text*/) {}
  // carbon-server, and carbon-ourname unless it is empty. What has been done.
  virtual base::Result<std::string> setCarbonServer(const std::string& servers, const std::string& ourName) = 0;
  // Reads the zone settings and their files again; on an error everything stays as it was.
  // reload-acls: the access lists of clients and of NOTIFYs, from the configuration and the files that it names.
  virtual base::Result<void> reloadAccessLists() = 0;
  virtual base::Result<void> reloadZones() = 0;
  [[nodiscard]] virtual ZoneSources zoneSources() { return {}; } // as they were read last
  virtual void setMaxCacheEntries(std::uint64_t entries) = 0;
  virtual void setMaxPacketcacheEntries(std::uint64_t entries) = 0;
  virtual void setMinimumTtl(std::uint32_t seconds) = 0;
  virtual void setSubnetMinimumTtl(std::uint32_t seconds) = 0; // ecs-minimum-ttl-override
  // Runs the Lua configuration again (the file of the setting when `path` is empty) and gives its path; what the
  // control channel said of trust anchors is forgotten. On an error everything stays as it was.
  virtual base::Result<std::string> reloadLuaConfig(const std::string& path) = 0;
  // Runs the scripts of lua-dns-script again, or `path` from now on, and gives its path; on an error the old ones go
  // on.
  virtual base::Result<std::string> reloadLuaScript(const std::string& path) = 0;
  virtual base::Result<void> unloadLuaScript() = 0;
  virtual bool setLogBogus(bool on) = 0; // dnssec-log-bogus; what it was
  virtual void setMaxAggressiveEntries(std::uint64_t entries) = 0;

  // Called after the reply has left. Nicely: work under way is finished first; otherwise the process ends at once.
  virtual void quit(bool nicely) = 0;
};

} // namespace rec
