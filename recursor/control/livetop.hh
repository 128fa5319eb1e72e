// rec_control top [--once] [--interval=SECONDS]: the screen of topscreen.hh, drawn again and again. Run by rec_control
// itself, which asks the recursor each time; uses plain control sequences (ECMA-48) and leaves the terminal as it was.
#pragma once

#include "recursor/control/clientcommands.hh"

namespace rec {

base::Result<int> liveTop(ClientCall& call);

} // namespace rec
