// Arguments of Lua functions as C++ values.
#include "recursor/config/luaarguments.hh"

extern "C" {
#include <lauxlib.h>
}

namespace rec {

using base::Error;
using base::Result;

Result<std::string> LuaConfigArguments::text(int index) const {
  if (!has(index) || !lua_isstring(d_lua, index)) {
    return Error{"argument " + std::to_string(index) + ": a string is needed"};
  }
  std::size_t size = 0;
  const char* at = lua_tolstring(d_lua, index, &size);
  return std::string(at, size);
}

Result<dns::Name> LuaConfigArguments::name(int index) const {
  const auto written = text(index);
  if (!written) return written.error();
  return dns::Name::parse(*written);
}

Result<int> LuaConfigArguments::number(int index) const {
  if (!has(index) || !lua_isnumber(d_lua, index)) {
    return Error{"argument " + std::to_string(index) + ": a number is needed"};
  }
  return static_cast<int>(lua_tonumber(d_lua, index));
}

Result<std::vector<int>> LuaConfigArguments::numbers(int index) const {
  std::vector<int> all;
  if (!has(index) || !lua_istable(d_lua, index)) {
    const auto one = number(index);
    if (!one) return one.error();
    return std::vector<int>{*one};
  }
  for (int at = 1;; ++at) {
    lua_rawgeti(d_lua, index, at);
    const bool isNumber = lua_type(d_lua, -1) == LUA_TNUMBER;
    if (isNumber) all.push_back(static_cast<int>(lua_tonumber(d_lua, -1)));
    lua_pop(d_lua, 1);
    if (!isNumber) break;
  }
  if (all.empty()) return Error{"argument " + std::to_string(index) + ": the table has no numbers"};
  return all;
}

Result<std::vector<std::string>> LuaConfigArguments::texts(int index) const {
  std::vector<std::string> all;
  if (!has(index) || !lua_istable(d_lua, index)) {
    auto one = text(index);
    if (!one) return one.error();
    all.push_back(std::move(*one));
    return all;
  }
  for (int at = 1;; ++at) {
    lua_rawgeti(d_lua, index, at);
    const bool isText = lua_type(d_lua, -1) == LUA_TSTRING;
    if (isText) all.emplace_back(lua_tostring(d_lua, -1));
    lua_pop(d_lua, 1);
    if (!isText) break;
  }
  if (all.empty()) return Error{"argument " + std::to_string(index) + ": the table has no strings"};
  return all;
}

Result<void> LuaConfigArguments::options(int index, const EachOption& each) const {
  if (!has(index)) return {};
  if (!lua_istable(d_lua, index)) return Error{"argument " + std::to_string(index) + ": a table is needed"};
  lua_pushnil(d_lua);
  while (lua_next(d_lua, index) != 0) {
    if (lua_type(d_lua, -2) != LUA_TSTRING) {
      lua_pop(d_lua, 2);
      return Error{"argument " + std::to_string(index) + ": options have names"};
    }
    const auto done = each(lua_tostring(d_lua, -2), d_lua);
    if (!done) {
      lua_pop(d_lua, 2);
      return done;
    }
    lua_pop(d_lua, 1);
  }
  return {};
}

Result<LuaConfigArguments::OptionTexts> LuaConfigArguments::optionTexts(int index) const {
  OptionTexts all;
  const auto read = options(index, [&all](const std::string& key, lua_State* value) -> Result<void> {
    const int type = lua_type(value, -1);
    if (type == LUA_TBOOLEAN) {
      all[key] = {lua_toboolean(value, -1) != 0 ? "yes" : "no"};
      return {};
    }
    lua_pushvalue(value, -1); // a number that is read as a string becomes one, and must not where it stands
    const auto texts = LuaConfigArguments(value).texts(lua_gettop(value));
    lua_pop(value, 1);
    if (!texts) return Error{key + ": a value or a table of strings is needed"};
    all[key] = *texts;
    return {};
  });
  return read ? Result<OptionTexts>(std::move(all)) : read.error();
}

std::string LuaConfigArguments::where() const {
  luaL_where(d_lua, 1);
  const std::string text = lua_tostring(d_lua, -1);
  lua_pop(d_lua, 1);
  return text.substr(0, text.rfind(':'));
}

} // namespace rec
