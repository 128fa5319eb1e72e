// rec_control querylog: switching the query log of a running recursor, and what it tells about it. A row in
// commands.cc.
#pragma once

#include "recursor/control/commands.hh"

namespace rec {

[[nodiscard]] Reply queryLogCommand(CommandCall& call);

} // namespace rec
