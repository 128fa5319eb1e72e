// LuaCall: a call of one of our functions by a script: its arguments with their types checked, its results. And
// LuaClass: objects of ours as values of Lua, each C++ type with its methods and members. Failure is sticky: a function
// reads all it wants, then asks failed() once. Included by the files that make our objects known to Lua.
//
// A Lua error leaves a function by a jump. None is raised while an object of ours is alive: luaInvoke() raises it when
// the function has returned. What Lua itself raises inside (no memory) may leak an object, but nothing else.
#pragma once

#include <cstdint>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "lib/dns/name.hh"
#include "lib/dns/types.hh"
#include "recursor/policy/luahead.hh"

namespace rec {

// The name of an object's type, for messages: a specialisation with `kName` for each.
template <typename T> struct LuaTraits;

// Its address is what the registry knows the type's metatable by.
template <typename T> inline char luaKey = 0;

// A copy of `value` as a value of Lua, on the stack.
template <typename T> T& luaPush(lua_State* lua, T value) {
  void* place = lua_newuserdata(lua, sizeof(T));
  T* object = new (place) T(std::move(value));
  lua_pushlightuserdata(lua, &luaKey<T>);
  lua_rawget(lua, LUA_REGISTRYINDEX);
  lua_setmetatable(lua, -2);
  return *object;
}

// Null when the value at `index` is not one of those.
template <typename T> T* luaObject(lua_State* lua, int index) {
  void* object = lua_touserdata(lua, index);
  if (object == nullptr || lua_getmetatable(lua, index) == 0) {
    return nullptr;
  }
  lua_pushlightuserdata(lua, &luaKey<T>);
  lua_rawget(lua, LUA_REGISTRYINDEX);
  const bool same = lua_rawequal(lua, -1, -2) != 0;
  lua_pop(lua, 2);
  return same ? static_cast<T*>(object) : nullptr;
}

class LuaCall {
 public:
  explicit LuaCall(lua_State* lua) : d_lua(lua), d_count(lua_gettop(lua)) {}

  [[nodiscard]] lua_State* lua() const { return d_lua; }

  // Arguments: 1 is the first, or the object whose method it is.
  [[nodiscard]] bool has(int index) const { return index <= d_count && !lua_isnil(d_lua, index); }
  [[nodiscard]] bool isText(int index) const { return index <= d_count && lua_type(d_lua, index) == LUA_TSTRING; }
  [[nodiscard]] bool isTable(int index) const { return index <= d_count && lua_istable(d_lua, index); }
  [[nodiscard]] std::string text(int index);
  [[nodiscard]] std::string textOr(int index, std::string other) { return has(index) ? text(index) : std::move(other); }
  // A whole number within the bounds.
  [[nodiscard]] std::int64_t number(int index, std::int64_t min = 0, std::int64_t max = UINT32_MAX);
  [[nodiscard]] std::int64_t numberOr(int index, std::int64_t other) { return has(index) ? number(index) : other; }
  [[nodiscard]] bool truth(int index) const { return index <= d_count && lua_toboolean(d_lua, index) != 0; }
  [[nodiscard]] dns::RRType rrtype(int index) { return static_cast<dns::RRType>(number(index, 0, UINT16_MAX)); }
  // The strings of a list, or the one string.
  [[nodiscard]] std::vector<std::string> texts(int index);
  // Null (and failed) when it is something else.
  template <typename T> [[nodiscard]] T* object(int index);
  template <typename T> [[nodiscard]] T* maybe(int index) const; // the same without a failure

  // Results, in their order; each returns the number of results so far, which is 1 with the first.
  int give(std::string_view text) { return lua_pushlstring(d_lua, text.data(), text.size()), 1; }
  int give(const std::string& text) { return give(std::string_view(text)); }
  int give(const char* text) { return give(std::string_view(text)); }
  int give(bool value) { return lua_pushboolean(d_lua, value ? 1 : 0), 1; }
  template <typename N>
    requires(std::is_arithmetic_v<N> && !std::is_same_v<N, bool>)
  int give(N value) {
    return lua_pushinteger(d_lua, static_cast<lua_Integer>(value)), 1;
  }
  int giveNothing() { return lua_pushnil(d_lua), 1; }
  template <typename T> int giveObject(T value) { return luaPush(d_lua, std::move(value)), 1; }

  // The call fails with this reason, unless it has failed already.
  void fail(std::string reason);
  [[nodiscard]] bool failed() const { return !d_failure.empty(); }
  [[nodiscard]] const std::string& failure() const { return d_failure; }

 private:
  void wants(int index, const char* what);

  lua_State* d_lua;
  int d_count;
  std::string d_failure;
};

template <typename T> T* LuaCall::maybe(int index) const {
  return index <= d_count ? luaObject<T>(d_lua, index) : nullptr;
}

template <typename T> T* LuaCall::object(int index) {
  T* found = maybe<T>(index);
  if (found == nullptr) {
    wants(index, LuaTraits<T>::kName);
  }
  return found;
}

using LuaFunction = int (*)(LuaCall& call); // returns how many results it gave

// False: it failed, and the message is on the stack. Nothing of ours is alive when this has returned.
[[nodiscard]] bool luaRun(lua_State* lua, LuaFunction function, int& results);

// A function of ours as Lua wants it.
template <LuaFunction F> int luaInvoke(lua_State* lua) {
  int results = 0;
  return luaRun(lua, F, results) ? results : lua_error(lua);
}

struct LuaMethod {
  const char* name;
  lua_CFunction run;
};

// get(self), set(self, value); null: it cannot be set.
struct LuaMember {
  const char* name;
  lua_CFunction get;
  lua_CFunction set;
};

struct LuaClass {
  std::vector<LuaMethod> methods;
  std::vector<LuaMember> members = {};
  std::vector<LuaMethod> meta = {}; // "__eq" and the like
};

void luaDefine(lua_State* lua, void* key, const char* name, lua_CFunction destroy, const LuaClass& about);

template <typename T> int luaDestroy(lua_State* lua) {
  if (T* object = luaObject<T>(lua, 1); object != nullptr) {
    object->~T();
    lua_pushnil(lua); // who still has it, in another finaliser, has nothing of ours
    lua_setmetatable(lua, 1);
  }
  return 0;
}

// Makes T known to this state.
template <typename T> void luaDefine(lua_State* lua, const LuaClass& about) {
  luaDefine(lua, &luaKey<T>, LuaTraits<T>::kName, &luaDestroy<T>, about);
}

template <LuaFunction F> constexpr LuaMethod luaMethod(const char* name) { return {name, &luaInvoke<F>}; }
template <LuaFunction Get> constexpr LuaMember luaReadOnly(const char* name) {
  return {name, &luaInvoke<Get>, nullptr};
}
template <LuaFunction Get, LuaFunction Set> constexpr LuaMember luaMember(const char* name) {
  return {name, &luaInvoke<Get>, &luaInvoke<Set>};
}

} // namespace rec
