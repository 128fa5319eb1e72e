// Text in columns for people: wrapped lines, and rows of a name, a verdict and reasons. Used by `explain`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rec {

// `text` from column `indent` on, wrapped at blanks, ending with a newline. The first line begins where the caller is.
[[nodiscard]] std::string wrapped(std::string_view text, std::size_t indent);
// Each line of `lines` moved to the right.
[[nodiscard]] std::string indented(std::string_view lines, std::size_t by);

class TextRows {
 public:
  // `nameWidth`: of the first column; a name that is longer has a line of its own.
  explicit TextRows(std::size_t nameWidth) : d_nameWidth(nameWidth) {}
  // Each reason begins a line; blanks at its beginning indent all of it.
  void add(const std::string& name, std::string verdict, const std::vector<std::string>& reasons);
  [[nodiscard]] const std::string& text() const { return d_text; }

 private:
  std::size_t d_nameWidth;
  std::string d_text;
};

} // namespace rec
