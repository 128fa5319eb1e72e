// A YAML document as a tree, read by libyaml: for recursor.yml and forward-zones-file, whose readers say what it means.
// The only user of libyaml's parser. No anchors, no aliases: a file of a hundred octets must not become a gigabyte.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.hh"

namespace rec {

struct YamlEntry;

struct YamlNode {
  enum class Kind { Scalar, Sequence, Mapping };
  Kind kind = Kind::Scalar;
  bool quoted = false; // a scalar in quotes, or a block of lines: text, whatever it looks like
  std::string text;    // of a scalar
  std::string tag;     // "!override"; empty without one
  std::size_t line = 1;
  std::vector<YamlNode> items;    // of a sequence
  std::vector<YamlEntry> entries; // of a mapping, in their order; the keys are different

  // Nothing, "null" or "~": no value.
  [[nodiscard]] bool isNull() const;
  [[nodiscard]] bool isScalar() const { return kind == Kind::Scalar; }
  [[nodiscard]] bool isSequence() const { return kind == Kind::Sequence; }
  [[nodiscard]] bool isMapping() const { return kind == Kind::Mapping; }
  [[nodiscard]] const YamlNode* find(std::string_view key) const; // of a mapping
};

struct YamlEntry {
  std::string key;
  YamlNode value;
};

// The one document in `content`; null when there is none. Errors begin with "fileName:line: ".
base::Result<YamlNode> parseYaml(std::string_view content, const std::string& fileName);

// "fileName:line: what", of a node that is not as it should be.
[[nodiscard]] base::Error yamlError(const std::string& fileName, const YamlNode& node, const std::string& what);

} // namespace rec
