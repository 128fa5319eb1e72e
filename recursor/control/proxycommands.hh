// rec_control get-proxymapping-stats. Called by a row of commands.def.
#pragma once

#include "recursor/control/commands.hh"

namespace rec {

[[nodiscard]] Reply getProxyMappingStats(CommandCall& call);

} // namespace rec
