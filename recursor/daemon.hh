// Daemon: owns what is shared by all workers, the workers, and the order of start and stop. Made by main; its own
// thread handles signals and the periodic log line, nothing else.
//
// Start: descriptors -> block lists -> sockets bound -> outgoing network -> control socket, pid file -> privileges
// given up -> background -> signals watched -> workers run. What may fail comes before the background, where nobody
// reads it.
#pragma once

#include <csignal>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "lib/base/clock.hh"
#include "lib/net/udpsocket.hh"
#include "recursor/cache/memorykeeper.hh"
#include "recursor/cachefile/cachekeeper.hh"
#include "recursor/carbon.hh"
#include "recursor/config/configuration.hh"
#include "recursor/config/luaconfig.hh"
#include "recursor/control/target.hh"
#include "recursor/ingress/tcpquota.hh"
#include "recursor/luascripts.hh"
#include "recursor/policy/blocklistkeeper.hh"
#include "recursor/policy/policyboard.hh"
#include "recursor/policy/rpzzones.hh"
#include "recursor/process.hh"
#include "recursor/querylog/querylog.hh"
#include "recursor/resolving.hh"
#include "recursor/servicemanager.hh"
#include "recursor/stats/statistics.hh"
#include "recursor/statsreport.hh"
#include "recursor/tracelog.hh"
#include "recursor/trust/anchorfollower.hh"
#include "recursor/trust/anchorstore.hh"
#include "recursor/trust/trustkeeper.hh"
#include "recursor/worker.hh"

namespace rec {

class Daemon final : public Colleagues, public ControlTarget {
 public:
  Daemon(CommandLine line, std::shared_ptr<const Configuration> configuration);
  ~Daemon() override;

  // Until it is told to stop. Throws (with the reason) what keeps it from starting.
  void run();

  // Colleagues
  [[nodiscard]] std::uint32_t count() const override { return d_started->threads; }
  [[nodiscard]] Worker& worker(std::uint32_t index) override { return *d_workers[index]; }
  void wipe(const dns::Name& name) override;

  // ControlTarget: daemoncontrol.cc
  [[nodiscard]] const Statistics& statistics() const override { return d_statistics; }
  [[nodiscard]] std::shared_ptr<const Configuration> configuration() const override;
  [[nodiscard]] TrustAnchors& trustAnchors() override { return d_resolving.trustAnchors(); }
  [[nodiscard]] base::WallTime now() const override { return d_clock.wall(); }
  [[nodiscard]] RpzZones* rpzZones() override { return &d_rpzZones; }
  [[nodiscard]] QueryLog* queryLog() override { return &d_queryLog; }
  [[nodiscard]] std::vector<LimitedNow::Row> limited() override { return d_resolving.limited().rows(d_clock.mono()); }
  [[nodiscard]] bool isOperators(const dns::Name& name) override { return d_resolving.isOperators(name); }
  [[nodiscard]] LimitReason limitOf(const base::Address& client, bool tcp, const dns::Name& name) override;
  [[nodiscard]] ProxyMappingPtr proxyMapping() const override; // daemonproxies.cc
  [[nodiscard]] std::optional<dns::Name> crowdedZoneOf(const dns::Name& name) override {
    return d_resolving.crowdedZoneOf(name, d_clock.wall());
  }
  base::Result<std::size_t> ping() override;
  WipeCounts wipeCache(const dns::Name& name, bool subtree, std::optional<dns::RRType> type) override;
  base::Result<std::size_t> dump(Dump what, std::FILE* out) override;
  [[nodiscard]] std::vector<UpstreamPtr> upstreams() override { return d_resolving.upstreams().all(); }
  [[nodiscard]] std::vector<CurrentQuery> currentQueries() override;
  [[nodiscard]] QTypeCounts::Counts questionTypes() override; // daemontop.cc
  [[nodiscard]] ServerLists& serverLists() override { return d_resolving.speeds().lists(); }
  [[nodiscard]] std::vector<dns::Name> neverThrottledNames() override { return d_resolving.neverThrottledNames(); }
  void setNeverThrottledNames(std::vector<dns::Name> names) override {
    d_resolving.setNeverThrottledNames(std::move(names));
  }
  std::size_t clearCookies(const std::optional<base::Address>& server) override {
    return d_resolving.speeds().clearCookies(server, d_clock.mono());
  }
  [[nodiscard]] TopList top(TopKind kind, std::size_t most) override; // daemontop.cc
  void trace(std::shared_ptr<const TraceFilter> filter) override { d_traceLog.setFilter(std::move(filter)); }
  base::Result<std::shared_ptr<const Explanation>> explain(const dns::Question& question, bool fresh,
                                                           const std::optional<base::Netmask>& client) override;
  base::Result<ConfigReload> reloadConfiguration(ReloadMode mode) override; // daemonreload.cc
  base::Result<std::string> setCarbonServer(const std::string& servers, const std::string& ourName) override;
  base::Result<void> reloadAccessLists() override;
  base::Result<void> reloadZones() override;
  [[nodiscard]] ZoneSources zoneSources() override { return d_resolving.sources(); }
  base::Result<std::string> saveCaches() override { return d_cacheKeeper.save(); }
  void setMaxCacheEntries(std::uint64_t entries) override;
  void setMaxPacketcacheEntries(std::uint64_t entries) override;
  void setMinimumTtl(std::uint32_t seconds) override;
  void setSubnetMinimumTtl(std::uint32_t seconds) override;
  base::Result<std::string> reloadLuaConfig(const std::string& path) override;
  base::Result<std::string> reloadLuaScript(const std::string& path) override;
  base::Result<void> unloadLuaScript() override;
  [[nodiscard]] PoliciesPtr policies() override { return d_policyBoard.current(); }
  [[nodiscard]] std::vector<std::pair<std::string, std::uint32_t>> scriptHooks() override;
  [[nodiscard]] BlockListKeeper& blockLists() override { return d_blockLists; }
  void noteSetting(std::string_view name, const std::string& text) override;
  bool setLogBogus(bool on) override;
  void setMaxAggressiveEntries(std::uint64_t entries) override;
  void quit(bool nicely) override;

 private:
  // What `ask` gives on each worker's own thread; nothing from a worker that does not answer in time.
  template <typename T> std::vector<std::optional<T>> askWorkers(const std::function<T(Worker&)>& ask);

  Daemon(CommandLine line, std::shared_ptr<const Configuration> configuration, LuaConfig luaConfig);
  void makeWorkers();
  void loadLua();
  base::Result<void> replaceLua(const std::vector<std::string>& paths);
  base::Result<void> giveLua(const LuaScripts::Engines& engines, const std::vector<std::string>& paths);
  void bindListeners();
  void bindOne(const base::Address& address);
  void reportSocket(int udp, const base::Address& address, const net::BindOptions& options);
  void startWorkers();
  [[nodiscard]] AnchorFollower::Options followerOptions(const Settings& settings) const;
  void followAnchors();
  void keepWarm();
  void forget(const dns::Name& name);
  void followPolicies();
  void startQueryLog();
  void awaitPolicies();
  void giveAnswerRules();
  void giveProxyMapping(bool isRunning); // daemonproxies.cc
  void forgetBelow(const dns::Name& zone);
  void registerReadings();
  void watchSignals(const sigset_t& set);
  void scheduleStatistics();

  // daemonreload.cc
  struct Reloading;
  [[nodiscard]] std::shared_ptr<const Settings> settings() const { return configuration()->settings; }
  void setConfiguration(std::shared_ptr<const Configuration> configuration);
  [[nodiscard]] base::Result<std::shared_ptr<const Configuration>> reread(std::string_view command) const;
  [[nodiscard]] static bool takesLuaConfig(const Reloading& reloading);
  base::Result<void> prepare(Reloading& reloading) const;
  base::Result<void> adopt(Reloading& reloading);
  base::Result<std::string> takeLuaConfig(const std::string& path, bool evenNone);
  void adoptShared(const Settings& settings);
  void adoptOnOwnThread();
  static void onSignal(int fd, short what, void* self);
  static void onStatistics(int fd, short what, void* self);
  static void onTrust(int fd, short what, void* self);
  static void onMemory(int fd, short what, void* self);
  [[nodiscard]] std::unique_ptr<MemoryKeeper> makeMemoryKeeper();
  [[nodiscard]] std::uint64_t sumPacketCaches(std::uint64_t (PacketCache::*what)() const) const;
  void allowCaches(std::size_t bytes);
  void logStatistics();
  base::Result<std::size_t> dumpPacketCaches(std::FILE* out);
  base::Result<std::size_t> dumpNonResolving(std::FILE* out); // daemontop.cc
  coro::Task<void> finishWork();
  void stopWorkers();

  CommandLine d_line;                              // for reloads
  const std::shared_ptr<const Settings> d_started; // with these; the ones of now: settings()
  mutable std::mutex d_configurationMutex;         // guards the two below
  ProxyMappingPtr d_proxyMapping;                  // null: none
  std::shared_ptr<const Configuration> d_configuration;
  std::mutex d_reloading;                                                // one reload at a time
  std::atomic<std::uint64_t> d_maxCacheEntries, d_maxPacketcacheEntries; // as set last
  base::SystemClock d_clock;
  coro::Loop d_loop;
  coro::Roots d_roots;
  ServiceManager d_service;
  TcpQuota d_tcpQuota;
  TraceLog d_traceLog;
  Resolving d_resolving;
  CacheKeeper d_cacheKeeper;
  PublicSuffixes d_suffixes = PublicSuffixes::builtIn();
  ClientLimits d_limits;
  TrustKeeper d_trustKeeper;
  AnchorStore d_anchorStore;
  AnchorFollower d_anchorFollower; // once the workers run: of the first one's thread
  PolicyBoard d_policyBoard;
  RpzZones d_rpzZones;
  BlockListKeeper d_blockLists;
  Statistics d_statistics;
  QueryLog d_queryLog;
  LuaScripts d_luaScripts;
  std::vector<std::string> d_luaPaths; // of the scripts in use
  Carbon d_carbon;
  StatsReport d_statsReport{d_statistics};
  std::vector<base::Fd> d_udpSockets; // of clients, each once: to ask the kernel about them
  std::vector<std::unique_ptr<Worker>> d_workers;
  std::unique_ptr<MemoryKeeper> d_memoryKeeper;
  unsigned d_memoryChecks = 0;
  base::Fd d_signals;
  event* d_signalEvent = nullptr;
  event* d_statisticsEvent = nullptr;
  event* d_memoryEvent = nullptr;
  event* d_trustEvent = nullptr;
};

} // namespace rec
