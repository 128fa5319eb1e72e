// The command `explain` of the table in commands.cc: reads its words, has the daemon explain, and prints.
#pragma once

#include "recursor/control/commands.hh"

namespace rec {

[[nodiscard]] Reply explain(CommandCall& call);

} // namespace rec
