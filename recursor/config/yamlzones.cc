// Each zone is put into the words of the classic form and read by its parser (zones.hh), so that both mean the same.
#include "recursor/config/yamlzones.hh"

#include <optional>

#include "recursor/config/values.hh"
#include "recursor/config/zones.hh"

namespace rec {

using base::Error;
using base::Result;

namespace {

// A zone as it is written.
struct Draft {
  std::string zone, forwarders; // the latter with ; between them
  std::optional<bool> recurse;
  bool notify = false;
};

Result<std::string> word(const YamlNode& node, std::string_view separators) {
  if (!node.isScalar() || node.text.empty()) return Error{"a text is needed"};
  if (node.text.find_first_of(separators) != std::string::npos) {
    return Error{"'" + node.text + "' must not have blanks, commas or semicolons in it"};
  }
  return node.text;
}

Result<bool> truth(const YamlNode& node) {
  if (node.isScalar() && node.text == "true") return true;
  if (node.isScalar() && node.text == "false") return false;
  return Error{"'" + node.text + "' is neither true nor false"};
}

Result<void> readForwarders(Draft& draft, const YamlNode& node, const YamlNode*& guilty) {
  if (!node.isSequence()) return Error{"forwarders is a list"};
  for (const YamlNode& item : node.items) {
    guilty = &item;
    const auto forwarder = word(item, ";, \t\n");
    if (!forwarder) return forwarder.error();
    draft.forwarders += (draft.forwarders.empty() ? "" : ";") + *forwarder;
  }
  return {};
}

Result<void> readKey(Draft& draft, const std::string& key, const YamlNode& value, const YamlNode*& guilty) {
  guilty = &value;
  if (key == "forwarders") return readForwarders(draft, value, guilty);
  if (key == "zone") {
    const auto zone = word(value, ";, \t\n=");
    if (!zone) return zone.error();
    draft.zone = *zone;
    return {};
  }
  if (key != "recurse" && key != "notify_allowed") return Error{"'" + key + "' is no key of a zone"};
  const auto is = truth(value);
  if (!is) return is.error();
  if (key == "recurse") {
    draft.recurse = *is;
  } else {
    draft.notify = *is;
  }
  return {};
}

Result<Draft> readDraft(const YamlNode& node, const std::string& fileName) {
  if (!node.isMapping()) return yamlError(fileName, node, "a zone has the keys zone and forwarders");
  Draft draft;
  for (const auto& [key, value] : node.entries) {
    const YamlNode* guilty = &value;
    if (const auto read = readKey(draft, key, value, guilty); !read) {
      return yamlError(fileName, *guilty, read.error().message);
    }
  }
  if (draft.zone.empty()) return yamlError(fileName, node, "a zone without a name");
  return draft;
}

} // namespace

Result<std::vector<ForwardZone>> parseYamlForwardZones(std::string_view content, const std::string& fileName) {
  const auto root = parseYaml(content, fileName);
  if (!root) return root.error();
  std::vector<ForwardZone> zones;
  if (root->isNull()) return zones;
  if (!root->isSequence()) return yamlError(fileName, *root, "the file is a list of zones, each begun with '- '");
  for (const YamlNode& node : root->items) {
    const auto draft = readDraft(node, fileName);
    if (!draft) return draft.error();
    auto zone = parseForwardZone(draft->zone + "=" + draft->forwarders, ";", draft->recurse.value_or(false));
    if (!zone) return yamlError(fileName, node, zone.error().message);
    zone->notifyAllowed = draft->notify;
    zones.push_back(*std::move(zone));
  }
  return zones;
}

Result<std::vector<std::string>> forwardZoneWords(const YamlNode& zones, const std::string& fileName, bool recurse) {
  std::vector<std::string> words;
  for (const YamlNode& node : zones.items) {
    const auto draft = readDraft(node, fileName);
    if (!draft) return draft.error();
    if (recurse && !draft->recurse.value_or(true)) {
      return yamlError(fileName, node, "zones of forward_zones_recurse are always asked to recurse");
    }
    const auto flags =
        std::string(draft->recurse.value_or(recurse) && !recurse ? "+" : "") + (draft->notify ? "^" : "");
    words.push_back(flags + draft->zone + "=" + draft->forwarders);
    if (const auto zone = parseForwardZones(words.back(), recurse); !zone) {
      return yamlError(fileName, node, zone.error().message);
    }
  }
  return words;
}

Result<std::vector<std::string>> authZoneWords(const YamlNode& zones, const std::string& fileName) {
  std::vector<std::string> words;
  for (const YamlNode& node : zones.items) {
    if (!node.isMapping()) return yamlError(fileName, node, "a zone has the keys zone and file");
    std::string zone, file;
    for (const auto& [key, value] : node.entries) {
      if (key != "zone" && key != "file") return yamlError(fileName, value, "'" + key + "' is no key of a zone");
      const auto text = word(value, ", \t\n");
      if (!text) return yamlError(fileName, value, text.error().message);
      (key == "zone" ? zone : file) = *text;
    }
    words.push_back(zone + "=" + file);
    if (const auto parsed = parseAuthZones(words.back()); !parsed) {
      return yamlError(fileName, node, parsed.error().message);
    }
  }
  return words;
}

} // namespace rec
