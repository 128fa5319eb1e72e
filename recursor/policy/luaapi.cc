// ONE ROW for each kind of thing that scripts know. Something new is a file and a row.
#include "recursor/policy/luaapi.hh"

#include <array>

#include "recursor/policy/luacontext.hh"
#include "recursor/policy/luaobjects.hh"

namespace rec {
namespace {

constexpr std::array<void (*)(lua_State*), 14> kParts{
    defineDnsName,    defineAddress, defineNetmask, defineSuffixes, defineRecord, defineHeader,    defineEdns,
    defineProxyValue, defineTime,    defineMetric,  defineDq,       definePolicy, defineFunctions, defineConstants};

} // namespace

void makeLuaApi(lua_State* lua, LuaContext& context) {
  context.attach(lua);
  for (const auto& part : kParts) {
    part(lua);
  }
}

} // namespace rec
