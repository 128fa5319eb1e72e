// ProxyProtocolValue in scripts: what a proxy sent along with a question, for gettag and dq:getProxyProtocolValues.
#include "recursor/policy/luaobjects.hh"

namespace rec {
namespace {

int getContent(LuaCall& call) {
  const net::ProxyValue* value = call.object<net::ProxyValue>(1);
  return value == nullptr ? 0 : call.give(value->content);
}

int getType(LuaCall& call) {
  const net::ProxyValue* value = call.object<net::ProxyValue>(1);
  return value == nullptr ? 0 : call.give(static_cast<unsigned>(value->type));
}

} // namespace

void luaPushProxyValues(lua_State* lua, const LuaQuestion& question) {
  lua_newtable(lua);
  int at = 0;
  for (const net::ProxyValue& value : question.proxy ? question.proxy->values : std::vector<net::ProxyValue>()) {
    luaPush(lua, value);
    lua_rawseti(lua, -2, ++at);
  }
}

void defineProxyValue(lua_State* lua) {
  luaDefine<net::ProxyValue>(lua, {.methods = {luaMethod<getContent>("getContent"), luaMethod<getType>("getType")}});
}

} // namespace rec
