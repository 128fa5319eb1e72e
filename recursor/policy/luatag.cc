// The hooks before the packet cache: gettag with its many arguments and results, and gettag_ffi, which reads and writes
// the question by functions of C. And postresolve_ffi, which is like it.
#include <map>

#include "recursor/policy/luaengine.hh"
#include "recursor/policy/luaffi.hh"
#include "recursor/policy/luaobjects.hh"

namespace rec {
namespace {

constexpr int kTagResults = 7; // tag, policyTags, data, requestorId, deviceId, deviceName, routingTag

// The text at `index`, if there is one.
void takeText(lua_State* lua, int index, std::string& into) {
  std::size_t size = 0;
  if (const char* text = lua_isstring(lua, index) != 0 ? lua_tolstring(lua, index, &size) : nullptr) {
    into.assign(text, size);
  }
}

void takeTags(lua_State* lua, int index, std::set<std::string>& tags) {
  if (!lua_istable(lua, index)) {
    return;
  }
  const auto count = static_cast<int>(luaLength(lua, index));
  for (int i = 1; i <= count; ++i) {
    lua_rawgeti(lua, index, i);
    std::string tag;
    takeText(lua, -1, tag);
    if (!tag.empty()) tags.insert(std::move(tag));
    lua_pop(lua, 1);
  }
}

} // namespace

void LuaEngine::pushOptions(lua_State* lua, const LuaQuestion& question) const {
  lua_newtable(lua);
  if (!d_options.ednsOptions) {
    return;
  }
  std::map<std::uint16_t, LuaOptionView> views;
  for (const auto& [code, content] : question.options) {
    views[code].values.push_back(content);
  }
  for (auto& [code, view] : views) {
    luaPush(lua, std::move(view));
    lua_rawseti(lua, -2, code);
  }
}

void LuaEngine::takeTag(LuaQuestion& question, int first) {
  lua_State* lua = d_state->lua();
  if (lua_isnumber(lua, first) != 0) {
    question.tag = static_cast<std::uint32_t>(static_cast<std::int64_t>(lua_tonumber(lua, first)));
  }
  takeTags(lua, first + 1, question.policyTags);
  if (!lua_isnil(lua, first + 2)) {
    lua_pushvalue(lua, first + 2);
    question.data = d_context.keep(lua);
  }
  takeText(lua, first + 3, question.requestorId);
  takeText(lua, first + 4, question.deviceId);
  takeText(lua, first + 5, question.deviceName);
  takeText(lua, first + 6, question.routingTag);
}

// remote, ecs, local, qname, qtype, ednsoptions, tcp, proxyProtocolValues
bool LuaEngine::getTag(const Loaded& script, LuaQuestion& question) {
  const auto push = [&](lua_State* to) {
    lua_rawgeti(to, LUA_REGISTRYINDEX, functionOf(LuaHook::GetTag, script));
    luaPush(to, question.remote);
    luaPush(to, subnetOf(question.options));
    luaPush(to, question.local);
    luaPush(to, question.question.name);
    lua_pushinteger(to, static_cast<lua_Integer>(question.question.type));
    pushOptions(to, question);
    lua_pushboolean(to, question.tcp ? 1 : 0);
    luaPushProxyValues(to, question);
    return 8;
  };
  if (call(LuaHook::GetTag, script, push, kTagResults) != LuaEnd::Done) {
    return false;
  }
  lua_State* lua = d_state->lua();
  takeTag(question, lua_gettop(lua) - kTagResults + 1);
  lua_pop(lua, kTagResults);
  return true;
}

// All that it set before it failed is undone.
bool LuaEngine::getTagFfi(const Loaded& script, LuaQuestion& question) {
  LuaQuestion before = question;
  const LuaFfiParam param = makeFfiParam(question);
  const auto push = [&](lua_State* lua) {
    lua_rawgeti(lua, LUA_REGISTRYINDEX, functionOf(LuaHook::GetTagFfi, script));
    lua_pushlightuserdata(lua, param.get());
    return 1;
  };
  if (call(LuaHook::GetTagFfi, script, push, 1) != LuaEnd::Done) {
    question = std::move(before);
    return false;
  }
  lua_State* lua = d_state->lua();
  if (lua_isnil(lua, -1)) {
    lua_pop(lua, 1);
  } else {
    question.data = d_context.keep(lua);
  }
  return true;
}

void LuaEngine::tag(LuaQuestion& question) {
  const LuaHook hook = has(LuaHook::GetTagFfi) ? LuaHook::GetTagFfi : LuaHook::GetTag;
  for (const Loaded& script : d_scripts) {
    if (functionOf(hook, script) == LUA_NOREF) continue;
    hook == LuaHook::GetTag ? getTag(script, question) : getTagFfi(script, question);
  }
}

LuaAnswer LuaEngine::postResolveFfi(LuaQuestion& question) {
  LuaAnswer answer = LuaAnswer::Pass;
  for (std::size_t i = 0; i < d_scripts.size() && answer == LuaAnswer::Pass; ++i) {
    const int function = functionOf(LuaHook::PostResolveFfi, d_scripts[i]);
    if (function == LUA_NOREF) continue;
    const LuaFfiHandle handle = makeFfiHandle(question);
    const auto push = [&](lua_State* lua) {
      lua_rawgeti(lua, LUA_REGISTRYINDEX, function);
      lua_pushlightuserdata(lua, handle.get());
      return 1;
    };
    answer = askWith(LuaHook::PostResolveFfi, d_scripts[i], push);
  }
  return answer;
}

} // namespace rec
