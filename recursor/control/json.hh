// JSON text (RFC 8259) put together from its parts. What stands for a value is its text already.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rec {

using JsonMembers = std::vector<std::pair<std::string_view, std::string>>; // name, text of the value

[[nodiscard]] std::string jsonString(std::string_view text); // octets beyond ASCII as \u00XX
[[nodiscard]] std::string jsonArray(const std::vector<std::string>& values);
[[nodiscard]] std::string jsonObject(const JsonMembers& members);
[[nodiscard]] inline std::string jsonBool(bool value) { return value ? "true" : "false"; }

} // namespace rec
