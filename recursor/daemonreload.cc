// The daemon's part in changing the configuration while running. reload-config, on the control thread:
// 1. reloadConfiguration: the files are read and checked, the differences found; what needs a restart ends it here
// 2. prepare: all else that can fail: zone files, hints, scripts, block lists; nothing is changed by that
// 3. adopt: the shared parts, then each worker on its own thread, then the daemon's thread; what became wrong is wiped
// A command that changes one setting notes it in the configuration, so that the next reload knows of it.
#include <algorithm>

#include "lib/base/log.hh"
#include "recursor/askworkers.hh"
#include "recursor/config/checks.hh"
#include "recursor/config/descriptors.hh"
#include "recursor/config/yamllua.hh"
#include "recursor/options.hh"
#include "recursor/resolve/options.hh"
#include "recursor/trust/configured.hh"

namespace rec {
namespace {

constexpr std::string_view kCommand = "rec_control";

bool mayChange(const SettingInfo& info) { return info.status != SettingStatus::Works || !info.changedBy.empty(); }

bool changesScripts(const ConfigReload& report) {
  return report.hasAnyOf({"lua-dns-script", "lua-global-include-dir", "lua-instruction-limit", "lua-time-limit",
                          "lua-memory-limit", "lua-jit", "gettag-needs-edns-options"});
}

bool changesBlockLists(const ConfigReload& report) {
  return report.hasAnyOf({"blocklist-action", "blocklist-dir", "blocklist-extended-error", "blocklist-files",
                          "blocklist-max-malformed", "blocklist-max-shrink", "blocklist-ttl"});
}

bool changesQueryLog(const ConfigReload& report) {
  return report.hasAnyOf({"query-log", "query-log-answers", "query-log-flush-interval", "query-log-ipv4-bits",
                          "query-log-ipv6-bits", "query-log-max-age", "query-log-only", "query-log-sample"});
}

// What is cached was had under rules that are no longer those.
bool spoilsCaches(const ConfigReload& report) {
  return report.hasAnyOf({"dnssec", "dnssec-disabled-algorithms", "hint-file", "edns-subnet-allow-list"});
}

base::Result<void> answered(const std::vector<std::optional<bool>>& told) {
  const bool all = std::ranges::all_of(told, [](const auto& answer) { return answer.has_value(); });
  return all ? base::Result<void>() : base::Error{"a worker does not answer"};
}

} // namespace

struct Daemon::Reloading {
  std::shared_ptr<const Configuration> after;
  ConfigReload report;
  Resolving::Sources sources;
  std::optional<LuaScripts::Engines> engines; // when scripts are to be other ones
};

// Where recursor.yml stands for it, it has been read again as a part of the configuration.
bool Daemon::takesLuaConfig(const Reloading& reloading) {
  const std::string& file = reloading.after->settings->luaConfigFile;
  return reloading.report.has("lua-config-file") || isYamlFile(file);
}

std::shared_ptr<const Configuration> Daemon::configuration() const {
  const std::lock_guard lock(d_configurationMutex);
  return d_configuration;
}

void Daemon::setConfiguration(std::shared_ptr<const Configuration> configuration) {
  const std::lock_guard lock(d_configurationMutex);
  d_configuration = std::move(configuration);
}

void Daemon::noteSetting(std::string_view name, const std::string& text) {
  const auto before = configuration();
  Configuration said = *before;
  said.written.insert_or_assign(std::string(name), Configuration::Written{text, std::string(kCommand)});
  const auto after = takeOver(*before, said, [name](const SettingInfo& info) { return info.name == name; });
  if (after) setConfiguration(*after);
}

// ---- reload-config

base::Result<ConfigReload> Daemon::reloadConfiguration(ReloadMode mode) {
  const std::lock_guard lock(d_reloading);
  const auto fresh = loadConfiguration(d_line);
  if (!fresh) {
    return fresh.error();
  }
  Reloading reloading;
  const auto before = configuration();
  reloading.report.changes = changesBetween(*before, **fresh);
  reloading.report.warnings = (*fresh)->warnings;
  const auto after = takeOver(*before, **fresh, mayChange);
  if (!after) {
    return after.error();
  }
  reloading.after = *after;
  if (const auto prepared = prepare(reloading); !prepared) {
    return prepared.error();
  }
  if (mode == ReloadMode::Show || (mode == ReloadMode::All && reloading.report.needsRestart())) {
    return reloading.report;
  }
  if (const auto adopted = adopt(reloading); !adopted) {
    return adopted.error();
  }
  reloading.report.isApplied = true;
  base::log(base::LogLevel::Notice,
            "configuration reloaded, settings that have changed: " + std::to_string(reloading.report.changes.size()));
  return reloading.report;
}

base::Result<void> Daemon::prepare(Reloading& reloading) const {
  const Settings& settings = *reloading.after->settings;
  auto sources = Resolving::read(settings);
  if (!sources) {
    return sources.error();
  }
  reloading.sources = std::move(*sources);
  if (changesScripts(reloading.report)) {
    auto engines = d_luaScripts.load(settings, settings.luaDnsScript);
    if (!engines) return engines.error();
    reloading.engines = std::move(*engines);
  }
  LuaConfig luaConfig = d_trustKeeper.config();
  if (takesLuaConfig(reloading)) {
    auto read = runLuaConfig(settings.luaConfigFile);
    if (!read) return read.error();
    luaConfig = std::move(*read);
  }
  if (const auto log = QueryLog::check(settings); !log) {
    return log.error();
  }
  return BlockListKeeper::check(settings, luaConfig.blockLists);
}

// What could still fail comes first.
base::Result<void> Daemon::adopt(Reloading& reloading) {
  const ConfigReload& report = reloading.report;
  const auto settings = reloading.after->settings;
  if (takesLuaConfig(reloading)) {
    if (const auto reloaded = takeLuaConfig(settings->luaConfigFile, true); !reloaded) return reloaded.error();
  }
  setConfiguration(reloading.after);
  if (const auto open = warningOfOpenAccess(*settings); open && report.hasAnyOf({"allow-from", "allow-from-file"})) {
    base::log(base::LogLevel::Warning, "allow-from " + *open);
  }
  adoptShared(*settings);
  const auto affected = d_resolving.take(std::move(reloading.sources), *settings);
  const auto told = answered(askWorkers<bool>([settings](Worker& worker) {
    worker.adopt(*settings);
    return true;
  }));
  d_luaScripts.adopt(*settings);
  d_carbon.adopt(Carbon::optionsOf(*settings));
  if (reloading.engines) {
    static_cast<void>(giveLua(*reloading.engines, settings->luaDnsScript));
  }
  if (changesQueryLog(report)) {
    d_queryLog.adopt(*settings);
  }
  if (changesBlockLists(report)) {
    const auto lists = d_blockLists.reconfigure(*settings, d_trustKeeper.config().blockLists);
    if (!lists) base::log(base::LogLevel::Error, "reload-config: " + lists.error().message);
  }
  if (report.has("keepwarm")) {
    keepWarm();
  }
  d_loop.post([this] { adoptOnOwnThread(); });
  d_workers.front()->post([this, settings] { d_anchorFollower.adopt(followerOptions(*settings)); });
  for (const dns::Name& name : spoilsCaches(report) ? std::vector<dns::Name>{dns::Name()} : affected) {
    wipe(name);
  }
  awaitPolicies();
  return told;
}

void Daemon::adoptShared(const Settings& settings) {
  base::configureLog(logOptions(settings));
  d_traceLog.setMode(TraceLog::modeOf(settings.trace));
  d_tcpQuota.setLimits(settings.maxTcpClients, settings.maxTcpPerClient);
  d_limits.adopt(ClientLimits::optionsOf(settings));
  d_cacheKeeper.adopt(CacheKeeper::optionsOf(settings));
  d_rpzZones.setLogChanges(settings.logRpzChanges);
  d_maxCacheEntries = settings.maxCacheEntries;
  d_maxPacketcacheEntries = settings.maxPacketcacheEntries;
  d_resolving.adopt(settings);
  raiseDescriptorLimit(descriptorsWanted(settings));
}

void Daemon::adoptOnOwnThread() {
  scheduleStatistics();
  d_memoryKeeper = makeMemoryKeeper();
}

// ---- reload-acls, reload-zones: those settings alone

// The configuration of now, with those settings of the files that this command changes.
base::Result<std::shared_ptr<const Configuration>> Daemon::reread(std::string_view command) const {
  const auto fresh = loadConfiguration(d_line);
  if (!fresh) {
    return fresh.error();
  }
  return takeOver(*configuration(), **fresh, [command](const SettingInfo& info) { return info.changedBy == command; });
}

// Every worker has the new lists before the command is answered.
base::Result<void> Daemon::reloadAccessLists() {
  const std::lock_guard lock(d_reloading);
  const auto after = reread("reload-acls");
  if (!after) {
    return after.error();
  }
  setConfiguration(*after);
  if (const auto open = warningOfOpenAccess(*(*after)->settings)) {
    base::log(base::LogLevel::Warning, "allow-from " + *open);
  }
  return answered(askWorkers<bool>([settings = (*after)->settings](Worker& worker) {
    worker.replaceAccessLists(*settings);
    return true;
  }));
}

base::Result<void> Daemon::reloadZones() {
  const std::lock_guard lock(d_reloading);
  const auto after = reread("reload-zones");
  if (!after) {
    return after.error();
  }
  auto sources = Resolving::read(*(*after)->settings);
  if (!sources) {
    return sources.error();
  }
  setConfiguration(*after);
  const auto affected = d_resolving.take(std::move(*sources), *(*after)->settings);
  static_cast<void>(ping()); // the workers have the new zones before what they made of the old ones goes
  for (const dns::Name& name : affected) {
    wipe(name);
  }
  return {};
}

// ---- single settings

// As reload-config would, without the files.
base::Result<std::string> Daemon::setCarbonServer(const std::string& servers, const std::string& ourName) {
  const std::lock_guard lock(d_reloading);
  const auto before = configuration();
  Configuration said = *before;
  said.written.insert_or_assign("carbon-server", Configuration::Written{servers, std::string(kCommand)});
  if (!ourName.empty()) {
    said.written.insert_or_assign("carbon-ourname", Configuration::Written{ourName, std::string(kCommand)});
  }
  const auto after = takeOver(*before, said, [](const SettingInfo& info) { return info.name.starts_with("carbon-"); });
  if (!after) {
    return after.error();
  }
  setConfiguration(*after);
  d_carbon.adopt(Carbon::optionsOf(*(*after)->settings));
  return "set carbon-server to '" + servers + "'\n" +
         (ourName.empty() ? "" : "set carbon-ourname to '" + ourName + "'\n");
}

void Daemon::setMaxCacheEntries(std::uint64_t entries) {
  noteSetting("max-cache-entries", std::to_string(entries));
  d_maxCacheEntries = entries;
  d_resolving.records().setMaxEntries(entries);
}

void Daemon::setMaxPacketcacheEntries(std::uint64_t entries) {
  noteSetting("max-packetcache-entries", std::to_string(entries));
  d_maxPacketcacheEntries = entries;
  for (const auto& worker : d_workers) {
    worker->post([&changing = *worker, each = entries / count()] { changing.packetCache().setMaxEntries(each); });
  }
}

void Daemon::setMinimumTtl(std::uint32_t seconds) {
  noteSetting("minimum-ttl-override", std::to_string(seconds));
  d_resolving.setMinimumTtl(seconds);
}

void Daemon::setSubnetMinimumTtl(std::uint32_t seconds) {
  noteSetting("ecs-minimum-ttl-override", std::to_string(seconds));
  d_resolving.setSubnetMinimumTtl(seconds);
}

bool Daemon::setLogBogus(bool on) {
  noteSetting("dnssec-log-bogus", on ? "yes" : "no");
  return d_resolving.setLogBogus(on);
}

void Daemon::setMaxAggressiveEntries(std::uint64_t entries) {
  noteSetting("aggressive-nsec-cache-size", std::to_string(entries));
  d_resolving.aggressive().setMaxEntries(entries);
}

} // namespace rec
