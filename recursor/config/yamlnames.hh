// The names of settings in recursor.yml: a section and a name in it, as PowerDNS Recursor has them since version 5.
#pragma once

#include <string>
#include <string_view>

#include "recursor/config/settings.hh"

namespace rec {

struct YamlName {
  std::string section, name;
};

[[nodiscard]] YamlName yamlNameOf(const SettingInfo& setting);
// Null: there is no such setting.
[[nodiscard]] const SettingInfo* settingAt(std::string_view section, std::string_view name);
// Whether PowerDNS has it there and nowhere else, and this build does not do it.
[[nodiscard]] bool isOnlyPowerDns(std::string_view section, std::string_view name);

} // namespace rec
