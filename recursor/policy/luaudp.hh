// One question over UDP on behalf of a script (dq.udpQuery), and what came back. Used by the pipeline.
#pragma once

#include <string>

#include "lib/base/address.hh"
#include "lib/coro/loop.hh"
#include "lib/coro/task.hh"

namespace rec {

// The first packet from `server`; empty when none comes before the deadline, or it cannot be asked.
coro::Task<std::string> luaAskUdp(coro::Loop& loop, base::Address server, std::string question,
                                  base::MonoTime deadline);

} // namespace rec
