// reload-config and reload-yaml: the commands that read the configuration again. Rows of commands.cc.
#pragma once

#include "recursor/control/commands.hh"

namespace rec {

[[nodiscard]] Reply reloadConfig(CommandCall& call);
[[nodiscard]] Reply reloadYaml(CommandCall& call);
[[nodiscard]] Reply setCarbonServer(CommandCall& call);

} // namespace rec
