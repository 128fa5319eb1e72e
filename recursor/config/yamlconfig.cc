// Reading recursor.yml: root() -> section() -> value(): a node becomes the text that recursor.conf would have.
#include "recursor/config/yamlconfig.hh"

#include <algorithm>

#include "recursor/config/values.hh"
#include "recursor/config/yamllua.hh"
#include "recursor/config/yamlnames.hh"
#include "recursor/config/yamltree.hh"
#include "recursor/config/yamlzones.hh"

namespace rec {

using base::Error;
using base::Result;

namespace {

constexpr std::string_view kOverride = "!override";

class Reader {
 public:
  Reader(const std::string& fileName, bool included) : d_fileName(fileName), d_included(included) {}

  Result<std::vector<Assignment>> root(const YamlNode& node) {
    if (node.isNull()) return std::move(d_assignments);
    if (!node.isMapping()) return yamlError(d_fileName, node, "the file has sections, such as 'incoming:'");
    for (const auto& [name, content] : node.entries) {
      if (const auto read = section(name, content); !read) return read.error();
    }
    if (d_lua == nullptr) return std::move(d_assignments);
    if (d_included) return yamlError(d_fileName, *d_lua, "trust anchors and policy zones stand in the main file");
    if (std::ranges::find(d_assignments, "lua-config-file", &Assignment::key) != d_assignments.end()) {
      return yamlError(d_fileName, *d_lua, "either stands here, or in recursor.lua_config_file, not both");
    }
    add("lua-config-file", d_fileName, *d_lua, false);
    return std::move(d_assignments);
  }

 private:
  void add(std::string key, std::string value, const YamlNode& node, bool append) {
    d_assignments.push_back({std::move(key), std::move(value), append, d_fileName + ":" + std::to_string(node.line)});
  }

  Result<void> section(const std::string& sectionName, const YamlNode& content) {
    if (content.isNull()) return {};
    if (!content.isMapping()) return yamlError(d_fileName, content, sectionName + ": a section has settings");
    for (const auto& [name, node] : content.entries) {
      if (isYamlLuaPart(sectionName, name)) {
        d_lua = &node;
        continue;
      }
      const SettingInfo* setting = settingAt(sectionName, name);
      if (setting == nullptr && isOnlyPowerDns(sectionName, name)) {
        return yamlError(d_fileName, node, sectionName + "." + name + ": not supported (yet)");
      }
      if (setting == nullptr) { // said to be unknown, or ignored, where all assignments are
        add(sectionName + "." + name, "", node, false);
        continue;
      }
      const auto text = value(*setting, node);
      if (!text) return text.error();
      const bool append = d_included && isListType(setting->type) && node.isSequence() && node.tag != kOverride;
      add(std::string(setting->name), *text, node, append);
    }
    return {};
  }

  Result<std::string> value(const SettingInfo& setting, const YamlNode& node) {
    if (node.isNull()) return std::string();
    if (node.isScalar()) return node.text;
    const auto problem = [&](const YamlNode& at, const std::string& what) {
      return yamlError(d_fileName, at, std::string(setting.name) + ": " + what);
    };
    if (!node.isSequence()) return problem(node, "a value or a list is needed");
    if (!isListType(setting.type)) return problem(node, "is not a list");
    if (setting.type == SettingType::ForwardZones) {
      return joined(forwardZoneWords(node, d_fileName, setting.name == "forward-zones-recurse"));
    }
    if (setting.type == SettingType::AuthZones) return joined(authZoneWords(node, d_fileName));
    std::vector<std::string> words;
    for (const YamlNode& item : node.items) {
      auto word = itemOf(setting, item);
      if (!word) return problem(item, word.error().message);
      words.push_back(std::move(*word));
    }
    return join(words, setting.type == SettingType::CpuMap ? " " : ", ");
  }

  static Result<std::string> joined(const Result<std::vector<std::string>>& words) {
    if (!words) return words.error();
    return join(*words, ", ");
  }

  // keepwarm has objects with a name and a type, everything else has words.
  static Result<std::string> itemOf(const SettingInfo& setting, const YamlNode& item) {
    const YamlNode* name = setting.name == "keepwarm" && item.isMapping() ? item.find("qname") : nullptr;
    const YamlNode* type = name != nullptr ? item.find("qtype") : nullptr;
    const std::string text = name == nullptr ? item.text : name->text + (type == nullptr ? "" : "/" + type->text);
    if (name == nullptr && !item.isScalar()) return Error{"each item has to be a value"};
    const bool commasInside = setting.type == SettingType::CpuMap;
    if (text.empty() || text.find_first_of(commasInside ? " \t\r\n" : kListSeparators) != std::string::npos) {
      return Error{"'" + text + "' must be one word, without blanks or commas"};
    }
    return text;
  }

  const std::string& d_fileName;
  const bool d_included;
  const YamlNode* d_lua = nullptr; // the last of what stands for the Lua configuration
  std::vector<Assignment> d_assignments;
};

} // namespace

Result<std::vector<Assignment>> parseYamlConfig(std::string_view content, const std::string& fileName, bool included) {
  const auto root = parseYaml(content, fileName);
  if (!root) return root.error();
  return Reader(fileName, included).root(*root);
}

} // namespace rec
