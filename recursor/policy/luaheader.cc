// DNSHeader in scripts: the header of the client's question, as ipfilter and dq:getDH() have it.
#include "recursor/policy/luaobjects.hh"

namespace rec {
namespace {

template <bool dns::Header::* Flag> int getFlag(LuaCall& call) {
  const dns::Header* header = call.object<dns::Header>(1);
  return header == nullptr ? 0 : call.give(header->*Flag);
}

int getId(LuaCall& call) {
  const dns::Header* header = call.object<dns::Header>(1);
  return header == nullptr ? 0 : call.give(header->id);
}

int getRcode(LuaCall& call) {
  const dns::Header* header = call.object<dns::Header>(1);
  return header == nullptr ? 0 : call.give(static_cast<unsigned>(header->rcode));
}

int getOpcode(LuaCall& call) {
  const dns::Header* header = call.object<dns::Header>(1);
  return header == nullptr ? 0 : call.give(static_cast<unsigned>(header->opcode));
}

} // namespace

void defineHeader(lua_State* lua) {
  using dns::Header;
  luaDefine<Header>(
      lua,
      {.methods = {luaMethod<getFlag<&Header::rd>>("getRD"), luaMethod<getFlag<&Header::ra>>("getRA"),
                   luaMethod<getFlag<&Header::aa>>("getAA"), luaMethod<getFlag<&Header::ad>>("getAD"),
                   luaMethod<getFlag<&Header::cd>>("getCD"), luaMethod<getFlag<&Header::tc>>("getTC"),
                   luaMethod<getId>("getID"), luaMethod<getRcode>("getRCODE"), luaMethod<getOpcode>("getOPCODE")}});
}

} // namespace rec
