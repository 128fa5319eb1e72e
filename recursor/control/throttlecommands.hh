// rec_control add-, clear-, get-dont-throttle-names and -netmasks: servers that are never throttled, until the recursor
// ends or reads its settings again.
#pragma once

#include "recursor/control/commands.hh"

namespace rec {

Reply addDontThrottleNames(CommandCall& call);
Reply clearDontThrottleNames(CommandCall& call);
Reply getDontThrottleNames(CommandCall& call);
Reply addDontThrottleNetmasks(CommandCall& call);
Reply clearDontThrottleNetmasks(CommandCall& call);
Reply getDontThrottleNetmasks(CommandCall& call);

} // namespace rec
