// Arguments checked, errors said with their place, metatables made: see luacall.hh.
#include "recursor/policy/luacall.hh"

#include <cmath>

namespace rec {
namespace {

// Of objects with members: upvalue 1 has the methods, 2 the readers of members.
int readIndex(lua_State* lua) {
  lua_pushvalue(lua, 2);
  lua_rawget(lua, lua_upvalueindex(1));
  if (!lua_isnil(lua, -1)) {
    return 1;
  }
  lua_pushvalue(lua, 2);
  lua_rawget(lua, lua_upvalueindex(2));
  if (lua_isnil(lua, -1)) {
    return 1;
  }
  lua_pushvalue(lua, 1);
  lua_call(lua, 1, 1);
  return 1;
}

// Upvalue 1 has the writers of members, 2 the type's name.
int writeIndex(lua_State* lua) {
  lua_pushvalue(lua, 2);
  lua_rawget(lua, lua_upvalueindex(1));
  if (lua_isnil(lua, -1)) {
    return luaL_error(lua, "%s: '%s' cannot be set", lua_tostring(lua, lua_upvalueindex(2)),
                      lua_type(lua, 2) == LUA_TSTRING ? lua_tostring(lua, 2) : luaL_typename(lua, 2));
  }
  lua_pushvalue(lua, 1);
  lua_pushvalue(lua, 3);
  lua_call(lua, 2, 0);
  return 0;
}

void fill(lua_State* lua, const std::vector<LuaMethod>& methods) {
  for (const LuaMethod& method : methods) {
    lua_pushcfunction(lua, method.run);
    lua_setfield(lua, -2, method.name);
  }
}

void fillMembers(lua_State* lua, const std::vector<LuaMember>& members, lua_CFunction LuaMember::* which) {
  lua_newtable(lua);
  for (const LuaMember& member : members) {
    if (member.*which != nullptr) {
      lua_pushcfunction(lua, member.*which);
      lua_setfield(lua, -2, member.name);
    }
  }
}

// "FILE:LINE: " of the script's line that led here, on the stack.
void where(lua_State* lua) {
  constexpr int kDeepest = 4;
  for (int level = 1; level <= kDeepest; ++level) {
    luaL_where(lua, level);
    if (luaLength(lua, -1) > 0 || level == kDeepest) return;
    lua_pop(lua, 1);
  }
}

} // namespace

void LuaCall::fail(std::string reason) {
  if (d_failure.empty()) {
    d_failure = reason.empty() ? "failed" : std::move(reason);
  }
}

void LuaCall::wants(int index, const char* what) {
  const char* found = index <= d_count ? luaL_typename(d_lua, index) : "nothing";
  fail("argument " + std::to_string(index) + ": " + what + " is wanted, not " + found);
}

std::string LuaCall::text(int index) {
  if (index > d_count || lua_isstring(d_lua, index) == 0) {
    wants(index, "a string");
    return {};
  }
  std::size_t size = 0;
  const char* at = lua_tolstring(d_lua, index, &size);
  return {at, size};
}

std::int64_t LuaCall::number(int index, std::int64_t min, std::int64_t max) {
  if (index > d_count || lua_isnumber(d_lua, index) == 0) {
    wants(index, "a number");
    return min;
  }
  const double value = lua_tonumber(d_lua, index);
  if (!(value >= static_cast<double>(min) && value <= static_cast<double>(max))) {
    fail("argument " + std::to_string(index) + ": a number from " + std::to_string(min) + " to " + std::to_string(max) +
         " is wanted");
    return min;
  }
  return static_cast<std::int64_t>(std::floor(value));
}

std::vector<std::string> LuaCall::texts(int index) {
  std::vector<std::string> all;
  if (!isTable(index)) {
    all.push_back(text(index));
    return all;
  }
  const auto count = static_cast<int>(luaLength(d_lua, index));
  for (int i = 1; i <= count && !failed(); ++i) {
    lua_rawgeti(d_lua, index, i);
    std::size_t size = 0;
    const char* at = lua_tolstring(d_lua, -1, &size);
    if (at == nullptr) {
      fail("argument " + std::to_string(index) + ": a list of strings is wanted");
    } else {
      all.emplace_back(at, size);
    }
    lua_pop(d_lua, 1);
  }
  return all;
}

bool luaRun(lua_State* lua, LuaFunction function, int& results) {
  LuaCall call(lua);
  results = function(call);
  if (!call.failed()) {
    return true;
  }
  where(lua);
  lua_pushlstring(lua, call.failure().data(), call.failure().size());
  lua_concat(lua, 2);
  return false;
}

void luaDefine(lua_State* lua, void* key, const char* name, lua_CFunction destroy, const LuaClass& about) {
  lua_newtable(lua); // the metatable
  lua_newtable(lua);
  fill(lua, about.methods);
  if (about.members.empty()) {
    lua_setfield(lua, -2, "__index");
  } else {
    fillMembers(lua, about.members, &LuaMember::get);
    lua_pushcclosure(lua, readIndex, 2);
    lua_setfield(lua, -2, "__index");
    fillMembers(lua, about.members, &LuaMember::set);
    lua_pushstring(lua, name);
    lua_pushcclosure(lua, writeIndex, 2);
    lua_setfield(lua, -2, "__newindex");
  }
  fill(lua, about.meta);
  lua_pushcfunction(lua, destroy);
  lua_setfield(lua, -2, "__gc");
  lua_pushstring(lua, name);
  lua_setfield(lua, -2, "__name");
  lua_pushboolean(lua, 0);
  lua_setfield(lua, -2, "__metatable"); // scripts must not reach __gc
  lua_pushlightuserdata(lua, key);
  lua_insert(lua, -2);
  lua_rawset(lua, LUA_REGISTRYINDEX);
}

} // namespace rec
