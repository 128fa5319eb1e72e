// EDNSOptionView in scripts: the values of one option of a client's question, as gettag gets them.
#include "recursor/policy/luaobjects.hh"

namespace rec {
namespace {

int count(LuaCall& call) {
  const LuaOptionView* view = call.object<LuaOptionView>(1);
  return view == nullptr ? 0 : call.give(view->values.size());
}

int getValues(LuaCall& call) {
  const LuaOptionView* view = call.object<LuaOptionView>(1);
  return view == nullptr ? 0 : luaGiveTexts(call, view->values);
}

// The first value, for scripts older than options with several.
int getContent(LuaCall& call) {
  const LuaOptionView* view = call.object<LuaOptionView>(1);
  return view == nullptr ? 0 : call.give(view->values.empty() ? std::string() : view->values.front());
}

int getSize(LuaCall& call) {
  const LuaOptionView* view = call.object<LuaOptionView>(1);
  return view == nullptr ? 0 : call.give(view->values.empty() ? 0 : view->values.front().size());
}

} // namespace

void defineEdns(lua_State* lua) {
  luaDefine<LuaOptionView>(lua, {.methods = {luaMethod<count>("count"), luaMethod<getValues>("getValues"),
                                             luaMethod<getContent>("getContent")},
                                 .members = {luaReadOnly<getSize>("size")}});
}

} // namespace rec
