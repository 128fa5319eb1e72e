// dq in scripts: the question with all that has become of it. What can only be read, what can be changed, and the
// methods that read the question's header and EDNS. Its records are in luadqrecords.cc.
#include <algorithm>

#include "recursor/policy/luaconstants.hh"
#include "recursor/policy/luacontext.hh"
#include "recursor/policy/luadqrecords.hh"
#include "recursor/policy/luatags.hh"

namespace rec {
namespace {

LuaQuestion* dq(LuaCall& call) { return luaQuestion<LuaDq>(call); }

int getQname(LuaCall& call) {
  const LuaQuestion* question = dq(call);
  return call.failed() ? 0 : call.giveObject(question->question.name);
}
int getQtype(LuaCall& call) {
  const LuaQuestion* question = dq(call);
  return call.failed() ? 0 : call.give(static_cast<unsigned>(question->question.type));
}
int getValidation(LuaCall& call) {
  const LuaQuestion* question = dq(call);
  return call.failed() ? 0 : call.give(luaValidation(question->security));
}
int getDetailedValidation(LuaCall& call) {
  const LuaQuestion* question = dq(call);
  return call.failed() ? 0 : call.give(luaDetailedValidation(question->security, question->errors));
}
int getQueryTime(LuaCall& call) {
  const LuaQuestion* question = dq(call);
  return call.failed() ? 0 : call.giveObject(question->queryTime);
}

template <base::Address LuaQuestion::* Field> int getAddress(LuaCall& call) {
  const LuaQuestion* question = dq(call);
  return call.failed() ? 0 : call.giveObject(question->*Field);
}
template <base::Address LuaQuestion::* Field> int setAddress(LuaCall& call) {
  LuaQuestion* question = dq(call);
  const base::Address address = luaAddress(call, 2);
  if (!call.failed()) question->*Field = address;
  return 0;
}
template <std::string LuaQuestion::* Field> int getText(LuaCall& call) {
  const LuaQuestion* question = dq(call);
  return call.failed() ? 0 : call.give(question->*Field);
}
template <std::string LuaQuestion::* Field> int setText(LuaCall& call) {
  LuaQuestion* question = dq(call);
  std::string text = call.text(2);
  if (!call.failed()) question->*Field = std::move(text);
  return 0;
}
template <bool LuaQuestion::* Field> int getFlag(LuaCall& call) {
  const LuaQuestion* question = dq(call);
  return call.failed() ? 0 : call.give(question->*Field);
}
template <bool LuaQuestion::* Field> int setFlag(LuaCall& call) {
  LuaQuestion* question = dq(call);
  if (!call.failed()) question->*Field = call.truth(2);
  return 0;
}

int getRcode(LuaCall& call) {
  const LuaQuestion* question = dq(call);
  return call.failed() ? 0 : call.give(question->rcode);
}
int setRcode(LuaCall& call) {
  LuaQuestion* question = dq(call);
  const auto rcode = static_cast<int>(call.number(2, -3, 4095)); // -3: preoutquery
  if (!call.failed()) question->rcode = rcode;
  return 0;
}

int getTag(LuaCall& call) {
  const LuaQuestion* question = dq(call);
  return call.failed() ? 0 : call.give(question->tag);
}
int setTag(LuaCall& call) {
  LuaQuestion* question = dq(call);
  const auto tag = static_cast<std::uint32_t>(call.number(2));
  if (!call.failed()) question->tag = tag;
  return 0;
}

int getErrorCode(LuaCall& call) {
  const LuaQuestion* question = dq(call);
  return call.failed() ? 0 : call.give(question->extendedErrorCode);
}
int setErrorCode(LuaCall& call) {
  LuaQuestion* question = dq(call);
  const auto code = static_cast<std::uint16_t>(call.number(2, 0, UINT16_MAX));
  if (!call.failed()) question->extendedErrorCode = code;
  return 0;
}

int getData(LuaCall& call) {
  const LuaQuestion* question = dq(call);
  if (call.failed()) return 0;
  LuaContext::of(call.lua()).give(call.lua(), question->data);
  return 1;
}
int setData(LuaCall& call) {
  LuaQuestion* question = dq(call);
  if (call.failed()) return 0;
  lua_pushvalue(call.lua(), 2);
  question->data = LuaContext::of(call.lua()).keep(call.lua());
  return 0;
}

int getPolicy(LuaCall& call) {
  const LuaDq* handle = call.object<LuaDq>(1);
  return handle == nullptr ? 0 : call.giveObject(LuaAppliedPolicy{handle->question});
}

int getHeader(LuaCall& call) {
  const LuaQuestion* question = dq(call);
  if (call.failed()) return 0;
  return question->header ? call.giveObject(*question->header) : call.giveNothing();
}

int getEdnsFlags(LuaCall& call) {
  const LuaQuestion* question = dq(call);
  return call.failed()
             ? 0
             : luaGiveTexts(call, question->dnssecOk ? std::vector<std::string>{"DO"} : std::vector<std::string>{});
}
int getEdnsFlag(LuaCall& call) {
  const LuaQuestion* question = dq(call);
  const std::string flag = call.text(2);
  return call.failed() ? 0 : call.give(question->dnssecOk && flag == "DO");
}

// Contents by code.
int getEdnsOptions(LuaCall& call) {
  const LuaQuestion* question = dq(call);
  if (call.failed()) return 0;
  lua_newtable(call.lua());
  for (const auto& [code, content] : question->options) {
    call.give(content);
    lua_rawseti(call.lua(), -2, code);
  }
  return 1;
}
int getEdnsOption(LuaCall& call) {
  const LuaQuestion* question = dq(call);
  const auto code = static_cast<std::uint16_t>(call.number(2, 0, UINT16_MAX));
  if (call.failed()) return 0;
  const auto found = std::ranges::find(question->options, code, &LuaOptions::value_type::first);
  return found == question->options.end() ? call.giveNothing() : call.give(found->second);
}
int getEdnsSubnet(LuaCall& call) {
  const LuaQuestion* question = dq(call);
  if (call.failed()) return 0;
  const LuaNetmask subnet = subnetOf(question->options);
  return subnet.empty() ? call.giveNothing() : call.giveObject(subnet);
}

int getProxyValues(LuaCall& call) {
  const LuaQuestion* question = dq(call);
  if (call.failed()) return 0;
  luaPushProxyValues(call.lua(), *question);
  return 1;
}
int getInterfaceRemote(LuaCall& call) {
  const LuaQuestion* question = dq(call);
  return call.failed() ? 0 : call.giveObject(question->interfaceRemote());
}
int getInterfaceLocal(LuaCall& call) {
  const LuaQuestion* question = dq(call);
  return call.failed() ? 0 : call.giveObject(question->interfaceLocal());
}

template <std::string LuaQuestion::* Field> LuaMember textMember(const char* name) {
  return luaMember<getText<Field>, setText<Field>>(name);
}
template <bool LuaQuestion::* Field> LuaMember flagMember(const char* name) {
  return luaMember<getFlag<Field>, setFlag<Field>>(name);
}

std::vector<LuaMember> members() {
  using Q = LuaQuestion;
  return {luaReadOnly<getQname>("qname"),
          luaReadOnly<getQtype>("qtype"),
          luaReadOnly<getAddress<&Q::local>>("localaddr"),
          luaReadOnly<getAddress<&Q::remote>>("remoteaddr"),
          luaReadOnly<getInterfaceLocal>("interface_localaddr"),
          luaReadOnly<getInterfaceRemote>("interface_remoteaddr"),
          luaReadOnly<getValidation>("validationState"),
          luaReadOnly<getDetailedValidation>("detailedValidationState"),
          luaReadOnly<getQueryTime>("queryTime"),
          flagMember<&Q::tcp>("isTcp"),
          flagMember<&Q::variable>("variable"),
          flagMember<&Q::wantsRpz>("wantsRPZ"),
          flagMember<&Q::logResponse>("logResponse"),
          flagMember<&Q::padding>("addPaddingToResponse"),
          luaMember<getRcode, setRcode>("rcode"),
          luaMember<getTag, setTag>("tag"),
          textMember<&Q::requestorId>("requestorId"),
          textMember<&Q::deviceId>("deviceId"),
          textMember<&Q::deviceName>("deviceName"),
          textMember<&Q::followupFunction>("followupFunction"),
          textMember<&Q::followupPrefix>("followupPrefix"),
          textMember<&Q::followupName>("followupName"),
          luaMember<getData, setData>("data"),
          luaMember<getErrorCode, setErrorCode>("extendedErrorCode"),
          textMember<&Q::extendedErrorExtra>("extendedErrorExtra"),
          textMember<&Q::udpQuery>("udpQuery"),
          textMember<&Q::udpAnswer>("udpAnswer"),
          luaMember<getAddress<&Q::udpQueryDest>, setAddress<&Q::udpQueryDest>>("udpQueryDest"),
          textMember<&Q::udpCallback>("udpCallback"),
          luaReadOnly<getPolicy>("appliedPolicy")};
}

} // namespace

void defineDq(lua_State* lua) {
  std::vector<LuaMethod> methods = luaTagMethods<LuaDq>();
  const std::vector<LuaMethod> records = luaRecordMethods();
  methods.insert(methods.end(), records.begin(), records.end());
  methods.insert(methods.end(), {luaMethod<getHeader>("getDH"), luaMethod<getEdnsFlag>("getEDNSFlag"),
                                 luaMethod<getEdnsFlags>("getEDNSFlags"), luaMethod<getEdnsOption>("getEDNSOption"),
                                 luaMethod<getEdnsOptions>("getEDNSOptions"), luaMethod<getEdnsSubnet>("getEDNSSubnet"),
                                 luaMethod<getProxyValues>("getProxyProtocolValues")});
  luaDefine<LuaDq>(lua, {.methods = methods, .members = members()});
}

} // namespace rec
