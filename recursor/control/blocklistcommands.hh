// rec_control blocklist ...: the block lists shown and changed.
#pragma once

#include "recursor/control/commands.hh"

namespace rec {

[[nodiscard]] Reply blockListCommand(CommandCall& call);

} // namespace rec
