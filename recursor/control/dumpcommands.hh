// rec_control dump-*: tables written to a file that the client opened and sent along.
#pragma once

#include "recursor/control/commands.hh"

namespace rec {

Reply dumpCache(CommandCall& call);
Reply dumpRpz(CommandCall& call);
Reply dumpOne(CommandCall& call, Dump table);

template <Dump Table> Reply dumpTable(CommandCall& call) { return dumpOne(call, Table); }

} // namespace rec
