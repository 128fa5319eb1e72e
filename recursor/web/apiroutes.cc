// JSON as PowerDNS's REST interface has it: see apiroutes.hh.
#include "recursor/web/apiroutes.hh"

#include <algorithm>

#include "recursor/control/json.hh"
#include "recursor/policy/rpzzones.hh"

namespace rec {

namespace {

std::string serverJson() {
  const std::string url = "/api/v1/servers/localhost";
  return jsonObject({{"type", jsonString("Server")},
                     {"id", jsonString("localhost")},
                     {"url", jsonString(url)},
                     {"daemon_type", jsonString("recursor")},
                     {"version", jsonString(ROOTWALK_VERSION)},
                     {"config_url", jsonString(url + "/config{/config_setting}")},
                     {"zones_url", jsonString(url + "/zones{/zone}")}});
}

bool isSecret(std::string_view name) {
  return name.find("password") != std::string_view::npos || name.find("api-key") != std::string_view::npos;
}

std::string settingJson(const Configuration& configuration, const SettingInfo& info) {
  const std::string value = configuration.text(info.name);
  return jsonObject({{"type", jsonString("ConfigSetting")},
                     {"name", jsonString(info.name)},
                     {"value", jsonString(isSecret(info.name) ? "***" : value)}});
}

std::string statisticJson(std::string_view name, std::uint64_t value) {
  return jsonObject({{"type", jsonString("StatisticItem")},
                     {"name", jsonString(name)},
                     {"value", jsonString(std::to_string(value))}});
}

bool isHidden(std::string_view name, const std::vector<std::string>& hidden) {
  return std::ranges::any_of(hidden, [name](const std::string& word) {
    return word.ends_with('*') ? name.starts_with(std::string_view(word).substr(0, word.size() - 1)) : name == word;
  });
}

std::string rpzJson(const RpzZones::State& state) {
  return jsonObject({{"transfers_failed", std::to_string(state.counts.failed)},
                     {"transfers_success", std::to_string(state.counts.success)},
                     {"transfers_full", std::to_string(state.counts.full)},
                     {"records", std::to_string(state.rules)},
                     {"last_update", std::to_string(state.counts.lastUpdate)},
                     {"serial", std::to_string(state.serial)}});
}

} // namespace

HttpResponse showApi(const WebCall& /*call*/) {
  return jsonResponse(jsonArray({jsonObject({{"version", "1"}, {"url", jsonString("/api/v1")}})}));
}

HttpResponse showVersion1(const WebCall& /*call*/) {
  return jsonResponse(
      jsonObject({{"server_url", jsonString("/api/v1/servers{/server}")}, {"api_features", jsonArray({})}}));
}

HttpResponse showServers(const WebCall& /*call*/) { return jsonResponse(jsonArray({serverJson()})); }

HttpResponse showServer(const WebCall& /*call*/) { return jsonResponse(serverJson()); }

HttpResponse showConfig(const WebCall& call) {
  const auto configuration = call.parts.target.configuration();
  std::vector<std::string> rows;
  for (const SettingInfo& info : allSettings()) rows.push_back(settingJson(*configuration, info));
  return jsonResponse(jsonArray(rows));
}

HttpResponse showSetting(const WebCall& call) {
  const SettingInfo* info = findSetting(call.id);
  if (info == nullptr) return errorResponse(404, "there is no such setting");
  return jsonResponse(settingJson(*call.parts.target.configuration(), *info));
}

Statistics::Values shownMetrics(const WebParts& parts) {
  Statistics::Values values = parts.target.statistics().all();
  std::erase_if(values,
                [&parts](const auto& entry) { return isHidden(entry.first, parts.settings->statsApiDisabledList); });
  return values;
}

HttpResponse showStatistics(const WebCall& call) {
  std::vector<std::string> rows;
  const std::string_view wanted = call.request.value("statistic");
  if (!wanted.empty()) {
    const auto value = call.parts.target.statistics().value(wanted);
    if (!value) return errorResponse(422, "Unknown statistic name");
    return jsonResponse(jsonArray({statisticJson(wanted, *value)}));
  }
  for (const auto& [name, value] : shownMetrics(call.parts)) rows.push_back(statisticJson(name, value));
  return jsonResponse(jsonArray(rows));
}

HttpResponse showRpzStatistics(const WebCall& call) {
  JsonMembers members;
  const RpzZones* zones = call.parts.target.rpzZones();
  const auto states = zones == nullptr ? std::vector<RpzZones::State>() : zones->states();
  for (const RpzZones::State& state : states) members.emplace_back(state.name, rpzJson(state));
  return jsonResponse(jsonObject(members));
}

HttpResponse flushCache(const WebCall& call) {
  const std::string_view domain = call.request.value("domain");
  const auto name = dns::Name::parse(domain);
  if (domain.empty() || !name) return errorResponse(422, "'domain' is needed, the name to clear from the caches");
  const std::string_view typeText = call.request.value("type");
  const auto type = typeText.empty() ? std::nullopt : dns::parseRRType(typeText);
  if (!typeText.empty() && !type) return errorResponse(422, "'type' is not a record type");
  const std::lock_guard turn(call.parts.target.turn);
  const WipeCounts wiped = call.parts.target.wipeCache(*name, call.request.value("subtree") == "true", type);
  const std::size_t count = wiped.records + wiped.negatives + wiped.packets;
  return jsonResponse(jsonObject({{"count", std::to_string(count)}, {"result", jsonString("Flushed cache.")}}));
}

} // namespace rec
