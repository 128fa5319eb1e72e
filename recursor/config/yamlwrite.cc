// Settings written as recursor.yml: sections in alphabetical order, lists one item a line, zones as objects.
#include <algorithm>

#include "recursor/config/values.hh"
#include "recursor/config/yamlconfig.hh"
#include "recursor/config/yamlnames.hh"
#include "recursor/config/zones.hh"

namespace rec {

using base::Error;
using base::Result;

namespace {

bool isNumber(SettingType type) {
  return type == SettingType::U16 || type == SettingType::U32 || type == SettingType::U64 ||
         type == SettingType::Double || type == SettingType::Millis || type == SettingType::Seconds;
}

// In quotes, whatever it is.
std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("''") : std::string(1, c);
  return out + "'";
}

std::string flag(bool is) { return is ? "true" : "false"; }

std::string scalar(const SettingInfo& setting, const std::string& text) {
  if (setting.type == SettingType::Bool) {
    const auto is = parseBool(text);
    if (is) return flag(*is);
  }
  return isNumber(setting.type) && !text.empty() ? text : quoted(text);
}

std::string items(const std::string& text) {
  std::string out;
  for (const auto word : split(text, kListSeparators)) out += "\n    - " + quoted(word);
  return out.empty() ? " []" : out;
}

Result<std::string> forwardZones(const SettingInfo& setting, const std::string& text) {
  std::string out;
  const bool recurse = setting.name == "forward-zones-recurse";
  for (const auto word : split(text, kListSeparators)) {
    const auto zones = parseForwardZones(word, recurse);
    if (!zones) return zones.error();
    const auto equals = word.find('=');
    const auto servers = word.substr(equals + 1);
    const auto name = word.substr(word.find_first_not_of("+^"), equals - word.find_first_not_of("+^"));
    out += "\n    - zone: " + quoted(trim(name)) + "\n      recurse: " + flag(zones->front().recurse) +
           (zones->front().notifyAllowed ? "\n      notify_allowed: true" : "") + "\n      forwarders:";
    for (const auto server : split(servers, ";")) out += "\n        - " + quoted(trim(server));
  }
  return out.empty() ? " []" : out;
}

Result<std::string> authZones(const std::string& text) {
  const auto zones = parseAuthZones(text);
  if (!zones) return zones.error();
  std::string out;
  for (const auto word : split(text, kListSeparators)) {
    const auto equals = word.find('=');
    out += "\n    - zone: " + quoted(trim(word.substr(0, equals))) +
           "\n      file: " + quoted(trim(word.substr(equals + 1)));
  }
  return out.empty() ? " []" : out;
}

// What stands behind the colon.
Result<std::string> valueOf(const SettingInfo& setting, const std::string& text) {
  if (std::ranges::any_of(text, [](char c) { return c < 0x20 || c > 0x7E; })) {
    return Error{"has characters other than printable ASCII: write it by hand"};
  }
  if (setting.type == SettingType::ForwardZones) return forwardZones(setting, text);
  if (setting.type == SettingType::AuthZones) return authZones(text);
  const bool isList = isListType(setting.type) && setting.type != SettingType::CpuMap;
  return isList ? items(text) : " " + scalar(setting, text);
}

} // namespace

Result<std::string> toYaml(const std::map<std::string, Configuration::Written, std::less<>>& written) {
  std::map<std::string, std::map<std::string, std::string>> sections;
  for (const auto& [name, value] : written) {
    const SettingInfo* setting = findSetting(name);
    if (setting == nullptr) continue;
    auto text = valueOf(*setting, value.text);
    if (!text) return Error{value.where + ": " + name + ": " + text.error().message};
    const YamlName place = yamlNameOf(*setting);
    sections[place.section][place.name] = std::move(*text);
  }
  std::string out;
  for (const auto& [section, settings] : sections) {
    out += section + ":\n";
    for (const auto& [name, text] : settings) out += "  " + name + ":" + text + "\n";
  }
  return out;
}

} // namespace rec
