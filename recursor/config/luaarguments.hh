// LuaConfigArguments: the arguments of a call by lua-config-file, read with a reason when they are not what is needed.
// Used by the functions of luaconfig.cc and luarpz.cc only.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.hh"
#include "lib/dns/name.hh"

extern "C" {
#include <lua.h>
}

namespace rec {

// 1 is the first.
class LuaConfigArguments {
 public:
  explicit LuaConfigArguments(lua_State* lua) : d_lua(lua), d_count(lua_gettop(lua)) {}

  [[nodiscard]] bool has(int index) const { return index <= d_count && !lua_isnil(d_lua, index); }
  [[nodiscard]] base::Result<std::string> text(int index) const;
  [[nodiscard]] base::Result<dns::Name> name(int index) const;
  [[nodiscard]] base::Result<int> number(int index) const;
  [[nodiscard]] base::Result<std::vector<int>> numbers(int index) const; // of a table, or one
  // One string, or a table of them.
  [[nodiscard]] base::Result<std::vector<std::string>> texts(int index) const;

  // Calls `each` for the string keys of a table; the value is on the top of Lua's stack meanwhile, at index -1.
  using EachOption = std::function<base::Result<void>(const std::string& key, lua_State* value)>;
  [[nodiscard]] base::Result<void> options(int index, const EachOption& each) const;
  // A table of options, each a string, number or boolean ("yes", "no"), or a table of strings.
  using OptionTexts = std::map<std::string, std::vector<std::string>>;
  [[nodiscard]] base::Result<OptionTexts> optionTexts(int index) const;
  // Where the script calls: "chunk:line".
  [[nodiscard]] std::string where() const;

 private:
  lua_State* d_lua;
  int d_count;
};

} // namespace rec
