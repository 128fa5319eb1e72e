// rec_control's commands about the process as a whole: is it there, what can it, read again, end.
#pragma once

#include "recursor/control/commands.hh"

namespace rec {

Reply ping(CommandCall& call);
Reply version(CommandCall& call);
Reply help(CommandCall& call);
Reply reloadAcls(CommandCall& call);
Reply reloadZones(CommandCall& call);
Reply quit(CommandCall& call);
Reply quitNicely(CommandCall& call);

// What makes no sense here, each with the reason.
Reply getRemoteLoggerStats(CommandCall& call);
Reply setEventTraceEnabled(CommandCall& call);

} // namespace rec
