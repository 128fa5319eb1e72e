// rec_control show-yaml: settings in the form of recursor.conf shown as recursor.yml. Runs in the client, needs no
// running recursor; reads files and writes none.
#pragma once

#include <string>

#include "lib/base/result.hh"
#include "recursor/control/clientcommands.hh"

namespace rec {

struct ShownYaml {
  std::string text, warnings;
};

// Of the configuration that `line` leads to, or of the file at `path` when there is one. Both forms are read and
// checked as the recursor does.
base::Result<ShownYaml> showYaml(const CommandLine& line, const std::string& path);
// The row of commands.def.
base::Result<int> showYamlCommand(ClientCall& call);

} // namespace rec
