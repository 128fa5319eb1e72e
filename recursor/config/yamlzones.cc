// Line by line: each begins a zone ("- "), gives a key, or another forwarder ("- ", deeper). A zone is put together as
// a line of the classic form and read by its parser.
#include "recursor/config/yamlzones.hh"

#include <algorithm>
#include <optional>

#include "recursor/config/values.hh"
#include "recursor/config/zones.hh"

namespace rec {

using base::Error;
using base::Result;

namespace {

struct Line {
  std::size_t indent = 0;
  std::string_view text; // without blanks around it
};

// A zone that is being read.
struct Draft {
  std::size_t line = 0;
  std::string zone, forwarders; // the latter with ; between them
  bool recurse = false, notify = false;
  bool inForwarders = false;     // items are forwarders
  std::vector<std::string> keys; // that it has had
};

// Without what follows a # that begins a comment, which none inside quotes does.
std::string_view withoutYamlComment(std::string_view text) {
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quote != 0) {
      quote = text[i] == quote ? char{0} : quote;
    } else if (text[i] == '\'' || text[i] == '"') {
      quote = text[i];
    } else if (text[i] == '#' && (i == 0 || text[i - 1] == ' ' || text[i - 1] == '\t')) {
      return text.substr(0, i);
    }
  }
  return text;
}

// What a value says. Without quotes it must not begin like something that is no text (YAML 1.2.2, 5.3 and 7.3.3), and
// within a flow list not have what ends one.
Result<std::string_view> scalar(std::string_view text, bool inFlow = false) {
  text = trim(text);
  const bool quoted = text.size() >= 2 && (text.front() == '\'' || text.front() == '"') && text.back() == text.front();
  if (quoted) return text.substr(1, text.size() - 2);
  const bool isOther =
      !text.empty() && std::string_view("&*|>{}[]!%@`,'\"").find(text.front()) != std::string_view::npos;
  if (isOther || (inFlow && text.find_first_of("[]{}") != std::string_view::npos)) {
    return Error{"'" + std::string(text) + "' is no plain text: put it into quotes"};
  }
  return text;
}

Line lineOf(std::string_view raw) {
  raw = withoutYamlComment(raw);
  return {std::min(raw.find_first_not_of(' '), raw.size()), trim(raw)};
}

Result<bool> truth(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  return Error{"'" + std::string(text) + "' is neither true nor false"};
}

Result<void> addForwarder(Draft& draft, std::string_view text, bool inFlow = false) {
  const auto forwarder = scalar(text, inFlow);
  if (!forwarder) return forwarder.error();
  if (forwarder->empty() || forwarder->find_first_of(";, \t") != std::string_view::npos) {
    return Error{"'" + std::string(*forwarder) + "' is no forwarder"};
  }
  draft.forwarders += (draft.forwarders.empty() ? "" : ";") + std::string(*forwarder);
  return {};
}

// "[a, b]" behind the key, or nothing: then they follow, one a line.
Result<void> readForwarders(Draft& draft, std::string_view value) {
  draft.inForwarders = value.empty();
  if (value.empty()) return {};
  if (!value.starts_with('[') || !value.ends_with(']')) return Error{"forwarders is a list"};
  std::string_view rest = value.substr(1, value.size() - 2);
  while (!trim(rest).empty()) {
    const auto comma = std::min(rest.find(','), rest.size());
    if (const auto added = addForwarder(draft, rest.substr(0, comma), true); !added) return added;
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return {};
}

Result<void> readZone(Draft& draft, std::string_view value) {
  const auto zone = scalar(value);
  if (!zone) return zone.error();
  draft.zone = *zone;
  return {};
}

Result<void> readKey(Draft& draft, std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return Error{"'" + std::string(text) + "' has no key"};
  const std::string_view key = trim(text.substr(0, colon));
  const std::string_view value = trim(text.substr(colon + 1));
  if (std::ranges::find(draft.keys, key) != draft.keys.end()) return Error{"a second " + std::string(key)};
  draft.keys.emplace_back(key);
  draft.inForwarders = false;
  if (key == "forwarders") return readForwarders(draft, value);
  if (key == "zone") return readZone(draft, value);
  if (key != "recurse" && key != "notify_allowed") return Error{"'" + std::string(key) + "' is no key of a zone"};
  const auto is = truth(value);
  if (!is) return is.error();
  (key == "recurse" ? draft.recurse : draft.notify) = *is;
  return {};
}

class Reader {
 public:
  Result<void> take(std::string_view raw, std::size_t number) {
    if (raw.find('\t') < raw.find_first_not_of(" \t")) return Error{"a tab"};
    const Line line = lineOf(raw);
    if (line.text.empty() || line.text == "---") return {};
    const bool isItem = line.text == "-" || line.text.starts_with("- ");
    const std::string_view inner = isItem ? trim(line.text.substr(1)) : line.text;
    if (isItem && (d_drafts.empty() || line.indent <= d_indent)) {
      if (!d_drafts.empty() && line.indent < d_indent) return Error{"less deep than the zones before"};
      d_indent = line.indent;
      d_drafts.emplace_back();
      d_drafts.back().line = number;
      return inner.empty() ? Result<void>() : readKey(d_drafts.back(), inner);
    }
    if (d_drafts.empty() || line.indent <= d_indent) return Error{"the file is a list of zones, each begun with '- '"};
    if (!isItem) return readKey(d_drafts.back(), inner);
    if (!d_drafts.back().inForwarders) return Error{"an item of no list"};
    return addForwarder(d_drafts.back(), inner);
  }
  [[nodiscard]] const std::vector<Draft>& drafts() const { return d_drafts; }

 private:
  std::vector<Draft> d_drafts;
  std::size_t d_indent = 0; // of the zones
};

} // namespace

Result<std::vector<ForwardZone>> parseYamlForwardZones(std::string_view content, const std::string& fileName) {
  const auto at = [&](std::size_t line, const std::string& what) {
    return Error{fileName + ":" + std::to_string(line) + ": " + what};
  };
  Reader reader;
  for (std::size_t number = 1; !content.empty(); ++number) {
    if (const auto taken = reader.take(takeLine(content), number); !taken) return at(number, taken.error().message);
  }
  std::vector<ForwardZone> zones;
  for (const Draft& draft : reader.drafts()) {
    if (draft.zone.empty()) return at(draft.line, "a zone without a name");
    auto zone = parseForwardZone(draft.zone + "=" + draft.forwarders, ";", draft.recurse);
    if (!zone) return at(draft.line, zone.error().message);
    zone->notifyAllowed = draft.notify;
    zones.push_back(*std::move(zone));
  }
  return zones;
}

} // namespace rec
