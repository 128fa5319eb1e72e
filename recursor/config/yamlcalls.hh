// YamlCalls: calls of the functions of lua-config-file, written from what stands in recursor.yml. All text of the file
// ends up in quoted Lua strings, or is checked to be a number, a truth or an option's name: nothing of it becomes code.
// Each call stands in the line of the YAML that it is made of, so that its errors name that line. Used by yamllua.
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

#include "lib/base/result.hh"
#include "recursor/config/yamltree.hh"

namespace rec {

class YamlCalls {
 public:
  explicit YamlCalls(const std::string& fileName) : d_fileName(fileName) {}

  void add(const YamlNode& node, const std::string& text);
  // All calls, each in its line.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] base::Error error(const YamlNode& node, const std::string& what) const;

  // The text under that key, quoted.
  [[nodiscard]] base::Result<std::string> scalar(const YamlNode& item, std::string_view key) const;
  // A text, number, truth, or a list of texts.
  [[nodiscard]] base::Result<std::string> value(const YamlNode& node) const;
  // The keys of the item but for `others`, as the inside of a table. `special` writes the values that are no plain
  // ones; null: there are none.
  using Special = base::Result<std::string> (*)(const YamlCalls& calls, std::string_view key, const YamlNode& node);
  [[nodiscard]] base::Result<std::string> options(const YamlNode& item, std::initializer_list<std::string_view> others,
                                                  Special special = nullptr) const;

 private:
  const std::string& d_fileName;
  std::map<std::size_t, std::string> d_calls; // by line
};

[[nodiscard]] std::string luaQuoted(std::string_view text);
// Digits alone, and not in quotes.
[[nodiscard]] bool isNumber(const YamlNode& node);
[[nodiscard]] bool isWord(std::string_view text); // of letters and _

} // namespace rec
