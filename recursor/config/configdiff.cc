// Comparing two configurations: see configdiff.hh.
#include "recursor/config/configdiff.hh"

#include <algorithm>

#include "recursor/config/values.hh"

namespace rec {

bool ConfigReload::needsRestart() const {
  return std::ranges::any_of(changes, [](const SettingChange& change) { return change.needsRestart(); });
}

bool ConfigReload::has(std::string_view name) const {
  return std::ranges::any_of(changes, [name](const SettingChange& change) { return change.setting->name == name; });
}

bool ConfigReload::hasAnyOf(std::initializer_list<std::string_view> names) const {
  return std::ranges::any_of(names, [this](std::string_view name) { return has(name); });
}

std::vector<SettingChange> changesBetween(const Configuration& before, const Configuration& after) {
  std::vector<SettingChange> changes;
  for (const SettingInfo& info : allSettings()) {
    if (info.status != SettingStatus::Works) continue;
    SettingChange change{&info, normalValue(info, before.text(info.name)), normalValue(info, after.text(info.name))};
    if (change.before != change.after) changes.push_back(std::move(change));
  }
  return changes;
}

std::string describeChanges(const std::vector<SettingChange>& changes) {
  std::string text;
  for (const SettingChange& change : changes) {
    text += std::string(change.setting->name) + ": '" + change.before + "' -> '" + change.after + "'" +
            (change.needsRestart() ? " (needs a restart)" : "") + "\n";
  }
  return text;
}

} // namespace rec
