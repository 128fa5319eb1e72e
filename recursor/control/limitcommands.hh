// rec_control limits. Called by a row of commands.def.
#pragma once

#include "recursor/control/commands.hh"

namespace rec {

[[nodiscard]] Reply limits(CommandCall& call);

} // namespace rec
