// The command line of the recursor and of rec_control, through Boost.Program_options (the only file that includes it).
// Every setting is an option; what a setting means is left to configuration.cc.
#pragma once

#include <string>
#include <vector>

#include "lib/base/result.hh"
#include "recursor/config/configfile.hh"

namespace rec {

struct CommandLine {
  enum class Action { Run, Help, Version, Config, CheckHost };
  Action action = Action::Run;
  std::string configMode;              // of --config=...: default, diff, check ...; empty for the effective settings
  std::vector<Assignment> assignments; // all other options, in order
  std::vector<std::string> words;      // arguments that are no options
  std::vector<std::string> checkWords; // of --check-host=...
};

// `arguments` without the program's name. "--key=value", "--key+=value", "--key"; "--key=" is an empty value.
// What follows the first word is a word too.
base::Result<CommandLine> parseCommandLine(const std::vector<std::string>& arguments);

// The text of --help: how to call it, and each setting with its help.
[[nodiscard]] std::string helpText();

} // namespace rec
