// Writing Lua.
#include "recursor/config/yamlcalls.hh"

#include <algorithm>

namespace rec {

using base::Result;

std::string luaQuoted(std::string_view text) {
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

void YamlCalls::add(const YamlNode& node, const std::string& text) {
  std::string& calls = d_calls[node.line];
  calls += (calls.empty() ? "" : "; ") + text;
}

std::string YamlCalls::text() const {
  std::string out;
  std::size_t line = 1;
  for (const auto& [at, calls] : d_calls) {
    out.append(at - line, '\n');
    out += calls;
    line = at;
  }
  return out;
}

base::Error YamlCalls::error(const YamlNode& node, const std::string& what) const {
  return yamlError(d_fileName, node, what);
}

Result<std::string> YamlCalls::scalar(const YamlNode& item, std::string_view key) const {
  const YamlNode* node = item.find(key);
  if (node == nullptr || !node->isScalar() || node->isNull()) {
    return error(node == nullptr ? item : *node, std::string(key) + " is needed");
  }
  return luaQuoted(node->text);
}

Result<std::string> YamlCalls::value(const YamlNode& node) const {
  if (node.isScalar()) {
    const bool truth = !node.quoted && (node.text == "true" || node.text == "false");
    return truth || isNumber(node) ? node.text : luaQuoted(node.text);
  }
  if (!node.isSequence()) return error(node, "a value or a list of values is needed");
  std::string out = "{";
  for (const YamlNode& item : node.items) {
    if (!item.isScalar()) return error(item, "a text is needed");
    out += (out.size() == 1 ? "" : ", ") + luaQuoted(item.text);
  }
  return out + "}";
}

Result<std::string> YamlCalls::options(const YamlNode& item, std::initializer_list<std::string_view> others,
                                       Special special) const {
  std::string out;
  for (const auto& [key, node] : item.entries) {
    if (std::ranges::find(others, key) != others.end()) continue;
    if (!isWord(key)) return error(node, "'" + key + "' is no option");
    if (node.isNull()) continue;
    const auto text = special != nullptr ? special(*this, key, node) : value(node);
    if (!text) return text.error();
    out += (out.empty() ? "" : ", ") + std::string("[") + luaQuoted(key) + "]=" + *text;
  }
  return out;
}

} // namespace rec
