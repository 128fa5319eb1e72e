// The table `pdns`: record types, response codes, kinds of policies, places of records, log levels, the time.
#include "recursor/policy/luaconstants.hh"

#include <algorithm>
#include <array>

#include "recursor/policy/luaobjects.hh"

namespace rec {
namespace {

struct Constant {
  const char* name;
  int value;
};

constexpr std::array<Constant, 7> kKinds{{{"NoAction", 0},
                                          {"Drop", 1},
                                          {"NXDOMAIN", 2},
                                          {"NODATA", 3},
                                          {"Truncate", 4},
                                          {"Custom", 5},
                                          {"Refused", 6}}}; // the last one is our own
constexpr std::array<PolicyAction, 7> kActions{PolicyAction::NoAction, PolicyAction::Drop,     PolicyAction::NXDomain,
                                               PolicyAction::NoData,   PolicyAction::Truncate, PolicyAction::Custom,
                                               PolicyAction::Refused};
constexpr std::array<Constant, 6> kTypes{
    {{"None", 0}, {"QName", 1}, {"ClientIP", 2}, {"ResponseIP", 3}, {"NSDName", 4}, {"NSIP", 5}}};
constexpr std::array<PolicyTrigger, 6> kTriggers{PolicyTrigger::None,     PolicyTrigger::QName,
                                                 PolicyTrigger::ClientIp, PolicyTrigger::ResponseIp,
                                                 PolicyTrigger::NsDName,  PolicyTrigger::NsIp};
constexpr int kFirstBogus = 5, kLastBogus = 19, kAnyBogus = 255;
constexpr int kNoValidRrsig = 11;
constexpr std::array<Constant, 19> kStates{{{"Indeterminate", 0},
                                            {"Insecure", 1},
                                            {"Secure", 2},
                                            {"BogusNoValidDNSKEY", 5},
                                            {"BogusInvalidDenial", 6},
                                            {"BogusUnableToGetDSs", 7},
                                            {"BogusUnableToGetDNSKEYs", 8},
                                            {"BogusSelfSignedDS", 9},
                                            {"BogusNoRRSIG", 10},
                                            {"BogusNoValidRRSIG", kNoValidRrsig},
                                            {"BogusMissingNegativeIndication", 12},
                                            {"BogusSignatureNotYetValid", 13},
                                            {"BogusSignatureExpired", 14},
                                            {"BogusUnsupportedDNSKEYAlgo", 15},
                                            {"BogusUnsupportedDSDigestType", 16},
                                            {"BogusNoZoneKeyBitSet", 17},
                                            {"BogusRevokedDNSKEY", 18},
                                            {"BogusInvalidDNSKEYProtocol", kLastBogus},
                                            {"Bogus", kAnyBogus}}};
struct Reason {
  dns::EdeCode code;
  int state;
};
constexpr std::array<Reason, 8> kReasons{{{dns::EdeCode::UnsupportedDnskeyAlgorithm, 15},
                                          {dns::EdeCode::UnsupportedDsDigest, 16},
                                          {dns::EdeCode::SignatureExpired, 14},
                                          {dns::EdeCode::SignatureNotYetValid, 13},
                                          {dns::EdeCode::DnskeyMissing, 5},
                                          {dns::EdeCode::RrsigsMissing, 10},
                                          {dns::EdeCode::NoZoneKeyBit, 17},
                                          {dns::EdeCode::NsecMissing, 12}}};
constexpr std::array<Constant, 12> kRcodes{{{"NOERROR", 0},
                                            {"FORMERR", 1},
                                            {"SERVFAIL", 2},
                                            {"NXDOMAIN", 3},
                                            {"NOTIMP", 4},
                                            {"REFUSED", 5},
                                            {"YXDOMAIN", 6},
                                            {"YXRRSET", 7},
                                            {"NXRRSET", 8},
                                            {"NOTAUTH", 9},
                                            {"NOTZONE", 10},
                                            {"DROP", -2}}}; // of old: it has no meaning any more
constexpr std::array<Constant, 4> kPlaces{{{"QUESTION", 0}, {"ANSWER", 1}, {"AUTHORITY", 2}, {"ADDITIONAL", 3}}};
constexpr std::array<Constant, 8> kLevels{{{"Emergency", 0},
                                           {"Alert", 1},
                                           {"Critical", 2},
                                           {"Error", 3},
                                           {"Warning", 4},
                                           {"Notice", 5},
                                           {"Info", 6},
                                           {"Debug", 7}}};
constexpr std::array kRecordTypes{
#define RRTYPE(mnemonic, number, layout) static_cast<dns::RRType>(number),
#include "lib/dns/rrtypes.def"
#undef RRTYPE
};

template <std::size_t N> void fill(lua_State* lua, const std::array<Constant, N>& constants) {
  for (const Constant& constant : constants) {
    lua_pushinteger(lua, constant.value);
    lua_setfield(lua, -2, constant.name);
  }
}

template <std::size_t N> void table(lua_State* lua, const char* name, const std::array<Constant, N>& constants) {
  lua_newtable(lua);
  fill(lua, constants);
  lua_setfield(lua, -2, name);
}

} // namespace

int luaKindOf(PolicyAction action) {
  const auto* found = std::ranges::find(kActions, action);
  return found == kActions.end() ? 0 : static_cast<int>(found - kActions.begin());
}

std::optional<PolicyAction> luaActionOf(std::int64_t kind) {
  const auto at = static_cast<std::size_t>(kind);
  return at < kActions.size() ? std::optional(kActions[at]) : std::nullopt;
}

int luaTypeOf(PolicyTrigger trigger) {
  return static_cast<int>(std::ranges::find(kTriggers, trigger) - kTriggers.begin());
}

std::optional<PolicyTrigger> luaTriggerOf(std::int64_t type) {
  const auto at = static_cast<std::size_t>(type);
  return at < kTriggers.size() ? std::optional(kTriggers[at]) : std::nullopt;
}

int luaValidation(Security security) {
  switch (security) {
  case Security::Bogus: return kAnyBogus;
  case Security::Indeterminate: return 0;
  case Security::Insecure: return 1;
  case Security::Secure: break;
  }
  return 2;
}

int luaDetailedValidation(Security security, const std::vector<dns::ExtendedError>& errors) {
  if (security != Security::Bogus) {
    return luaValidation(security);
  }
  for (const dns::ExtendedError& error : errors) {
    const auto* found = std::ranges::find(kReasons, error.code, &Reason::code);
    if (found != kReasons.end()) return found->state;
  }
  return kNoValidRrsig;
}

bool luaIsBogus(std::int64_t state) { return state == kAnyBogus || (state >= kFirstBogus && state <= kLastBogus); }

void defineConstants(lua_State* lua) {
  lua_newtable(lua);
  fill(lua, kRcodes);
  for (const dns::RRType type : kRecordTypes) {
    lua_pushinteger(lua, static_cast<lua_Integer>(type));
    lua_setfield(lua, -2, dns::text(type).c_str());
  }
  table(lua, "policykinds", kKinds);
  table(lua, "policytypes", kTypes);
  table(lua, "validationstates", kStates);
  table(lua, "place", kPlaces);
  table(lua, "loglevels", kLevels);
  luaPush(lua, LuaNow());
  lua_setfield(lua, -2, "now");
  lua_setglobal(lua, "pdns");
  lua_newtable(lua);
  lua_pushboolean(lua, 1);
  lua_setfield(lua, -2, "PR8001_devicename");
  lua_setglobal(lua, "pdns_features");
}

} // namespace rec
