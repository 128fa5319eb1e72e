// recursor.conf: lines of "key=value" to assignments. Knows the syntax only, not which keys there are. Called by
// configuration.cc and by the fuzzer.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.hh"

namespace rec {

// One "key=value", "key+=value" or "key", from a file or the command line.
struct Assignment {
  std::string key;
  std::string value; // "yes" for a key alone
  bool append = false;
  std::string where; // "recursor.conf:12" or "command line"
};

// The whole text of a file. Errors name the path and the reason.
base::Result<std::string> readFile(const std::string& path);

// Blanks around key and value are dropped, # comments at the start of a line or after a blank, a backslash at the end
// joins lines. Errors begin with "fileName:line: ".
base::Result<std::vector<Assignment>> parseConfigText(std::string_view content, const std::string& fileName);

// One assignment without its comment; nothing but blanks is an error.
base::Result<Assignment> parseAssignment(std::string_view text);

// The files of an include-dir: *.conf in the order of their names.
base::Result<std::vector<std::string>> configFilesIn(const std::string& directory, std::string_view extension);

} // namespace rec
