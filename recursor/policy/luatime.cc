// Times in scripts: dq.queryTime and pdns.now, each with tv_sec and tv_usec.
#include "recursor/policy/luacontext.hh"
#include "recursor/policy/luaobjects.hh"

namespace rec {
namespace {

int getSeconds(LuaCall& call) {
  const LuaTime* time = call.object<LuaTime>(1);
  return time == nullptr ? 0 : call.give(time->seconds);
}

int getMicros(LuaCall& call) {
  const LuaTime* time = call.object<LuaTime>(1);
  return time == nullptr ? 0 : call.give(time->micros);
}

int getSecondsNow(LuaCall& call) { return call.give(LuaContext::of(call.lua()).now().seconds); }
int getMicrosNow(LuaCall& call) { return call.give(LuaContext::of(call.lua()).now().micros); }

} // namespace

void defineTime(lua_State* lua) {
  luaDefine<LuaTime>(
      lua, {.methods = {}, .members = {luaReadOnly<getSeconds>("tv_sec"), luaReadOnly<getMicros>("tv_usec")}});
  luaDefine<LuaNow>(
      lua, {.methods = {}, .members = {luaReadOnly<getSecondsNow>("tv_sec"), luaReadOnly<getMicrosNow>("tv_usec")}});
}

} // namespace rec
