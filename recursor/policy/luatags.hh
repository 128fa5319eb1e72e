// The methods that dq and PolicyEvent share: policy tags, and policies that are to have no say in this question.
#pragma once

#include "recursor/policy/luaobjects.hh"

namespace rec {

template <typename T> int luaAddPolicyTag(LuaCall& call) {
  LuaQuestion* question = luaQuestion<T>(call);
  std::string tag = call.text(2);
  if (!call.failed()) question->policyTags.insert(std::move(tag));
  return 0;
}

template <typename T> int luaGetPolicyTags(LuaCall& call) {
  const LuaQuestion* question = luaQuestion<T>(call);
  return call.failed() ? 0 : luaGiveTexts(call, question->policyTags);
}

template <typename T> int luaSetPolicyTags(LuaCall& call) {
  LuaQuestion* question = luaQuestion<T>(call);
  const std::vector<std::string> tags = call.texts(2);
  if (!call.failed()) question->policyTags = {tags.begin(), tags.end()};
  return 0;
}

template <typename T> int luaDiscardPolicy(LuaCall& call) {
  LuaQuestion* question = luaQuestion<T>(call);
  std::string name = call.text(2);
  if (!call.failed()) question->discardedPolicies.insert(std::move(name));
  return 0;
}

template <typename T> std::vector<LuaMethod> luaTagMethods() {
  return {luaMethod<luaAddPolicyTag<T>>("addPolicyTag"), luaMethod<luaGetPolicyTags<T>>("getPolicyTags"),
          luaMethod<luaSetPolicyTags<T>>("setPolicyTags"), luaMethod<luaDiscardPolicy<T>>("discardPolicy")};
}

} // namespace rec
