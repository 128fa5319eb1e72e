// The control commands about Lua scripts: rows of commands.cc.
#pragma once

#include "recursor/control/commands.hh"

namespace rec {

Reply reloadLuaScript(CommandCall& call);
Reply unloadLuaScript(CommandCall& call);

} // namespace rec
