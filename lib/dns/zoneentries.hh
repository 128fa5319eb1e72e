// ZoneEntries: the entries of one zone file: comments taken out, parentheses joined to one line, with line numbers. The
// file is read in large pieces; a caller that understands plain lines by itself may take them as they stand.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/fd.hh"
#include "lib/base/result.hh"

namespace dns {

class ZoneEntries {
 public:
  explicit ZoneEntries(const std::string& path); // errno says why it is not open
  [[nodiscard]] bool isOpen() const { return d_file.valid(); }

  // The next line as it stands, where an entry would begin; nothing at the end of the file, or when it cannot be read.
  // Valid until the next call. takeLine() moves on past it.
  [[nodiscard]] std::optional<std::string_view> peekLine();
  void takeLine();

  // The next entry that is not blank; nothing at the end of the file.
  base::Result<std::optional<std::string>> next();
  [[nodiscard]] std::size_t line() const { return d_entryLine; } // where the last entry began

 private:
  [[nodiscard]] bool appendLine(std::string_view line, std::string& entry); // false: unbalanced

  [[nodiscard]] bool fill(); // more of the file behind d_end; false: there is none

  base::Fd d_file;
  std::vector<char> d_buffer;
  std::size_t d_begin = 0, d_end = 0; // of what was read and not taken yet
  std::size_t d_lineSize = 0;         // of the line that was looked at, its end included
  int d_error = 0;
  std::size_t d_lines = 0;
  std::size_t d_entryLine = 0;
  std::size_t d_depth = 0; // of parentheses
};

} // namespace dns
