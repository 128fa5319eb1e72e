// The free functions of scripts that belong to no object.
#include "lib/base/log.hh"
#include "lib/base/random.hh"
#include "recursor/policy/luaconstants.hh"
#include "recursor/policy/luacontext.hh"
#include "recursor/policy/luaobjects.hh"

namespace rec {
namespace {

int pdnslog(LuaCall& call) {
  const std::string text = call.text(1);
  const auto level = call.has(2) ? call.number(2, 0, 7) : static_cast<std::int64_t>(base::LogLevel::Warning);
  if (!call.failed()) {
    base::log(static_cast<base::LogLevel>(std::max<std::int64_t>(level, 1)), text);
  }
  return 0;
}

int pdnsrandom(LuaCall& call) {
  if (!call.has(1)) return call.give(base::randomU32());
  const auto below = static_cast<std::uint32_t>(call.number(1, 1));
  return call.failed() ? 0 : call.give(base::randomBelow(below));
}

int getRegisteredName(LuaCall& call) {
  const dns::Name name = luaName(call, 1);
  const LuaHost& host = LuaContext::of(call.lua()).host();
  if (call.failed()) return 0;
  std::string text = (host.suffixes ? host.suffixes->registered(name) : name).text();
  if (text.size() > 1) text.pop_back();
  return call.give(text);
}

int getThreadId(LuaCall& call) { return call.give(LuaContext::of(call.lua()).worker()); }

int isBogus(LuaCall& call) {
  const auto state = call.number(1, 0, UINT8_MAX);
  return call.failed() ? 0 : call.give(luaIsBogus(state));
}

// There is no SNMP agent to send one.
int sendTrap(LuaCall& /*call*/) { return 0; }

int getConfigDirAndName(LuaCall& call) {
  const LuaHost& host = LuaContext::of(call.lua()).host();
  call.give(host.configDir);
  call.give(host.configName);
  return 2;
}

int newQType(LuaCall& call) {
  const std::string text = call.text(1);
  const auto type = dns::parseRRType(text);
  if (!type) call.fail("'" + text + "' is not a record type");
  return call.failed() ? 0 : call.giveObject(LuaType{*type});
}
int getCode(LuaCall& call) {
  const LuaType* type = call.object<LuaType>(1);
  return type == nullptr ? 0 : call.give(static_cast<unsigned>(type->type));
}
int getTypeName(LuaCall& call) {
  const LuaType* type = call.object<LuaType>(1);
  return type == nullptr ? 0 : call.give(dns::text(type->type));
}
int isSameType(LuaCall& call) {
  const LuaType* one = call.maybe<LuaType>(1);
  const LuaType* other = call.maybe<LuaType>(2);
  return call.give(one != nullptr && other != nullptr && one->type == other->type);
}

} // namespace

void defineFunctions(lua_State* lua) {
  luaDefine<LuaType>(lua, {.methods = {luaMethod<getCode>("getCode"), luaMethod<getTypeName>("getName")},
                           .meta = {luaMethod<isSameType>("__eq"), luaMethod<getTypeName>("__tostring")}});
  lua_register(lua, "newQType", &luaInvoke<newQType>);
  lua_register(lua, "pdnslog", &luaInvoke<pdnslog>);
  lua_register(lua, "pdnsrandom", &luaInvoke<pdnsrandom>);
  lua_register(lua, "getregisteredname", &luaInvoke<getRegisteredName>);
  lua_register(lua, "getRecursorThreadId", &luaInvoke<getThreadId>);
  lua_register(lua, "isValidationStateBogus", &luaInvoke<isBogus>);
  lua_register(lua, "sendCustomSNMPTrap", &luaInvoke<sendTrap>);
  lua_register(lua, "getConfigDirAndName", &luaInvoke<getConfigDirAndName>);
}

} // namespace rec
