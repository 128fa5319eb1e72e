// PolicyEvent in scripts: a policy has matched (policyEventFilter); and appliedPolicy, which dq has, too: what the
// policy is about to do, for the script to change.
#include "lib/dns/presentation.hh"
#include "lib/dns/rdata.hh"
#include "recursor/policy/luaconstants.hh"
#include "recursor/policy/luatags.hh"

namespace rec {
namespace {

using Applied = LuaAppliedPolicy;

LuaQuestion* changed(LuaCall& call) {
  LuaQuestion* question = luaQuestion<Applied>(call);
  if (question != nullptr) question->policyChanged = true;
  return question;
}

int getName(LuaCall& call) {
  const LuaQuestion* question = luaQuestion<Applied>(call);
  return call.failed() ? 0 : call.give(question->policyName);
}
int setName(LuaCall& call) {
  LuaQuestion* question = changed(call);
  std::string name = call.text(2);
  if (!call.failed()) question->policyName = std::move(name);
  return 0;
}

int getKind(LuaCall& call) {
  const LuaQuestion* question = luaQuestion<Applied>(call);
  return call.failed() ? 0 : call.give(luaKindOf(question->policy.action));
}
int setKind(LuaCall& call) {
  LuaQuestion* question = changed(call);
  const auto action = luaActionOf(call.number(2));
  if (!action) call.fail("this is none of pdns.policykinds");
  if (!call.failed()) question->policy.action = *action;
  return 0;
}

int getType(LuaCall& call) {
  const LuaQuestion* question = luaQuestion<Applied>(call);
  return call.failed() ? 0 : call.give(luaTypeOf(question->policy.type));
}
int setType(LuaCall& call) {
  LuaQuestion* question = changed(call);
  const auto type = luaTriggerOf(call.number(2));
  if (!type) call.fail("this is none of pdns.policytypes");
  if (!call.failed()) question->policy.type = *type;
  return 0;
}

int getTtl(LuaCall& call) {
  const LuaQuestion* question = luaQuestion<Applied>(call);
  return call.failed() ? 0 : call.give(question->policy.ttl);
}
int setTtl(LuaCall& call) {
  LuaQuestion* question = changed(call);
  const auto ttl = static_cast<std::uint32_t>(call.number(2, 0, INT32_MAX));
  if (call.failed()) return 0;
  question->policy.ttl = ttl;
  for (dns::RRset& set : question->policy.custom) set = set.withTtl(ttl);
  return 0;
}

template <std::string PolicyVerdict::* Text> int getText(LuaCall& call) {
  const LuaQuestion* question = luaQuestion<Applied>(call);
  return call.failed() ? 0 : call.give(question->policy.*Text);
}
template <std::string PolicyVerdict::* Text> int setText(LuaCall& call) {
  LuaQuestion* question = changed(call);
  std::string text = call.text(2);
  if (!call.failed()) question->policy.*Text = std::move(text);
  return 0;
}

// The contents of its records, a line each; nothing when the policy is of another kind.
int getCustom(LuaCall& call) {
  const LuaQuestion* question = luaQuestion<Applied>(call);
  if (call.failed()) return 0;
  std::string text;
  for (const dns::RRset& set : question->policy.custom) {
    for (const auto rdata : set.rdatas()) {
      text += (text.empty() ? "" : "\n") + dns::rdataText(set.type(), rdata);
    }
  }
  return call.give(question->policy.action == PolicyAction::Custom ? text : std::string());
}

// A name to be an alias for.
int setCustom(LuaCall& call) {
  LuaQuestion* question = changed(call);
  const dns::Name target = luaName(call, 2);
  if (!call.failed()) {
    question->policy.custom = {
        dns::makeNameRRset(question->question.name, dns::RRType::CNAME, question->policy.ttl, target)};
  }
  return 0;
}

int eventName(LuaCall& call) {
  const LuaQuestion* question = luaQuestion<LuaPolicyEvent>(call);
  return call.failed() ? 0 : call.giveObject(question->question.name);
}
int eventType(LuaCall& call) {
  const LuaQuestion* question = luaQuestion<LuaPolicyEvent>(call);
  return call.failed() ? 0 : call.give(static_cast<unsigned>(question->question.type));
}
int eventTcp(LuaCall& call) {
  const LuaQuestion* question = luaQuestion<LuaPolicyEvent>(call);
  return call.failed() ? 0 : call.give(question->tcp);
}
int eventRemote(LuaCall& call) {
  const LuaQuestion* question = luaQuestion<LuaPolicyEvent>(call);
  return call.failed() ? 0 : call.giveObject(question->remote);
}
int eventPolicy(LuaCall& call) {
  const LuaPolicyEvent* event = call.object<LuaPolicyEvent>(1);
  return event == nullptr ? 0 : call.giveObject(Applied{event->question});
}

} // namespace

void definePolicy(lua_State* lua) {
  luaDefine<Applied>(
      lua, {.methods = {},
            .members = {luaMember<getName, setName>("policyName"), luaMember<getKind, setKind>("policyKind"),
                        luaMember<getType, setType>("policyType"), luaMember<getTtl, setTtl>("policyTTL"),
                        luaMember<getText<&PolicyVerdict::trigger>, setText<&PolicyVerdict::trigger>>("policyTrigger"),
                        luaMember<getText<&PolicyVerdict::hit>, setText<&PolicyVerdict::hit>>("policyHit"),
                        luaMember<getCustom, setCustom>("policyCustom")}});
  luaDefine<LuaPolicyEvent>(lua, {.methods = luaTagMethods<LuaPolicyEvent>(),
                                  .members = {luaReadOnly<eventName>("qname"), luaReadOnly<eventType>("qtype"),
                                              luaReadOnly<eventTcp>("isTcp"), luaReadOnly<eventRemote>("remote"),
                                              luaReadOnly<eventPolicy>("appliedPolicy")}});
}

} // namespace rec
