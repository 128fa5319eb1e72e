// Netmask and NetMaskGroup in scripts: a network (newNetmask), and a set of them of which the longest that matches
// decides (newNMG), with "!" in front of those that are not in it.
#include "recursor/policy/luaobjects.hh"

namespace rec {
namespace {

int newNetmask(LuaCall& call) {
  const std::string text = call.text(1);
  if (call.failed()) return 0;
  auto mask = LuaNetmask::parse(text);
  if (!mask) {
    call.fail("'" + text + "': " + mask.error().message);
    return 0;
  }
  return call.giveObject(*mask);
}

int getNetwork(LuaCall& call) {
  const LuaNetmask* mask = call.object<LuaNetmask>(1);
  return mask == nullptr ? 0 : call.giveObject(mask->network);
}

int getMaskedNetwork(LuaCall& call) {
  const LuaNetmask* mask = call.object<LuaNetmask>(1);
  return mask == nullptr ? 0 : call.giveObject(truncated(mask->network, mask->bits));
}

int isV4(LuaCall& call) {
  const LuaNetmask* mask = call.object<LuaNetmask>(1);
  return mask == nullptr ? 0 : call.give(mask->network.isV4());
}

int isV6(LuaCall& call) {
  const LuaNetmask* mask = call.object<LuaNetmask>(1);
  return mask == nullptr ? 0 : call.give(mask->network.isV6());
}

int getBits(LuaCall& call) {
  const LuaNetmask* mask = call.object<LuaNetmask>(1);
  return mask == nullptr ? 0 : call.give(static_cast<unsigned>(mask->bits));
}

int isEmpty(LuaCall& call) {
  const LuaNetmask* mask = call.object<LuaNetmask>(1);
  return mask == nullptr ? 0 : call.give(mask->empty());
}

int match(LuaCall& call) {
  const LuaNetmask* mask = call.object<LuaNetmask>(1);
  const base::Address address = luaAddress(call, 2);
  if (call.failed()) return 0;
  const bool same = address.family() == mask->network.family();
  return call.give(same && truncated(address.withPort(0), mask->bits) == truncated(mask->network, mask->bits));
}

int toString(LuaCall& call) {
  const LuaNetmask* mask = call.object<LuaNetmask>(1);
  return mask == nullptr ? 0 : call.give(mask->text());
}

int isEqual(LuaCall& call) {
  const LuaNetmask* one = call.maybe<LuaNetmask>(1);
  const LuaNetmask* other = call.maybe<LuaNetmask>(2);
  return call.give(one != nullptr && other != nullptr && one->bits == other->bits &&
                   truncated(one->network, one->bits) == truncated(other->network, other->bits));
}

void addAll(LuaCall& call, LuaMaskGroup& group, int index) {
  for (const std::string& text : call.texts(index)) {
    luaCharge(call, group.charge, sizeof(base::Netmask));
    const auto added = call.failed() ? base::Result<void>() : group.masks.add(text);
    if (!added) call.fail("'" + text + "': " + added.error().message);
  }
}

int newNmg(LuaCall& call) {
  LuaMaskGroup group;
  if (call.has(1)) addAll(call, group, 1);
  return call.failed() ? 0 : call.giveObject(std::move(group));
}

int addMasks(LuaCall& call) {
  if (LuaMaskGroup* group = call.object<LuaMaskGroup>(1)) addAll(call, *group, 2);
  return 0;
}

int matchGroup(LuaCall& call) {
  const LuaMaskGroup* group = call.object<LuaMaskGroup>(1);
  const base::Address address = luaAddress(call, 2);
  return call.failed() ? 0 : call.give(group->masks.contains(address));
}

} // namespace

void defineNetmask(lua_State* lua) {
  luaDefine<LuaNetmask>(
      lua, {.methods = {luaMethod<getNetwork>("getNetwork"), luaMethod<getMaskedNetwork>("getMaskedNetwork"),
                        luaMethod<isV4>("isIPv4"), luaMethod<isV4>("isIpv4"), luaMethod<isV6>("isIPv6"),
                        luaMethod<isV6>("isIpv6"), luaMethod<getBits>("getBits"), luaMethod<isEmpty>("empty"),
                        luaMethod<match>("match"), luaMethod<toString>("toString")},
            .meta = {luaMethod<isEqual>("__eq"), luaMethod<toString>("__tostring")}});
  luaDefine<LuaMaskGroup>(lua, {.methods = {luaMethod<addMasks>("addMask"), luaMethod<addMasks>("addMasks"),
                                            luaMethod<matchGroup>("match")}});
  lua_register(lua, "newNetmask", &luaInvoke<newNetmask>);
  lua_register(lua, "newNMG", &luaInvoke<newNmg>);
}

} // namespace rec
