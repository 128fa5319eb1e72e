// rec_control hash-password [WORKFACTOR]: a password, typed or from stdin, as the hash that api-key and
// webserver-password take.
#pragma once

#include "recursor/control/clientcommands.hh"

namespace rec {

base::Result<int> hashPasswordCommand(ClientCall& call);

} // namespace rec
