// Sort lists and additional records from their arguments.
#include "recursor/config/luaanswers.hh"

#include <algorithm>
#include <array>

namespace rec {
namespace {

using base::Error;
using base::Result;

constexpr std::array<const char*, 5> kModes{"Ignore", "CacheOnly", "CacheOnlyRequireAuth", "ResolveImmediately",
                                            "ResolveDeferred"};
// Those whose records name others that a client will want to know more of.
constexpr std::array kNamingTypes{dns::RRType::MX, dns::RRType::SRV, dns::RRType::NAPTR, dns::RRType::SVCB,
                                  dns::RRType::HTTPS};

constexpr std::array kAllTypes{
#define RRTYPE(mnemonic, number, layout) static_cast<dns::RRType>(number),
#include "lib/dns/rrtypes.def"
#undef RRTYPE
};

Result<dns::RRType> typeOf(int number) {
  if (number < 1 || number > 65535) return Error{std::to_string(number) + " is no record type"};
  return static_cast<dns::RRType>(number);
}

Result<AdditionalMode> modeOf(lua_State* value) {
  const double given = lua_isnumber(value, -1) ? lua_tonumber(value, -1) : -1;
  if (given < 0 || given >= static_cast<double>(kModes.size()))
    return Error{"mode: one of pdns.AdditionalMode is needed"};
  return static_cast<AdditionalMode>(static_cast<int>(given));
}

Result<void> readMode(const LuaConfigArguments& arguments, AdditionalRule& rule) {
  return arguments.options(3, [&rule](const std::string& key, lua_State* value) -> Result<void> {
    if (key != "mode") return Error{"option " + key + " is not known"};
    const auto mode = modeOf(value);
    if (!mode) return mode.error();
    rule.mode = *mode;
    return {};
  });
}

} // namespace

Result<void> readSortList(const LuaConfigArguments& arguments, SortLists& into) {
  const auto clients = arguments.text(1);
  if (!clients) return clients.error();
  const auto network = base::Netmask::parse(*clients);
  if (!network) return network.error();
  const auto texts = arguments.texts(2);
  if (!texts) return texts.error();
  std::vector<base::Netmask> preferred;
  for (const std::string& text : *texts) {
    const auto one = base::Netmask::parse(text);
    if (!one) return one.error();
    preferred.push_back(*one);
  }
  std::optional<int> place;
  if (arguments.has(3)) {
    const auto given = arguments.number(3);
    if (!given) return given.error();
    place = *given;
  }
  into.add(*network, preferred, place);
  return {};
}

Result<void> readAdditional(const LuaConfigArguments& arguments, AnswerRules& into) {
  const auto number = arguments.number(1);
  const auto type = number ? typeOf(*number) : Result<dns::RRType>(number.error());
  if (!type) return type.error();
  if (std::ranges::find(kNamingTypes, *type) == kNamingTypes.end()) {
    return Error{dns::text(*type) + " names nothing that could be added: MX, SRV, NAPTR, SVCB and HTTPS do"};
  }
  const auto targets = arguments.numbers(2);
  if (!targets) return targets.error();
  AdditionalRule rule;
  for (const int target : *targets) {
    const auto one = typeOf(target);
    if (!one) return one.error();
    rule.targets.push_back(*one);
  }
  if (const auto read = readMode(arguments, rule); !read) return read;
  into.additionals.insert_or_assign(*type, std::move(rule));
  return {};
}

void setAnswerConstants(lua_State* lua) {
  lua_newtable(lua);
  for (const dns::RRType type : kAllTypes) {
    lua_pushnumber(lua, static_cast<lua_Number>(type));
    lua_setfield(lua, -2, dns::text(type).c_str());
  }
  lua_newtable(lua);
  for (std::size_t i = 0; i < kModes.size(); ++i) {
    lua_pushnumber(lua, static_cast<lua_Number>(i));
    lua_setfield(lua, -2, kModes[i]);
  }
  lua_setfield(lua, -2, "AdditionalMode");
  lua_setglobal(lua, "pdns");
}

} // namespace rec
