// rpzFile and rpzPrimary of lua-config-file: their arguments become RpzConfigs. An option that is not known is an
// error: a zone that does less than its operator thinks is worse than none.
#pragma once

#include "recursor/config/luaarguments.hh"
#include "recursor/config/rpzconfig.hh"

namespace rec {

void setRpzConstants(lua_State* lua); // the table Policy
// rpzFile(path [, options])
base::Result<RpzConfig> readRpzFile(const LuaConfigArguments& arguments);
// rpzPrimary(address or {addresses}, zone [, options])
base::Result<RpzConfig> readRpzPrimary(const LuaConfigArguments& arguments);

} // namespace rec
