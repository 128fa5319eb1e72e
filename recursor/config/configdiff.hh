// What a configuration that was read again changes, setting by setting, and which of the changes need a restart. Made
// by the daemon for rec_control reload-config; pure.
#pragma once

#include <string>
#include <vector>

#include "recursor/config/configuration.hh"

namespace rec {

struct SettingChange {
  const SettingInfo* setting = nullptr;
  std::string before, after;
  [[nodiscard]] bool needsRestart() const { return setting->changedBy.empty(); }
};

enum class ReloadMode {
  Show,   // nothing is changed
  All,    // all changes, or none when one of them needs a restart
  Partial // all changes but those that need a restart
};

struct ConfigReload {
  std::vector<SettingChange> changes; // in the order of settings.def
  std::vector<std::string> warnings;  // of the configuration that was read
  bool isApplied = false;

  [[nodiscard]] bool needsRestart() const;
  [[nodiscard]] bool has(std::string_view name) const; // whether that setting changes
  [[nodiscard]] bool hasAnyOf(std::initializer_list<std::string_view> names) const;
};

// Only settings that mean something here.
[[nodiscard]] std::vector<SettingChange> changesBetween(const Configuration& before, const Configuration& after);

// "max-cache-ttl: '86400' -> '3600'", with a note when it needs a restart; a line each.
[[nodiscard]] std::string describeChanges(const std::vector<SettingChange>& changes);

} // namespace rec
