// Escapes, brackets and commas: see json.hh.
#include "recursor/control/json.hh"

#include <array>
#include <cstdio>

namespace rec {

std::string jsonString(std::string_view text) {
  std::string out = "\"";
  for (const char letter : text) {
    const auto code = static_cast<unsigned char>(letter);
    if (code < 0x20 || code >= 0x7f) {
      std::array<char, 8> escaped{};
      std::snprintf(escaped.data(), escaped.size(), "\\u%04x", static_cast<unsigned>(code));
      out += escaped.data();
      continue;
    }
    out += letter == '"' || letter == '\\' ? std::string{'\\', letter} : std::string{letter};
  }
  return out + "\"";
}

std::string jsonArray(const std::vector<std::string>& values) {
  std::string out;
  for (const std::string& value : values) {
    out += (out.empty() ? "" : ",") + value;
  }
  return "[" + out + "]";
}

std::string jsonObject(const JsonMembers& members) {
  std::string out;
  for (const auto& [name, value] : members) {
    out += (out.empty() ? "" : ",") + jsonString(name) + ":" + value;
  }
  return "{" + out + "}";
}

} // namespace rec
