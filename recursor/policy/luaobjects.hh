// The C++ types that scripts know as objects, with their names there, and the functions that make each of them known to
// a state: one file each, listed in luaapi.cc.
#pragma once

#include <memory>
#include <unordered_set>

#include "lib/base/netmask.hh"
#include "recursor/policy/luacall.hh"
#include "recursor/policy/luametrics.hh"
#include "recursor/policy/luaquestion.hh"
#include "recursor/policy/luastate.hh"

namespace rec {

// What a hook gets to see lives as long as its call: a script that keeps it finds nothing any more.
struct LuaDq {
  std::shared_ptr<LuaQuestion*> question;
};
struct LuaPolicyEvent {
  std::shared_ptr<LuaQuestion*> question;
};
struct LuaAppliedPolicy {
  std::shared_ptr<LuaQuestion*> question;
};

// DNSSuffixMatchGroup: names, and all below them.
struct LuaSuffixes {
  std::unordered_set<dns::Name, dns::NameHash> names;
  bool all = false; // the root is in it
  LuaCharge charge = {};
};

// ComboAddressSet: addresses without their ports.
struct LuaAddressSet {
  std::unordered_set<base::Address, base::AddressHash> addresses;
  LuaCharge charge = {};
};

struct LuaMaskGroup {
  base::NetmaskGroup masks;
  LuaCharge charge = {};
};

// The values of one EDNS option, in their order.
struct LuaOptionView {
  std::vector<std::string> values;
};

struct LuaNow {}; // pdns.now

struct LuaType {
  dns::RRType type{};
};

struct LuaMetric {
  LuaMetricCell cell;
};

template <> struct LuaTraits<dns::Name> {
  static constexpr const char* kName = "DNSName";
};
template <> struct LuaTraits<base::Address> {
  static constexpr const char* kName = "ComboAddress";
};
template <> struct LuaTraits<LuaAddressSet> {
  static constexpr const char* kName = "ComboAddressSet";
};
template <> struct LuaTraits<LuaNetmask> {
  static constexpr const char* kName = "Netmask";
};
template <> struct LuaTraits<LuaMaskGroup> {
  static constexpr const char* kName = "NetMaskGroup";
};
template <> struct LuaTraits<LuaSuffixes> {
  static constexpr const char* kName = "DNSSuffixMatchGroup";
};
template <> struct LuaTraits<LuaRecord> {
  static constexpr const char* kName = "DNSRecord";
};
template <> struct LuaTraits<dns::Header> {
  static constexpr const char* kName = "DNSHeader";
};
template <> struct LuaTraits<LuaOptionView> {
  static constexpr const char* kName = "EDNSOptionView";
};
template <> struct LuaTraits<net::ProxyValue> {
  static constexpr const char* kName = "ProxyProtocolValue";
};
template <> struct LuaTraits<LuaTime> {
  static constexpr const char* kName = "timeval";
};
template <> struct LuaTraits<LuaNow> {
  static constexpr const char* kName = "timeval";
};
template <> struct LuaTraits<LuaType> {
  static constexpr const char* kName = "QType";
};
template <> struct LuaTraits<LuaMetric> {
  static constexpr const char* kName = "Metric";
};
template <> struct LuaTraits<LuaDq> {
  static constexpr const char* kName = "DNSQuestion";
};
template <> struct LuaTraits<LuaPolicyEvent> {
  static constexpr const char* kName = "PolicyEvent";
};
template <> struct LuaTraits<LuaAppliedPolicy> {
  static constexpr const char* kName = "AppliedPolicy";
};

void defineDnsName(lua_State* lua);
void defineAddress(lua_State* lua);
void defineNetmask(lua_State* lua);
void defineSuffixes(lua_State* lua);
void defineRecord(lua_State* lua);
void defineHeader(lua_State* lua);
void defineEdns(lua_State* lua);
void defineProxyValue(lua_State* lua);
void defineTime(lua_State* lua);
void defineMetric(lua_State* lua);
void defineDq(lua_State* lua);
void definePolicy(lua_State* lua);
void defineFunctions(lua_State* lua);
void defineConstants(lua_State* lua); // the table `pdns`

// The question of a dq, an event or an applied policy; null and failed when its hook is over.
template <typename T> LuaQuestion* luaQuestion(LuaCall& call) {
  T* handle = call.object<T>(1);
  if (handle != nullptr && *handle->question == nullptr) {
    call.fail("the hook that this belongs to is over");
  }
  return handle == nullptr ? nullptr : *handle->question;
}

// As failed when there is no memory for so many octets of the object.
inline void luaCharge(LuaCall& call, LuaCharge& charge, std::size_t octets) {
  constexpr std::size_t kNode = 64; // of a container, about
  if (!charge.add(call.lua(), octets + kNode)) call.fail("not enough memory");
}

// A list with these texts, on the stack.
template <typename Texts> int luaGiveTexts(LuaCall& call, const Texts& texts) {
  lua_newtable(call.lua());
  int at = 0;
  for (const std::string& text : texts) {
    call.give(text);
    lua_rawseti(call.lua(), -2, ++at);
  }
  return 1;
}

// A list of the values that a proxy sent with the question, on the stack.
void luaPushProxyValues(lua_State* lua, const LuaQuestion& question);

// The name of a DNSName or of a text at `index`.
[[nodiscard]] dns::Name luaName(LuaCall& call, int index);
// The address of a ComboAddress or of a text.
[[nodiscard]] base::Address luaAddress(LuaCall& call, int index);

} // namespace rec
