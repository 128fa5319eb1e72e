// JsonValue: JSON (RFC 8259) that clients send, read whole, with limits. Called by the routes that take a body, and by
// the fuzzer. Numbers are kept as their text, since nothing here counts with them.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.hh"

namespace rec {

struct JsonValue {
  enum class Kind : unsigned char { Null, Bool, Number, String, Array, Object };

  Kind kind = Kind::Null;
  bool truth = false;                                    // Bool
  std::string text;                                      // String (UTF-8), Number
  std::vector<JsonValue> items;                          // Array
  std::map<std::string, JsonValue, std::less<>> members; // Object; of a name that comes twice the last one

  [[nodiscard]] bool isString() const { return kind == Kind::String; }
  [[nodiscard]] bool isArray() const { return kind == Kind::Array; }
  [[nodiscard]] bool isObject() const { return kind == Kind::Object; }
  // Null when there is no such member, or this is no object.
  [[nodiscard]] const JsonValue* member(std::string_view name) const;
};

constexpr std::size_t kMaxJsonDepth = 32;

// The error says at which octet it cannot be understood. Nothing may follow the value.
base::Result<JsonValue> parseJson(std::string_view text);

} // namespace rec
