// ZoneEntries: the entries of one zone file: comments taken out, parentheses joined to one line, with line numbers.
#pragma once

#include <cstddef>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/result.hh"

namespace dns {

class ZoneEntries {
 public:
  explicit ZoneEntries(const std::string& path) : d_file(path) {}
  [[nodiscard]] bool isOpen() const { return d_file.is_open(); }

  // The next entry that is not blank; nothing at the end of the file.
  base::Result<std::optional<std::string>> next();
  [[nodiscard]] std::size_t line() const { return d_entryLine; } // where the last entry began

 private:
  [[nodiscard]] bool appendLine(std::string_view line, std::string& entry); // false: unbalanced

  std::ifstream d_file;
  std::size_t d_lines = 0;
  std::size_t d_entryLine = 0;
  std::size_t d_depth = 0; // of parentheses
};

} // namespace dns
