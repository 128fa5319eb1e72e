// ManPage: a manual page in man(7)'s language, part by part. Used for recursor(1) and rec_control(1), which are made
// from the tables of settings and commands.
#pragma once

#include <string>
#include <string_view>

namespace rec {

class ManPage {
 public:
  // `name` as it is called, `purpose` in half a sentence. Section 1.
  ManPage(std::string_view name, std::string_view purpose);

  void section(std::string_view title); // upper case
  void synopsis(std::string_view name, std::string_view arguments);
  void paragraph(std::string_view text);
  // Indented below `tag`, which is bold, and `arguments`.
  void item(std::string_view tag, std::string_view arguments, std::string_view text);

  [[nodiscard]] const std::string& text() const { return d_text; }

 private:
  void addText(std::string_view text);
  std::string d_text;
  bool d_isBegun = false; // a section, without text so far
};

// recursor(1), with every setting.
[[nodiscard]] std::string recursorManPage();

} // namespace rec
