// yamlnames.def, and the rule for settings that are not in it: section recursor, with _ for -.
#include "recursor/config/yamlnames.hh"

#include <algorithm>
#include <array>

namespace rec {

namespace {

struct Row {
  std::string_view setting, section, name;
};

constexpr Row kRows[] = {
#define NAME(setting, section, name) {setting, section, name},
#include "recursor/config/yamlnames.def"
#undef NAME
};

constexpr std::string_view kOwnSection = "recursor";

// They have no name in recursor.conf.
constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kOnlyPowerDns{
    {{"logging", "dnstap_framestream_servers"},
     {"logging", "dnstap_nod_framestream_servers"},
     {"logging", "opentelemetry_trace_conditions"},
     {"logging", "outgoing_protobuf_servers"},
     {"logging", "protobuf_mask_v4"},
     {"logging", "protobuf_mask_v6"},
     {"logging", "protobuf_servers"},
     {"outgoing", "tls_configurations"},
     {"recordcache", "zonetocaches"},
     {"recursor", "forwarding_catalog_zones"},
     {"webservice", "listen"}}};

std::string snakeCase(std::string_view setting) {
  std::string name(setting);
  std::ranges::replace(name, '-', '_');
  return name;
}

} // namespace

YamlName yamlNameOf(const SettingInfo& setting) {
  const auto* row = std::ranges::find(kRows, setting.name, &Row::setting);
  if (row != std::ranges::end(kRows)) return {std::string(row->section), std::string(row->name)};
  return {std::string(kOwnSection), snakeCase(setting.name)};
}

const SettingInfo* settingAt(std::string_view section, std::string_view name) {
  for (const Row& row : kRows) {
    if (row.section == section && row.name == name) return findSetting(row.setting);
  }
  if (section != kOwnSection) return nullptr;
  std::string own(name);
  std::ranges::replace(own, '_', '-');
  const SettingInfo* setting = findSetting(own);
  const bool isElsewhere =
      setting != nullptr && std::ranges::find(kRows, setting->name, &Row::setting) != std::ranges::end(kRows);
  return isElsewhere ? nullptr : setting;
}

bool isOnlyPowerDns(std::string_view section, std::string_view name) {
  return std::ranges::find(kOnlyPowerDns, std::pair(section, name)) != kOnlyPowerDns.end();
}

} // namespace rec
