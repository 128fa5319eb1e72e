// The headers of Lua, of whichever version the build has chosen (5.1 as LuaJIT has it, or 5.4), and the few names that
// differ between them. Included by the files that talk to Lua directly, by no header that others include.
#pragma once

extern "C" {
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#if __has_include(<luajit.h>)
#include <luajit.h>
#define ROOTWALK_LUAJIT 1
#endif
}

namespace rec {

#ifdef ROOTWALK_LUAJIT
constexpr bool kHasFfi = true;
inline std::size_t luaLength(lua_State* lua, int index) { return lua_objlen(lua, index); }
#else
constexpr bool kHasFfi = false;
inline std::size_t luaLength(lua_State* lua, int index) { return lua_rawlen(lua, index); }
#endif

} // namespace rec
