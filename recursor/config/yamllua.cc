// YAML to Lua calls: one function for each part of recursor.yml that stands for calls of lua-config-file. How they are
// written: yamlcalls.
#include "recursor/config/yamllua.hh"

#include <algorithm>
#include <array>
#include <string>

#include "recursor/config/yamlcalls.hh"
#include "recursor/config/yamltree.hh"

namespace rec {

using base::Result;

namespace {

// Only these keys may stand there.
Result<void> checkKeys(const YamlCalls& calls, const YamlNode& item, std::initializer_list<std::string_view> known) {
  for (const auto& [key, node] : item.entries) {
    if (std::ranges::find(known, key) == known.end()) return calls.error(node, "'" + key + "' is no option");
  }
  return {};
}

// ---- dnssec

Result<void> trustAnchor(YamlCalls& calls, const YamlNode& item) {
  const auto name = calls.scalar(item, "name");
  const YamlNode* records = item.find("dsrecords");
  if (!name) return name.error();
  if (records == nullptr || !records->isSequence()) return calls.error(item, "dsrecords is a list");
  const auto list = calls.value(*records);
  if (!list) return list.error();
  calls.add(item, "addTA(" + *name + ", " + *list + ")");
  return {};
}

Result<void> negativeAnchor(YamlCalls& calls, const YamlNode& item) {
  const auto name = calls.scalar(item, "name");
  if (!name) return name.error();
  const YamlNode* reason = item.find("reason");
  calls.add(item, "addNTA(" + *name + (reason == nullptr ? "" : ", " + luaQuoted(reason->text)) + ")");
  return {};
}

Result<void> anchorFile(YamlCalls& calls, const YamlNode& path, const YamlNode* hours) {
  if (path.isNull() || path.text.empty()) return {};
  if (hours != nullptr && !isNumber(*hours)) return calls.error(*hours, "a number of hours is needed");
  const std::string every = hours == nullptr ? "" : ", " + hours->text;
  calls.add(path, "readTrustAnchorsFromFile(" + luaQuoted(path.text) + every + ")");
  return {};
}

// ---- policies

Result<std::string> rpzOption(const YamlCalls& calls, std::string_view key, const YamlNode& node) {
  if (key != "defpol") return calls.value(node);
  constexpr std::array<std::string_view, 6> kNames{"NoAction", "Drop", "NXDOMAIN", "NODATA", "Truncate", "Custom"};
  if (std::ranges::find(kNames, node.text) == kNames.end()) {
    return calls.error(node, "'" + node.text + "' is no policy");
  }
  return "Policy." + node.text;
}

// With addresses it is transferred from there, else name is its file.
Result<void> rpz(YamlCalls& calls, const YamlNode& item) {
  const auto name = calls.scalar(item, "name");
  if (!name) return name.error();
  auto table = calls.options(item, {"name", "addresses", "tsig"}, rpzOption);
  if (!table) return table.error();
  if (const YamlNode* tsig = item.find("tsig"); tsig != nullptr && tsig->isMapping()) {
    for (const auto& [key, node] : tsig->entries) {
      if (key != "name" && key != "algo" && key != "secret") {
        return calls.error(node, "'" + key + "' is nothing of a TSIG key");
      }
      *table += (table->empty() ? "" : ", ") + std::string("tsig") + key + "=" + luaQuoted(node.text);
    }
  }
  const YamlNode* addresses = item.find("addresses");
  const bool isFile = addresses == nullptr || addresses->isNull() || addresses->items.empty();
  if (isFile) {
    calls.add(item, "rpzFile(" + *name + ", {" + *table + "})");
    return {};
  }
  const auto from = calls.value(*addresses);
  if (!from) return from.error();
  calls.add(item, "rpzPrimary(" + *from + ", " + *name + ", {" + *table + "})");
  return {};
}

Result<void> blockList(YamlCalls& calls, const YamlNode& item) {
  const auto path = calls.scalar(item, "path");
  if (!path) return path.error();
  const auto table = calls.options(item, {"path"});
  if (!table) return table.error();
  calls.add(item, "blockList(" + *path + ", {" + *table + "})");
  return {};
}

// ---- answers

Result<void> sortList(YamlCalls& calls, const YamlNode& item) {
  if (const auto known = checkKeys(calls, item, {"key", "subnets"}); !known) return known;
  const auto clients = calls.scalar(item, "key");
  if (!clients) return clients.error();
  const YamlNode* subnets = item.find("subnets");
  if (subnets == nullptr || !subnets->isSequence()) return calls.error(item, "subnets is a list");
  for (const YamlNode& subnet : subnets->items) {
    if (!subnet.isMapping()) return calls.error(subnet, "each item has keys");
    if (const auto known = checkKeys(calls, subnet, {"subnet", "order"}); !known) return known;
    const auto network = calls.scalar(subnet, "subnet");
    if (!network) return network.error();
    const YamlNode* order = subnet.find("order");
    if (order == nullptr || !isNumber(*order)) return calls.error(subnet, "order is a number");
    calls.add(subnet, "addSortList(" + *clients + ", " + *network + ", " + order->text + ")");
  }
  return {};
}

// A name of a table of constants: pdns.MX.
Result<std::string> constant(const YamlCalls& calls, const YamlNode& node, const std::string& table) {
  const bool isName = node.isScalar() && !node.text.empty() && std::ranges::all_of(node.text, [](char c) {
                        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
                      });
  if (!isName) return calls.error(node, "a name is needed");
  return table + "[" + luaQuoted(node.text) + "]";
}

Result<void> additionalType(YamlCalls& calls, const YamlNode& item) {
  if (const auto known = checkKeys(calls, item, {"qtype", "targets", "mode"}); !known) return known;
  const YamlNode* qtype = item.find("qtype");
  const auto type = qtype == nullptr ? calls.error(item, "qtype is needed") : constant(calls, *qtype, "pdns");
  if (!type) return type.error();
  const YamlNode* targets = item.find("targets");
  if (targets == nullptr || !targets->isSequence()) return calls.error(item, "targets is a list");
  std::string list;
  for (const YamlNode& target : targets->items) {
    const auto one = constant(calls, target, "pdns");
    if (!one) return one.error();
    list += (list.empty() ? "" : ", ") + *one;
  }
  std::string options;
  if (const YamlNode* mode = item.find("mode"); mode != nullptr && !mode->isNull()) {
    const auto text = constant(calls, *mode, "pdns.AdditionalMode");
    if (!text) return text.error();
    options = ", {mode=" + *text + "}";
  }
  calls.add(item, "addAllowedAdditionalQType(" + *type + ", {" + list + "}" + options + ")");
  return {};
}

// ---- incoming

Result<void> proxyMapping(YamlCalls& calls, const YamlNode& item) {
  if (const auto known = checkKeys(calls, item, {"subnet", "address", "domains"}); !known) return known;
  const auto subnet = calls.scalar(item, "subnet");
  const auto address = calls.scalar(item, "address");
  if (!subnet) return subnet.error();
  if (!address) return address.error();
  std::string names;
  if (const YamlNode* domains = item.find("domains");
      domains != nullptr && !domains->isNull() && !(domains->isSequence() && domains->items.empty())) {
    if (!domains->isSequence()) return calls.error(*domains, "domains is a list");
    const auto list = calls.value(*domains);
    if (!list) return list.error();
    names = ", " + *list;
  }
  calls.add(item, "addProxyMapping(" + *subnet + ", " + *address + names + ")");
  return {};
}

struct Part {
  std::string_view section, name;
  Result<void> (*write)(YamlCalls& calls, const YamlNode& item); // null: no list, see below
};

constexpr std::array kParts{Part{"dnssec", "trustanchors", trustAnchor},
                            Part{"dnssec", "negative_trustanchors", negativeAnchor},
                            Part{"dnssec", "trustanchorfile", nullptr},
                            Part{"dnssec", "trustanchorfile_interval", nullptr}, // goes with the file
                            Part{"incoming", "proxymappings", proxyMapping},
                            Part{"recursor", "rpzs", rpz},
                            Part{"recursor", "blocklists", blockList},
                            Part{"recursor", "sortlists", sortList},
                            Part{"recursor", "allowed_additional_qtypes", additionalType}};

Result<void> writeList(YamlCalls& calls, const Part& part, const YamlNode& node) {
  if (node.isNull()) return {};
  if (!node.isSequence()) return calls.error(node, std::string(part.name) + " is a list");
  for (const YamlNode& item : node.items) {
    if (!item.isMapping()) return calls.error(item, "each item has keys");
    if (const auto done = part.write(calls, item); !done) return done;
  }
  return {};
}

Result<void> writePart(YamlCalls& calls, const Part& part, const YamlNode& section, const YamlNode& node) {
  if (part.write != nullptr) return writeList(calls, part, node);
  if (part.name != "trustanchorfile" || node.isNull()) return {};
  if (!node.isScalar()) return calls.error(node, "a path is needed");
  return anchorFile(calls, node, section.find("trustanchorfile_interval"));
}

} // namespace

bool isYamlLuaPart(std::string_view section, std::string_view name) {
  return std::ranges::any_of(kParts, [&](const Part& part) { return part.section == section && part.name == name; });
}

bool isYamlFile(std::string_view path) { return path.ends_with(".yml") || path.ends_with(".yaml"); }

Result<std::string> luaOfYaml(std::string_view content, const std::string& fileName) {
  const auto root = parseYaml(content, fileName);
  if (!root) return root.error();
  YamlCalls calls(fileName);
  for (const Part& part : kParts) {
    const YamlNode* section = root->isMapping() ? root->find(part.section) : nullptr;
    const YamlNode* node = section != nullptr && section->isMapping() ? section->find(part.name) : nullptr;
    if (node == nullptr) continue;
    if (const auto done = writePart(calls, part, *section, *node); !done) return done.error();
  }
  return calls.text();
}

} // namespace rec
