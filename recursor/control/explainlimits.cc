// The limits and rebinding of explain: what would apply, as lines and as JSON.
#include "recursor/control/explainlimits.hh"

#include "recursor/control/json.hh"

namespace rec {

ExplainedLimits limitsNow(ControlTarget& target, const base::Address& client, const dns::Name& name) {
  ExplainedLimits limits;
  const bool inForce = target.configuration()->settings->rateLimiting != "log-only";
  for (const bool tcp : {false, true}) {
    const LimitReason reason = target.limitOf(client, tcp, name);
    if (reason != LimitReason::None) {
      limits.reached.push_back({settingOf(reason), tcp ? "TCP" : "UDP", std::nullopt, inForce});
    }
  }
  if (auto zone = target.crowdedZoneOf(name)) {
    limits.reached.push_back({"fetches-per-zone", {}, std::move(zone), true});
  }
  return limits;
}

std::optional<ExplainedRebinding> rebindingIn(ControlTarget& target, const std::vector<AgedRRset>& answer) {
  const RebindGuard guard(*target.configuration()->settings);
  auto finding = guard.look(answer, [&target](const dns::Name& owner) { return target.isOperators(owner); });
  if (!finding) {
    return std::nullopt;
  }
  return ExplainedRebinding{guard.action(), std::move(*finding)};
}

std::string limitsText(const ExplainedLimits& limits) {
  std::string text;
  for (const ExplainedLimits::Limit& limit : limits.reached) {
    text += "Limits      beyond " + std::string(limit.setting);
    text += limit.transport.empty() ? "" : " over " + std::string(limit.transport);
    text += limit.zone ? " of " + limit.zone->text() : "";
    text +=
        limit.inForce ? ": limited now, unless a cache has the answer\n" : ": only counted (rate-limiting=log-only)\n";
  }
  return text;
}

std::string limitsJson(const ExplainedLimits& limits) {
  std::vector<std::string> all;
  for (const ExplainedLimits::Limit& limit : limits.reached) {
    all.push_back(jsonObject({{"limit", jsonString(limit.setting)},
                              {"transport", limit.transport.empty() ? "null" : jsonString(limit.transport)},
                              {"zone", limit.zone ? jsonString(limit.zone->text()) : "null"},
                              {"in_force", jsonBool(limit.inForce)}}));
  }
  return jsonArray(all);
}

std::string rebindingText(const std::optional<ExplainedRebinding>& rebinding) {
  if (!rebinding) {
    return {};
  }
  const bool isRefused = rebinding->action == RebindGuard::Action::Refuse;
  return "Rebinding   " + rebinding->finding.address.text() + " of " + rebinding->finding.owner.text() +
         " is private: " + (isRefused ? "the question is refused" : "such addresses are removed") +
         " (stop-dns-rebind)\n";
}

std::string rebindingJson(const std::optional<ExplainedRebinding>& rebinding) {
  if (!rebinding) {
    return "null";
  }
  const bool isRefused = rebinding->action == RebindGuard::Action::Refuse;
  return jsonObject({{"address", jsonString(rebinding->finding.address.text())},
                     {"owner", jsonString(rebinding->finding.owner.text())},
                     {"action", jsonString(isRefused ? "refuse" : "remove")}});
}

} // namespace rec
