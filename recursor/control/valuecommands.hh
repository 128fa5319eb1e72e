// rec_control get, get-all, get-qtypelist, get-parameter, get-default-parameter: metrics and settings by name.
#pragma once

#include "recursor/control/commands.hh"

namespace rec {

Reply get(CommandCall& call);
Reply getAll(CommandCall& call);
Reply getParameter(CommandCall& call);
Reply getDefaultParameter(CommandCall& call);
Reply getQtypelist(CommandCall& call);

} // namespace rec
