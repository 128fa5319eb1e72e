// reload-lua-script, unload-lua-script: PowerDNS's words for what happened.
#include "recursor/control/luacommands.hh"

namespace rec {

Reply reloadLuaScript(CommandCall& call) {
  const std::string path = call.arguments.empty() ? "" : call.arguments.front();
  const auto loaded = call.target.reloadLuaScript(path);
  if (!loaded) return failure("retaining current script, error: " + loaded.error().message);
  return success(loaded->empty() ? "unloaded\n" : "(re)loaded '" + *loaded + "'\n");
}

Reply unloadLuaScript(CommandCall& call) {
  const auto unloaded = call.target.unloadLuaScript();
  return unloaded ? success("unloaded\n") : failure(unloaded.error().message);
}

} // namespace rec
