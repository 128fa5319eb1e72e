// What the dashboard shows, as JSON: see dashboardroutes.hh and docs/web.md.
#include "recursor/web/dashboardroutes.hh"

#include <array>
#include <charconv>
#include <cstdio>

#include "recursor/control/explainwhole.hh"
#include "recursor/control/json.hh"
#include "recursor/policy/rpzzones.hh"
#include "recursor/web/apiroutes.hh"
#include "recursor/web/history.hh"

namespace rec {

namespace {

std::string number(double value) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.3f", value);
  return text.data();
}

std::string milliseconds(std::chrono::microseconds time) { return number(static_cast<double>(time.count()) / 1000); }

std::string metricsJson(const WebParts& parts) {
  const Statistics::Values values = shownMetrics(parts);
  JsonMembers members;
  for (const auto& [name, value] : values) members.emplace_back(name, std::to_string(value));
  return jsonObject(members);
}

std::string upstreamJson(const UpstreamResolver& upstream) {
  const UpstreamResolver::View view = upstream.view();
  const UpstreamResolver::Totals totals = upstream.totals();
  const char* state = upstream.loops() ? "loops" : view.down ? "down" : view.known ? "up" : "unknown";
  return jsonObject({{"name", jsonString(upstream.endpoint().text())},
                     {"state", jsonString(state)},
                     {"usual_ms", milliseconds(view.usual)},
                     {"p95_ms", milliseconds(view.p95)},
                     {"late_percent", number(view.lateness * 100)},
                     {"under_way", std::to_string(view.underWay)},
                     {"asked", std::to_string(totals.asked)},
                     {"useful", std::to_string(totals.useful)},
                     {"useless", std::to_string(totals.useless)},
                     {"failed", std::to_string(totals.failed)},
                     {"late", std::to_string(totals.late)},
                     {"cancelled", std::to_string(totals.cancelled)}});
}

std::string listJson(const BlockListKeeper::Row& row) {
  return jsonObject({{"name", jsonString(row.name)},
                     {"kind", jsonString("list")},
                     {"action", jsonString(row.action)},
                     {"shadow", jsonBool(row.shadow)},
                     {"rules", std::to_string(row.rules)},
                     {"bytes", std::to_string(row.bytes)},
                     {"hits", std::to_string(row.applied)},
                     {"shadow_hits", std::to_string(row.shadowed)},
                     {"error", jsonString(row.error)}});
}

std::string zoneJson(const RpzZones::State& state) {
  std::vector<std::string> top;
  for (const RuleHits::Rule& rule : state.top) {
    top.push_back(jsonArray({jsonString(rule.trigger), std::to_string(rule.hits)}));
  }
  return jsonObject({{"name", jsonString(state.name)},
                     {"kind", jsonString("rpz")},
                     {"rules", std::to_string(state.rules)},
                     {"bytes", std::to_string(state.bytes)},
                     {"hits", std::to_string(state.hits)},
                     {"serial", std::to_string(state.serial)},
                     {"last_update", std::to_string(state.counts.lastUpdate)},
                     {"top", jsonArray(top)}});
}

std::string policiesJson(ControlTarget& target) {
  std::vector<std::string> rows;
  for (const auto& row : target.blockLists().rows()) rows.push_back(listJson(row));
  const RpzZones* zones = target.rpzZones();
  for (const auto& state : zones ? zones->states() : std::vector<RpzZones::State>()) rows.push_back(zoneJson(state));
  return jsonArray(rows);
}

std::int64_t secondsSince1970(base::WallTime time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

// As a client at that address is answered, when one is named.
base::Result<ExplainWanted> wantedOf(const HttpRequest& request) {
  const std::string_view nameText = request.value("name"), typeText = request.value("type"),
                         clientText = request.value("client");
  auto name = dns::Name::parse(nameText);
  if (nameText.empty() || !name) return base::Error{"'name' is needed, the name to explain"};
  const auto type = typeText.empty() ? dns::RRType::A : dns::parseRRType(typeText);
  if (!type) return base::Error{"'type' is not a record type"};
  const auto client = base::Address::parse(clientText.empty() ? "127.0.0.1" : clientText);
  if (!client) return base::Error{"'client' is not an address"};
  ExplainWanted wanted;
  wanted.question = {std::move(*name), *type, dns::RRClass::IN};
  wanted.client = *client;
  const std::uint8_t bits = client->isV4() ? 32 : 128;
  if (!clientText.empty()) wanted.from = base::Netmask{*client, bits};
  wanted.isFresh = request.value("fresh") == "1";
  wanted.withTrace = true;
  return wanted;
}

} // namespace

HttpResponse showSnapshot(const WebCall& call) {
  ControlTarget& target = call.parts.target;
  std::vector<std::string> upstreams;
  for (const UpstreamPtr& upstream : target.upstreams()) upstreams.push_back(upstreamJson(*upstream));
  const Settings& settings = *call.parts.settings;
  return jsonResponse(jsonObject({{"time", std::to_string(secondsSince1970(target.now()))},
                                  {"version", jsonString(ROOTWALK_VERSION)},
                                  {"server_id", jsonString(settings.serverId)},
                                  {"threads", std::to_string(settings.threads)},
                                  {"max_memory", std::to_string(settings.maxMemory)},
                                  {"metrics", metricsJson(call.parts)},
                                  {"upstreams", jsonArray(upstreams)}}));
}

HttpResponse showPolicies(const WebCall& call) { return jsonResponse(policiesJson(call.parts.target)); }

HttpResponse showHistory(const WebCall& call) {
  const std::string_view span = call.request.value("span"), sinceText = call.request.value("since");
  const bool isMinutes = span == "minutes";
  if (!span.empty() && !isMinutes && span != "seconds") return errorResponse(422, "'span' is seconds or minutes");
  std::int64_t since = 0;
  const auto read = std::from_chars(sinceText.data(), sinceText.data() + sinceText.size(), since);
  if (!sinceText.empty() && (read.ec != std::errc() || read.ptr != sinceText.data() + sinceText.size())) {
    return errorResponse(422, "'since' is a time in seconds since 1970");
  }
  return jsonResponse(call.parts.history.json(isMinutes ? History::Span::Minutes : History::Span::Seconds, since));
}

HttpResponse explainName(const WebCall& call) {
  auto wanted = wantedOf(call.request);
  if (!wanted) return errorResponse(422, wanted.error().message);
  const auto whole = ExplainedWhole::of(call.parts.target, std::move(*wanted));
  if (!whole) return errorResponse(503, whole.error().message);
  return jsonResponse(jsonObject({{"text", jsonString(whole->text())}, {"explanation", whole->json()}}));
}

} // namespace rec
