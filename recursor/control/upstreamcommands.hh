// The control commands about the resolvers that forward rules name.
#pragma once

#include "recursor/control/commands.hh"

namespace rec {

// get-upstreams: a line each, with its state, its times and how its exchanges ended.
Reply getUpstreams(CommandCall& call);

} // namespace rec
