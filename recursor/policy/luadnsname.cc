// DNSName in scripts: a name, made by newDN or given by hooks. Compared without regard to letter case.
#include <algorithm>

#include "recursor/policy/luaobjects.hh"

namespace rec {
namespace {

using dns::Name;

std::string withoutDot(const Name& name) {
  std::string text = name.text();
  if (text.size() > 1) text.pop_back();
  return text;
}

int newDn(LuaCall& call) {
  const Name name = luaName(call, 1);
  return call.failed() ? 0 : call.giveObject(name);
}

int toString(LuaCall& call) {
  const Name* name = call.object<Name>(1);
  return name == nullptr ? 0 : call.give(name->text());
}

int toStringNoDot(LuaCall& call) {
  const Name* name = call.object<Name>(1);
  return name == nullptr ? 0 : call.give(name->isRoot() ? std::string() : withoutDot(*name));
}

int equal(LuaCall& call) {
  const Name* name = call.object<Name>(1);
  const Name other = luaName(call, 2);
  return call.failed() ? 0 : call.give(*name == other);
}

int isEqual(LuaCall& call) { // "==": also of other things, which are not
  const Name* one = call.maybe<Name>(1);
  const Name* other = call.maybe<Name>(2);
  return call.give(one != nullptr && other != nullptr && *one == *other);
}

int isLess(LuaCall& call) {
  const Name* one = call.object<Name>(1);
  const Name* other = call.object<Name>(2);
  return call.failed() ? 0 : call.give(*one < *other);
}

int isPartOf(LuaCall& call) {
  const Name* name = call.object<Name>(1);
  const Name zone = luaName(call, 2);
  return call.failed() ? 0 : call.give(name->isWithin(zone));
}

int countLabels(LuaCall& call) {
  const Name* name = call.object<Name>(1);
  return name == nullptr ? 0 : call.give(name->labelCount());
}

int wireLength(LuaCall& call) {
  const Name* name = call.object<Name>(1);
  return name == nullptr ? 0 : call.give(name->wireSize());
}

int getRawLabels(LuaCall& call) {
  const Name* name = call.object<Name>(1);
  if (name == nullptr) return 0;
  std::vector<std::string> labels;
  for (std::size_t i = 0; i < name->labelCount(); ++i) {
    labels.emplace_back(name->label(i));
  }
  return luaGiveTexts(call, labels);
}

// Takes the leftmost label off; false when there was none.
int chopOff(LuaCall& call) {
  Name* name = call.object<Name>(1);
  if (name == nullptr) return 0;
  const bool can = !name->isRoot();
  *name = name->parent();
  return call.give(can);
}

// The part that stands before `zone`; nil when the name is not in it.
int makeRelative(LuaCall& call) {
  const Name* name = call.object<Name>(1);
  const Name zone = luaName(call, 2);
  if (call.failed()) return 0;
  const auto relative = name->isWithin(zone) ? name->withSuffixReplaced(zone, Name()) : std::nullopt;
  return relative ? call.giveObject(*relative) : call.giveNothing();
}

} // namespace

Name luaName(LuaCall& call, int index) {
  if (const Name* name = call.maybe<Name>(index)) {
    return *name;
  }
  const std::string text = call.text(index);
  if (call.failed()) return {};
  auto name = Name::parse(text);
  if (!name) {
    call.fail("'" + text + "': " + name.error().message);
    return {};
  }
  return *std::move(name);
}

void defineDnsName(lua_State* lua) {
  luaDefine<Name>(
      lua,
      {.methods = {luaMethod<toString>("toString"), luaMethod<toStringNoDot>("toStringNoDot"),
                   luaMethod<equal>("equal"), luaMethod<isPartOf>("isPartOf"), luaMethod<countLabels>("countLabels"),
                   luaMethod<wireLength>("wireLength"), luaMethod<wireLength>("wirelength"),
                   luaMethod<getRawLabels>("getRawLabels"), luaMethod<chopOff>("chopOff"),
                   luaMethod<makeRelative>("makeRelative"), luaMethod<isLess>("canonCompare")},
       .meta = {luaMethod<isEqual>("__eq"), luaMethod<isLess>("__lt"), luaMethod<toString>("__tostring")}});
  lua_register(lua, "newDN", &luaInvoke<newDn>);
}

} // namespace rec
