// YAML to Lua calls. All text of the file ends up in quoted Lua strings or is checked to be a number or an option's
// name.
#include "recursor/config/yamllua.hh"

#include <algorithm>
#include <array>
#include <map>

#include "recursor/config/yamltree.hh"

namespace rec {

using base::Error;
using base::Result;

namespace {

std::string quoted(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789";
  std::string out = "\"";
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    const bool plain = octet >= 0x20 && octet != '"' && octet != '\\' && octet != 0x7F;
    if (plain) {
      out += c;
    } else {
      out += {'\\', kDigits[octet / 100], kDigits[octet / 10 % 10], kDigits[octet % 10]};
    }
  }
  return out + "\"";
}

bool isNumber(const YamlNode& node) {
  const auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
  return !node.quoted && !node.text.empty() && node.text.size() < 16 && std::ranges::all_of(node.text, isDigit);
}

bool isWord(std::string_view text) {
  const auto isLetter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !text.empty() && std::ranges::all_of(text, isLetter);
}

class Writer {
 public:
  explicit Writer(const std::string& fileName) : d_fileName(fileName) {}

  Result<void> part(std::string_view name, const YamlNode& node) {
    if (node.isNull() || (node.isSequence() && node.items.empty())) return {};
    if (name == "trustanchorfile_interval") return {}; // goes with the file
    if (name == "trustanchorfile") return Error{yamlError(d_fileName, node, "a path is needed")};
    if (!node.isSequence()) return yamlError(d_fileName, node, std::string(name) + " is a list");
    for (const YamlNode& item : node.items) {
      if (!item.isMapping()) return yamlError(d_fileName, item, "each item has keys");
      const auto done = name == "trustanchors"            ? anchor(item)
                        : name == "negative_trustanchors" ? negativeAnchor(item)
                        : name == "rpzs"                  ? rpz(item)
                                                          : blockList(item);
      if (!done) return done;
    }
    return {};
  }

  Result<void> anchorFile(const YamlNode& path, const YamlNode* hours) {
    if (path.isNull() || path.text.empty()) return {};
    if (hours != nullptr && !isNumber(*hours)) return yamlError(d_fileName, *hours, "a number of hours is needed");
    call(path, "readTrustAnchorsFromFile(" + quoted(path.text) + (hours == nullptr ? "" : ", " + hours->text) + ")");
    return {};
  }

  [[nodiscard]] std::string text() const {
    std::string out;
    std::size_t line = 1;
    for (const auto& [at, calls] : d_calls) {
      out.append(at - line, '\n');
      out += calls;
      line = at;
    }
    return out;
  }

 private:
  void call(const YamlNode& node, const std::string& text) {
    std::string& calls = d_calls[node.line];
    calls += (calls.empty() ? "" : "; ") + text;
  }

  Result<std::string> scalar(const YamlNode& item, std::string_view key) {
    const YamlNode* node = item.find(key);
    if (node == nullptr || !node->isScalar() || node->isNull()) {
      return yamlError(d_fileName, node == nullptr ? item : *node, std::string(key) + " is needed");
    }
    return quoted(node->text);
  }

  // A value of an option: text, number, truth, or a list of texts.
  Result<std::string> value(const YamlNode& node) {
    if (node.isScalar()) {
      const bool truth = !node.quoted && (node.text == "true" || node.text == "false");
      return truth || isNumber(node) ? node.text : quoted(node.text);
    }
    if (!node.isSequence()) return yamlError(d_fileName, node, "a value or a list of values is needed");
    std::string out = "{";
    for (const YamlNode& item : node.items) {
      if (!item.isScalar()) return yamlError(d_fileName, item, "a text is needed");
      out += (out.size() == 1 ? "" : ", ") + quoted(item.text);
    }
    return out + "}";
  }

  Result<void> anchor(const YamlNode& item) {
    const auto name = scalar(item, "name");
    const YamlNode* records = item.find("dsrecords");
    if (!name) return name.error();
    if (records == nullptr || !records->isSequence()) return yamlError(d_fileName, item, "dsrecords is a list");
    const auto list = value(*records);
    if (!list) return list.error();
    call(item, "addTA(" + *name + ", " + *list + ")");
    return {};
  }

  Result<void> negativeAnchor(const YamlNode& item) {
    const auto name = scalar(item, "name");
    if (!name) return name.error();
    const YamlNode* reason = item.find("reason");
    call(item, "addNTA(" + *name + (reason == nullptr ? "" : ", " + quoted(reason->text)) + ")");
    return {};
  }

  // The keys of the item that are options, as a table.
  Result<std::string> options(const YamlNode& item, std::initializer_list<std::string_view> others) {
    std::string out;
    for (const auto& [key, node] : item.entries) {
      if (std::ranges::find(others, key) != others.end()) continue;
      if (!isWord(key)) return yamlError(d_fileName, node, "'" + key + "' is no option");
      if (node.isNull()) continue;
      const auto text = key == "defpol" ? policy(node) : value(node);
      if (!text) return text.error();
      out += (out.empty() ? "" : ", ") + std::string("[") + quoted(key) + "]=" + *text;
    }
    return out;
  }

  Result<std::string> policy(const YamlNode& node) {
    constexpr std::array<std::string_view, 6> kNames{"NoAction", "Drop", "NXDOMAIN", "NODATA", "Truncate", "Custom"};
    if (std::ranges::find(kNames, node.text) == kNames.end()) {
      return yamlError(d_fileName, node, "'" + node.text + "' is no policy");
    }
    return "Policy." + node.text;
  }

  // With addresses it is transferred from there, else name is its file.
  Result<void> rpz(const YamlNode& item) {
    const auto name = scalar(item, "name");
    if (!name) return name.error();
    auto table = options(item, {"name", "addresses", "tsig"});
    if (!table) return table.error();
    if (const YamlNode* tsig = item.find("tsig"); tsig != nullptr && tsig->isMapping()) {
      for (const auto& [key, node] : tsig->entries) {
        if (key != "name" && key != "algo" && key != "secret") {
          return yamlError(d_fileName, node, "'" + key + "' is nothing of a TSIG key");
        }
        *table += (table->empty() ? "" : ", ") + std::string("tsig") + key + "=" + quoted(node.text);
      }
    }
    const YamlNode* addresses = item.find("addresses");
    const bool isFile = addresses == nullptr || addresses->isNull() || addresses->items.empty();
    if (isFile) {
      call(item, "rpzFile(" + *name + ", {" + *table + "})");
      return {};
    }
    const auto from = value(*addresses);
    if (!from) return from.error();
    call(item, "rpzPrimary(" + *from + ", " + *name + ", {" + *table + "})");
    return {};
  }

  Result<void> blockList(const YamlNode& item) {
    const auto path = scalar(item, "path");
    if (!path) return path.error();
    const auto table = options(item, {"path"});
    if (!table) return table.error();
    call(item, "blockList(" + *path + ", {" + *table + "})");
    return {};
  }

  const std::string& d_fileName;
  std::map<std::size_t, std::string> d_calls; // by line
};

constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kParts{{{"dnssec", "trustanchors"},
                                                                               {"dnssec", "negative_trustanchors"},
                                                                               {"dnssec", "trustanchorfile"},
                                                                               {"dnssec", "trustanchorfile_interval"},
                                                                               {"recursor", "rpzs"},
                                                                               {"recursor", "blocklists"}}};

} // namespace

bool isYamlLuaPart(std::string_view section, std::string_view name) {
  return std::ranges::find(kParts, std::pair(section, name)) != kParts.end();
}

bool isYamlFile(std::string_view path) { return path.ends_with(".yml") || path.ends_with(".yaml"); }

Result<std::string> luaOfYaml(std::string_view content, const std::string& fileName) {
  const auto root = parseYaml(content, fileName);
  if (!root) return root.error();
  Writer writer(fileName);
  for (const auto& [section, name] : kParts) {
    const YamlNode* within = root->isMapping() ? root->find(section) : nullptr;
    const YamlNode* node = within != nullptr && within->isMapping() ? within->find(name) : nullptr;
    if (node == nullptr) continue;
    const bool isFile = name == "trustanchorfile" && node->isScalar();
    const auto done =
        isFile ? writer.anchorFile(*node, within->find("trustanchorfile_interval")) : writer.part(name, *node);
    if (!done) return done.error();
  }
  return writer.text();
}

} // namespace rec
