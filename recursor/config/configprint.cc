// Settings as text: see configprint.hh.
#include "recursor/config/configprint.hh"

#include "recursor/config/values.hh"

namespace rec {

namespace {

std::string_view typeName(SettingType type) {
  switch (type) {
  case SettingType::Bool: return "yes or no";
  case SettingType::U16:
  case SettingType::U32:
  case SettingType::U64:
  case SettingType::Double:
  case SettingType::Millis:
  case SettingType::Seconds: return "number";
  case SettingType::String: return "text";
  case SettingType::Choice: return "word";
  case SettingType::Path: return "path";
  case SettingType::Octal: return "octal number";
  case SettingType::Addresses: return "addresses";
  case SettingType::Netmasks: return "networks";
  case SettingType::Prefix: return "network";
  case SettingType::Names: return "names";
  case SettingType::Strings: return "words";
  case SettingType::Ports: return "ports";
  case SettingType::CpuMap: return "worker=cpu,cpu ...";
  case SettingType::ForwardZones: return "zone=address;address, ...";
  case SettingType::AuthZones: return "zone=file, ...";
  }
  return "";
}

bool isShown(const SettingInfo& info) { return info.status == SettingStatus::Works; }

std::string code(std::string_view text) { return text.empty() ? "" : "`" + std::string(text) + "`"; }

void addTable(std::string& page, SettingStatus status) {
  page += "| name | default | type | changed by | meaning |\n|---|---|---|---|---|\n";
  for (const auto& info : allSettings()) {
    if (info.status != status) continue;
    page += "| " + code(info.name) + " | " + code(info.defaultText) + " | " + typeText(info) + " | " +
            code(info.changedBy) + " | " + std::string(info.help) + " |\n";
  }
}

void addList(std::string& page, SettingStatus status) {
  page += "| name | |\n|---|---|\n";
  for (const auto& info : allSettings()) {
    if (info.status == status) page += "| " + code(info.name) + " | " + std::string(info.help) + " |\n";
  }
}

} // namespace

std::string typeText(const SettingInfo& info) {
  if (info.type == SettingType::Choice) {
    std::string words;
    for (const auto word : split(info.unit, "|")) words += (words.empty() ? "" : ", ") + std::string(word);
    return words;
  }
  std::string text(typeName(info.type));
  if (!info.unit.empty()) text += " (" + std::string(info.unit) + ")";
  if (info.max != 0 && info.type != SettingType::Octal) {
    text += ", " + std::to_string(info.min) + " to " + std::to_string(info.max);
  } else if (info.min != 0) {
    text += ", at least " + std::to_string(info.min);
  }
  return text;
}

std::string showSettings(const Configuration& configuration) {
  std::string text;
  for (const auto& info : allSettings()) {
    if (!isShown(info)) continue;
    text +=
        "# " + std::string(info.help) + "\n" + std::string(info.name) + "=" + configuration.text(info.name) + "\n\n";
  }
  return text;
}

std::string showDefaults() {
  std::string text;
  for (const auto& info : allSettings()) {
    if (!isShown(info)) continue;
    text +=
        "# " + std::string(info.help) + "\n# " + std::string(info.name) + "=" + std::string(info.defaultText) + "\n\n";
  }
  return text;
}

std::string showDifferences(const Configuration& configuration) {
  std::string text;
  for (const auto& info : allSettings()) {
    const auto now = configuration.text(info.name);
    if (now == normalValue(info, info.defaultText)) continue;
    text += std::string(info.name) + "=" + now + "\n";
  }
  return text;
}

std::string settingsMarkdown() {
  std::string page =
      "# Settings\n\n"
      "In `recursor.conf` as `name=value`, or on the command line as `--name=value`, which overrides the "
      "file. Lists are separated by commas or blanks; `name+=value` adds to a list. This page is made "
      "from `recursor/config/settings.def`.\n\n";
  addTable(page, SettingStatus::Works);
  page += "\n## Without a meaning here\n\nSettings of PowerDNS's that are accepted with a warning, and why.\n\n";
  addList(page, SettingStatus::Meaningless);
  page += "\n## Not supported (yet)\n\nSettings of PowerDNS's. Giving one another value than PowerDNS's default is an "
          "error.\n\n";
  addList(page, SettingStatus::Unsupported);
  return page;
}

} // namespace rec
