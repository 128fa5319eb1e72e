// DNSSuffixMatchGroup in scripts: names that stand for themselves and all below them (newDS).
#include <algorithm>

#include "recursor/policy/luaobjects.hh"

namespace rec {
namespace {

int newDs(LuaCall& call) { return call.giveObject(LuaSuffixes()); }

void add(LuaCall& call, LuaSuffixes& group, dns::Name name) {
  if (group.names.contains(name)) return;
  luaCharge(call, group.charge, sizeof(name) + name.wire().size());
  if (call.failed()) return;
  group.all = group.all || name.isRoot();
  group.names.insert(std::move(name));
}

int addNames(LuaCall& call) {
  LuaSuffixes* group = call.object<LuaSuffixes>(1);
  if (group == nullptr) return 0;
  if (!call.isTable(2)) {
    dns::Name name = luaName(call, 2);
    if (!call.failed()) add(call, *group, std::move(name));
    return 0;
  }
  for (const std::string& text : call.texts(2)) {
    auto name = dns::Name::parse(text);
    if (!name) call.fail("'" + text + "': " + name.error().message);
    if (call.failed()) return 0;
    add(call, *group, *std::move(name));
  }
  return 0;
}

bool contains(const LuaSuffixes& group, dns::Name name) {
  if (group.all || group.names.empty()) {
    return group.all;
  }
  for (; !name.isRoot(); name = name.parent()) {
    if (group.names.contains(name)) return true;
  }
  return false;
}

int check(LuaCall& call) {
  const LuaSuffixes* group = call.object<LuaSuffixes>(1);
  const dns::Name name = luaName(call, 2);
  return call.failed() ? 0 : call.give(contains(*group, name));
}

int toString(LuaCall& call) {
  const LuaSuffixes* group = call.object<LuaSuffixes>(1);
  if (group == nullptr) return 0;
  std::vector<dns::Name> names(group->names.begin(), group->names.end());
  std::ranges::sort(names);
  std::string text;
  for (const dns::Name& name : names) {
    text += (text.empty() ? "" : ", ") + name.text();
  }
  return call.give(text);
}

} // namespace

void defineSuffixes(lua_State* lua) {
  luaDefine<LuaSuffixes>(
      lua, {.methods = {luaMethod<addNames>("add"), luaMethod<check>("check"), luaMethod<toString>("toString")},
            .meta = {luaMethod<toString>("__tostring")}});
  lua_register(lua, "newDS", &luaInvoke<newDs>);
}

} // namespace rec
