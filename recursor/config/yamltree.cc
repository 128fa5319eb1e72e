// libyaml's events put together: Reader::node() reads one value and calls itself for those inside.
#include "recursor/config/yamltree.hh"

#include <yaml.h>

#include <algorithm>

namespace rec {

using base::Error;
using base::Result;

namespace {

constexpr int kMaxDepth = 16;

class Event {
 public:
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() { yaml_event_delete(&d_event); }
  [[nodiscard]] bool parse(yaml_parser_t& parser) {
    yaml_event_delete(&d_event);
    return yaml_parser_parse(&parser, &d_event) == 1;
  }
  [[nodiscard]] yaml_event_type_t type() const { return d_event.type; }
  [[nodiscard]] const yaml_event_t& raw() const { return d_event; }
  [[nodiscard]] std::size_t line() const { return d_event.start_mark.line + 1; }

 private:
  yaml_event_t d_event{};
};

std::string textOf(const yaml_char_t* text) { return text == nullptr ? "" : reinterpret_cast<const char*>(text); }

class Reader {
 public:
  Reader(std::string_view content, const std::string& fileName) : d_fileName(fileName) {
    if (yaml_parser_initialize(&d_parser) != 1) throw std::bad_alloc();
    yaml_parser_set_input_string(&d_parser, reinterpret_cast<const unsigned char*>(content.data()), content.size());
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() { yaml_parser_delete(&d_parser); }

  Result<YamlNode> document() {
    YamlNode root;
    if (!next()) return problem();
    if (!next()) return problem(); // behind the start of the stream
    if (d_event.type() == YAML_STREAM_END_EVENT) return root;
    if (!next()) return problem(); // behind the start of the document
    auto read = node(0);
    if (!read) return read;
    if (!next()) return problem(); // the end of the document
    if (!next()) return problem();
    if (d_event.type() != YAML_STREAM_END_EVENT) return at(d_event.line(), "a second document");
    return read;
  }

 private:
  bool next() { return d_event.parse(d_parser); }
  [[nodiscard]] Error at(std::size_t line, const std::string& what) const {
    return Error{d_fileName + ":" + std::to_string(line) + ": " + what};
  }
  [[nodiscard]] Error problem() const {
    const bool placed = d_parser.error == YAML_SCANNER_ERROR || d_parser.error == YAML_PARSER_ERROR;
    const std::size_t line = (placed ? d_parser.problem_mark.line : d_parser.mark.line) + 1;
    return at(line, d_parser.problem == nullptr ? "no YAML" : d_parser.problem);
  }

  // The value that the current event begins; ends at its last event.
  Result<YamlNode> node(int depth) {
    const auto& event = d_event.raw();
    const std::size_t line = d_event.line();
    if (depth > kMaxDepth) return at(line, "too deep");
    YamlNode made;
    made.line = line;
    switch (d_event.type()) {
    case YAML_SCALAR_EVENT: return scalar(std::move(made), event);
    case YAML_SEQUENCE_START_EVENT: return sequence(std::move(made), event, depth);
    case YAML_MAPPING_START_EVENT: return mapping(std::move(made), event, depth);
    case YAML_ALIAS_EVENT: return at(line, "aliases are not supported");
    default: return at(line, "a value is missing");
    }
  }

  Result<YamlNode> scalar(YamlNode made, const yaml_event_t& event) {
    const auto& raw = event.data.scalar;
    if (raw.anchor != nullptr) return at(made.line, "anchors are not supported");
    made.text.assign(reinterpret_cast<const char*>(raw.value), raw.length);
    if (made.text.find('\0') != std::string::npos) return at(made.line, "a null character");
    made.quoted = raw.style != YAML_PLAIN_SCALAR_STYLE;
    made.tag = textOf(raw.tag);
    return made;
  }

  Result<YamlNode> sequence(YamlNode made, const yaml_event_t& event, int depth) {
    const auto& raw = event.data.sequence_start;
    if (raw.anchor != nullptr) return at(made.line, "anchors are not supported");
    made.kind = YamlNode::Kind::Sequence;
    made.tag = textOf(raw.tag);
    for (;;) {
      if (!next()) return problem();
      if (d_event.type() == YAML_SEQUENCE_END_EVENT) return made;
      auto item = node(depth + 1);
      if (!item) return item;
      made.items.push_back(std::move(*item));
    }
  }

  Result<YamlNode> mapping(YamlNode made, const yaml_event_t& event, int depth) {
    const auto& raw = event.data.mapping_start;
    if (raw.anchor != nullptr) return at(made.line, "anchors are not supported");
    made.kind = YamlNode::Kind::Mapping;
    made.tag = textOf(raw.tag);
    for (;;) {
      if (!next()) return problem();
      if (d_event.type() == YAML_MAPPING_END_EVENT) return made;
      auto key = node(depth + 1);
      if (!key) return key;
      if (!key->isScalar() || key->text.empty()) return at(key->line, "a key has to be a word");
      if (made.find(key->text) != nullptr) return at(key->line, key->text + ": is there twice");
      if (!next()) return problem();
      auto value = node(depth + 1);
      if (!value) return value;
      made.entries.push_back({std::move(key->text), std::move(*value)});
    }
  }

  const std::string& d_fileName;
  yaml_parser_t d_parser{};
  Event d_event;
};

} // namespace

bool YamlNode::isNull() const {
  return isScalar() && !quoted && (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL");
}

const YamlNode* YamlNode::find(std::string_view key) const {
  const auto found = std::ranges::find(entries, key, &YamlEntry::key);
  return found == entries.end() ? nullptr : &found->value;
}

Result<YamlNode> parseYaml(std::string_view content, const std::string& fileName) {
  return Reader(content, fileName).document();
}

Error yamlError(const std::string& fileName, const YamlNode& node, const std::string& what) {
  return Error{fileName + ":" + std::to_string(node.line) + ": " + what};
}

} // namespace rec
