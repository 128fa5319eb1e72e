// Finalisers (__gc) run whenever the collector does, where no limit holds, and their errors may end the process:
// scripts cannot have any. Hooks are how the limits are kept: scripts cannot change them.
#include "recursor/policy/luataming.hh"

#include <algorithm>
#include <initializer_list>
#include <string_view>

#include "recursor/policy/luahead.hh"

namespace rec {
namespace {

constexpr const char* kNoFinaliser = "__gc is not for scripts";

// Whether the table at `index` has this field itself.
bool hasField(lua_State* lua, int index, const char* name) {
  lua_pushstring(lua, name);
  lua_rawget(lua, index);
  const bool has = !lua_isnil(lua, -1);
  lua_pop(lua, 1);
  return has;
}

// Lua's own function but for __gc; not built upon it, so that nobody finds it below.
int setMetatable(lua_State* lua) {
  luaL_checktype(lua, 1, LUA_TTABLE);
  luaL_argcheck(lua, lua_isnil(lua, 2) || lua_istable(lua, 2), 2, "nil or table expected");
  if (lua_istable(lua, 2) && hasField(lua, 2, "__gc")) {
    return luaL_error(lua, kNoFinaliser);
  }
  if (luaL_getmetafield(lua, 1, "__metatable") != 0) {
    return luaL_error(lua, "cannot change a protected metatable");
  }
  lua_settop(lua, 2);
  lua_setmetatable(lua, 1);
  return 1;
}

// All of the library at the top of the stack but these goes away.
void keepOnly(lua_State* lua, std::initializer_list<std::string_view> names) {
  lua_pushnil(lua);
  while (lua_next(lua, -2) != 0) {
    lua_pop(lua, 1);
    const bool isText = lua_type(lua, -1) == LUA_TSTRING;
    if (isText && std::ranges::find(names, std::string_view(lua_tostring(lua, -1))) == names.end()) {
      lua_pushvalue(lua, -1);
      lua_pushnil(lua);
      lua_rawset(lua, -4); // allowed while walking
    }
  }
}

// The methods of files: theirs is a metatable that has __gc.
void hideFiles(lua_State* lua) {
  luaL_getmetatable(lua, LUA_FILEHANDLE);
  lua_getfield(lua, -1, "__index");
  if (lua_rawequal(lua, -1, -2) != 0) { // LuaJIT: one table for both
    lua_newtable(lua);
    lua_pushnil(lua);
    while (lua_next(lua, -4) != 0) {
      lua_pushvalue(lua, -2);
      lua_insert(lua, -2);
      const bool isMethod = !std::string_view(lua_tostring(lua, -2)).starts_with("__");
      isMethod ? lua_rawset(lua, -4) : lua_pop(lua, 2);
    }
    lua_setfield(lua, -3, "__index");
  }
  lua_pop(lua, 1);
  lua_pushboolean(lua, 0);
  lua_setfield(lua, -2, "__metatable");
  lua_pop(lua, 1);
}

#ifdef ROOTWALK_LUAJIT
int doNothing(lua_State* /*lua*/) { return 0; }

// ffi.metatype(type, metatable) with a copy of the metatable: LuaJIT looks there for __gc whenever it makes such a
// value.
int metatype(lua_State* lua) {
  luaL_checktype(lua, 2, LUA_TTABLE);
  if (hasField(lua, 2, "__gc")) {
    return luaL_error(lua, kNoFinaliser);
  }
  lua_settop(lua, 2);
  lua_pushvalue(lua, lua_upvalueindex(1));
  lua_pushvalue(lua, 1);
  lua_newtable(lua);
  lua_pushnil(lua);
  while (lua_next(lua, 2) != 0) {
    lua_pushvalue(lua, -2);
    lua_insert(lua, -2);
    lua_rawset(lua, -4);
  }
  lua_call(lua, 2, 1);
  return 1;
}

void tameFfi(lua_State* lua) {
  lua_getglobal(lua, "require");
  lua_pushstring(lua, "ffi");
  if (lua_pcall(lua, 1, 1, 0) == 0 && lua_istable(lua, -1)) {
    lua_getfield(lua, -1, "gc"); // it keeps a table alive that LuaJIT needs to the end
    luaL_ref(lua, LUA_REGISTRYINDEX);
    lua_pushnil(lua);
    lua_setfield(lua, -2, "gc");
    lua_getfield(lua, -1, "metatype");
    lua_pushcclosure(lua, metatype, 1);
    lua_setfield(lua, -2, "metatype");
  }
  lua_pop(lua, 1);
}

// Scripts that switch the compiler off, or on, run as they are. The profiler has a hook.
void tameCompiler(lua_State* lua, bool compile) {
  lua_getglobal(lua, "jit");
  for (const char* name : {"on", "off", "flush", "attach"}) {
    if (compile) break;
    lua_pushcfunction(lua, doNothing);
    lua_setfield(lua, -2, name);
  }
  lua_pushnil(lua);
  lua_setfield(lua, -2, "util");
  lua_pop(lua, 1);
  lua_getglobal(lua, "package");
  for (const char* where : {"preload", "loaded"}) {
    lua_getfield(lua, -1, where);
    for (const char* name : {"jit.util", "jit.profile"}) {
      lua_pushnil(lua);
      lua_setfield(lua, -2, name);
    }
    lua_pop(lua, 1);
  }
  lua_pop(lua, 1);
}
#endif

} // namespace

void tameLibraries(lua_State* lua, [[maybe_unused]] bool compile) {
  lua_register(lua, "setmetatable", setMetatable);
  lua_pushnil(lua);
  lua_setglobal(lua, "newproxy");
  lua_getglobal(lua, "debug");
  keepOnly(lua, {"traceback", "getinfo"});
  lua_pop(lua, 1);
  hideFiles(lua);
#ifdef ROOTWALK_LUAJIT
  tameFfi(lua);
  tameCompiler(lua, compile);
#endif
}

} // namespace rec
