// What of Lua's own libraries would let a script escape the limits of its state, taken away. Called by LuaState once,
// before any script is there.
#pragma once

struct lua_State;

namespace rec {

// `compile`: LuaJIT's compiler may be switched on and off by scripts.
void tameLibraries(lua_State* lua, bool compile);

} // namespace rec
