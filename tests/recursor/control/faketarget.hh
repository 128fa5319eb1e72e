// A ControlTarget that remembers what it was asked.
#pragma once

#include <functional>

#include "recursor/config/startup.hh"
#include "recursor/control/target.hh"
#include "recursor/resolve/explanation.hh"
#include "recursor/trust/configured.hh"

struct FakeTarget final : rec::ControlTarget {
  rec::Counters counters;
  rec::Statistics stats;
  std::shared_ptr<const rec::Configuration> config;
  base::ManualClock clock;
  rec::TrustAnchors anchors{rec::givenAnchors(rec::builtInLuaConfig())};
  std::vector<std::string> calls;
  std::vector<rec::CurrentQuery> queries;
  std::vector<rec::UpstreamPtr> upstreamList;
  rec::TopList topList;
  rec::ServerLists lists{{}};
  std::vector<dns::Name> neverThrottled;
  std::shared_ptr<const rec::TraceFilter> filter;
  std::shared_ptr<const rec::Explanation> explanation;
  rec::LimitReason limitReason = rec::LimitReason::None; // over UDP
  std::optional<dns::Name> crowded;
  bool workersAnswer = true;
  bool bogusLogged = false;
  std::size_t dumpLines = 1;
  std::function<void()> whileSaving;
  rec::Settings settings = rec::defaultSettings();
  rec::PolicyBoard board;
  rec::BlockListKeeper keeper{settings, board};

  FakeTarget() {
    stats.addWorker(counters);
    auto made = std::make_shared<rec::Configuration>();
    made->settings = std::make_shared<const rec::Settings>(rec::defaultSettings());
    made->written["max-qperq"] = {"60", "test"};
    config = made;
  }

  [[nodiscard]] const rec::Statistics& statistics() const override { return stats; }
  [[nodiscard]] std::shared_ptr<const rec::Configuration> configuration() const override { return config; }
  [[nodiscard]] rec::TrustAnchors& trustAnchors() override { return anchors; }
  [[nodiscard]] rec::PoliciesPtr policies() override { return board.current(); }
  [[nodiscard]] rec::BlockListKeeper& blockLists() override { return keeper; }
  [[nodiscard]] base::WallTime now() const override { return clock.wall(); }
  [[nodiscard]] rec::LimitReason limitOf(const base::Address& client, bool tcp, const dns::Name&) override {
    return tcp || client.text() != "192.0.2.7" ? rec::LimitReason::None : limitReason;
  }
  [[nodiscard]] std::optional<dns::Name> crowdedZoneOf(const dns::Name&) override { return crowded; }
  void change(const std::function<void(rec::Settings&)>& how) {
    auto changed = std::make_shared<rec::Configuration>(*config);
    auto made = std::make_shared<rec::Settings>(*config->settings);
    how(*made);
    changed->settings = std::move(made);
    config = changed;
  }
  base::Result<std::size_t> ping() override {
    if (!workersAnswer) return base::Error{"worker 1 does not answer"};
    return std::size_t{2};
  }
  rec::WipeCounts wipeCache(const dns::Name& name, bool subtree, std::optional<dns::RRType> type) override {
    calls.push_back("wipe " + name.text() + (subtree ? "$" : "") + (type ? " " + dns::text(*type) : ""));
    return {2, 1, 3};
  }
  base::Result<std::size_t> dump(rec::Dump what, std::FILE* out) override {
    calls.push_back("dump " + std::to_string(static_cast<int>(what)));
    for (std::size_t line = 0; line < dumpLines; ++line)
      std::fprintf(out, "line of table %d\n", static_cast<int>(what));
    return dumpLines;
  }
  base::Result<std::string> saveCaches() override {
    if (whileSaving) whileSaving();
    return std::string("7 cached entries were saved");
  }
  [[nodiscard]] std::vector<rec::CurrentQuery> currentQueries() override { return queries; }
  std::vector<rec::UpstreamPtr> upstreams() override { return upstreamList; }
  rec::QTypeCounts::Counts questionTypes() override { return {{dns::RRType::A, 5}, {dns::RRType{65400}, 1}}; }
  rec::ServerLists& serverLists() override { return lists; }
  std::vector<dns::Name> neverThrottledNames() override { return neverThrottled; }
  void setNeverThrottledNames(std::vector<dns::Name> names) override { neverThrottled = std::move(names); }
  std::size_t clearCookies(const std::optional<base::Address>& server) override {
    calls.push_back("clear cookies" + (server ? " " + server->text() : ""));
    return server ? 1 : 7;
  }
  rec::TopList top(rec::TopKind kind, std::size_t most) override {
    calls.push_back("top " + std::string(rec::infoOf(kind).name) + " " + std::to_string(most));
    return topList;
  }
  void trace(std::shared_ptr<const rec::TraceFilter> wanted) override { filter = std::move(wanted); }
  base::Result<std::shared_ptr<const rec::Explanation>> explain(const dns::Question& question, bool fresh,
                                                                const std::optional<base::Netmask>& client) override {
    calls.push_back("explain " + question.name.text() + " " + dns::text(question.type) + (fresh ? " fresh" : "") +
                    (client ? " for " + client->text() : ""));
    if (!explanation) return base::Error{"no explanation could be had in time"};
    return explanation;
  }
  base::Result<std::string> setCarbonServer(const std::string& servers, const std::string& ourName) override {
    calls.push_back("carbon " + servers + " " + ourName);
    return std::string("set\n");
  }
  rec::ConfigReload reload; // what reload-config finds
  base::Result<rec::ConfigReload> reloadConfiguration(rec::ReloadMode mode) override {
    rec::ConfigReload done = reload;
    const bool refused = mode == rec::ReloadMode::All && done.needsRestart();
    done.isApplied = mode != rec::ReloadMode::Show && !refused;
    if (done.isApplied) calls.push_back("configuration");
    return done;
  }
  base::Result<void> reloadAccessLists() override {
    calls.push_back("access lists");
    return {};
  }
  base::Result<void> reloadZones() override { return base::Error{"zones:3: no = after the zone"}; }
  void setMaxCacheEntries(std::uint64_t entries) override { calls.push_back("entries " + std::to_string(entries)); }
  void setMaxPacketcacheEntries(std::uint64_t entries) override {
    calls.push_back("packets " + std::to_string(entries));
  }
  void setMinimumTtl(std::uint32_t seconds) override { calls.push_back("ttl " + std::to_string(seconds)); }
  void setSubnetMinimumTtl(std::uint32_t seconds) override { calls.push_back("ecs ttl " + std::to_string(seconds)); }
  base::Result<std::string> reloadLuaConfig(const std::string& path) override {
    if (path == "/broken") return base::Error{"/broken:1: nonsense"};
    return path.empty() ? std::string("/etc/lua") : path;
  }
  base::Result<std::string> reloadLuaScript(const std::string& path) override {
    if (path == "/broken") return base::Error{"/broken:1: nonsense"};
    return path.empty() ? std::string("/etc/script.lua") : path;
  }
  base::Result<void> unloadLuaScript() override { return {}; }
  bool setLogBogus(bool on) override { return std::exchange(bogusLogged, on); }
  void setMaxAggressiveEntries(std::uint64_t entries) override {
    calls.push_back("aggressive " + std::to_string(entries));
  }
  void quit(bool nicely) override { calls.push_back(nicely ? "quit nicely" : "quit"); }
};
