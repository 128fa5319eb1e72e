// The table of settings, made from settings.def, and the defaults. See settings.hh.
#include "recursor/config/settings.hh"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <thread>

#include "recursor/config/values.hh"

namespace rec {

namespace {

template <SettingType T, auto Member>
base::Result<void> assignMember(Settings& settings, const SettingInfo& info, std::string_view text) {
  auto value = parseValue<T>(info, text);
  if (!value) return value.error();
  settings.*Member = std::move(*value);
  return {};
}

// For settings without a member: nothing is a value, everything else must parse.
template <SettingType T> base::Result<void> checkOnly(Settings&, const SettingInfo& info, std::string_view text) {
  if (text.empty()) return {};
  const auto value = parseValue<T>(info, text);
  if (!value) return value.error();
  return {};
}

#define ASSIGN_Works(field, type) &assignMember<SettingType::type, &Settings::field>
#define ASSIGN_Meaningless(field, type) &checkOnly<SettingType::type>
#define ASSIGN_Unsupported(field, type) &checkOnly<SettingType::type>
#define SETTING(field, name, type, defaultText, unit, min, max, changedBy, status, help)                               \
  SettingInfo{name, SettingType::type, defaultText,           unit, min,                                               \
              max,  changedBy,         SettingStatus::status, help, ASSIGN_##status(field, type)},
constexpr SettingInfo kSettings[] = {
#include "recursor/config/settings.def"
};
#undef SETTING
#undef ASSIGN_Works
#undef ASSIGN_Meaningless
#undef ASSIGN_Unsupported

std::string hostName() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "localhost";
  return name.data();
}

} // namespace

std::span<const SettingInfo> allSettings() { return kSettings; }

const SettingInfo* findSetting(std::string_view name) {
  const auto* row = std::ranges::find(kSettings, name, &SettingInfo::name);
  return row == std::ranges::end(kSettings) ? nullptr : row;
}

Settings defaultSettings() {
  Settings settings;
  for (const auto& info : kSettings) {
    const auto assigned = info.assign(settings, info, info.defaultText);
    if (!assigned) throw std::logic_error(std::string(info.name) + ": bad default: " + assigned.error().message);
  }
  fillIn(settings);
  return settings;
}

void fillIn(Settings& settings) {
  if (settings.threads == 0) settings.threads = std::max(1U, std::thread::hardware_concurrency());
  if (settings.serverId == "RUNTIME") settings.serverId = hostName();
  if (settings.versionString == "RUNTIME") settings.versionString = "Rootwalk " ROOTWALK_VERSION;
  for (auto& address : settings.localAddress) {
    if (address.port() == 0) address = address.withPort(settings.localPort);
  }
  for (auto& address : settings.webserverAddress) {
    if (address.port() == 0) address = address.withPort(settings.webserverPort);
  }
  for (auto& address : settings.proxyProtocolExceptions) {
    if (address.port() == 0) address = address.withPort(53);
  }
}

} // namespace rec
