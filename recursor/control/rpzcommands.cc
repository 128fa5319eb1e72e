// get-rpz-statistics: for each zone its figures, one a line, and the rules that decided most.
#include "recursor/control/rpzcommands.hh"

#include <algorithm>

#include "recursor/policy/rpzzones.hh"

namespace rec {
namespace {

std::string line(std::string_view name, const std::string& value) {
  constexpr std::size_t kColumn = 18;
  std::string text = "  " + std::string(name);
  text.resize(std::max(text.size() + 1, kColumn + 2), ' ');
  return text + value + "\n";
}

std::string textOf(const RpzZones::State& zone) {
  const auto number = [](std::string_view name, std::uint64_t value) { return line(name, std::to_string(value)); };
  std::string text = zone.name + "\n" + line("zone", zone.zone) + number("serial", zone.serial) +
                     number("records", zone.rules) + number("passed-over", zone.refused) + number("bytes", zone.bytes) +
                     number("hits", zone.hits) + number("transfers_success", zone.counts.success) +
                     number("transfers_full", zone.counts.full) + number("transfers_failed", zone.counts.failed) +
                     line("last_update", std::to_string(zone.counts.lastUpdate));
  for (const RuleHits::Rule& rule : zone.top) {
    text += line("rule", std::to_string(rule.hits) + " " + rule.trigger);
  }
  return text;
}

} // namespace

Reply getRpzStatistics(CommandCall& call) {
  std::string text;
  const auto states =
      call.target.rpzZones() != nullptr ? call.target.rpzZones()->states() : std::vector<RpzZones::State>();
  for (const std::string& name : call.arguments) {
    if (std::ranges::find(states, name, &RpzZones::State::name) == states.end()) {
      return failure("No RPZ zone named " + name);
    }
  }
  for (const RpzZones::State& zone : states) {
    const bool wanted = call.arguments.empty() || std::ranges::find(call.arguments, zone.name) != call.arguments.end();
    if (wanted) text += textOf(zone);
  }
  return success(std::move(text));
}

} // namespace rec
