// All that scripts find when they run: objects, functions, constants. Called by LuaEngine for each new state.
#pragma once

struct lua_State;

namespace rec {

class LuaContext;

void makeLuaApi(lua_State* lua, LuaContext& context);

} // namespace rec
