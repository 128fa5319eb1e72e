// The option tables of rpzFile and rpzPrimary, one row each.
#include "recursor/config/luarpz.hh"

#include <algorithm>
#include <array>

namespace rec {
namespace {

using base::Error;
using base::Result;

constexpr double kMaxSeconds = 0x7FFFFFFF;

// What is put together from several options.
struct Reading {
  RpzConfig config;
  std::string tsigName, tsigAlgorithm, tsigSecret;
};

Result<bool> flag(lua_State* value) {
  if (!lua_isboolean(value, -1)) return Error{"true or false is needed"};
  return lua_toboolean(value, -1) != 0;
}

Result<std::string> text(lua_State* value) {
  if (lua_type(value, -1) != LUA_TSTRING) return Error{"a string is needed"};
  std::size_t size = 0;
  const char* at = lua_tolstring(value, -1, &size);
  return std::string(at, size);
}

Result<std::uint64_t> number(lua_State* value, double most) {
  if (!lua_isnumber(value, -1)) return Error{"a number is needed"};
  const double given = lua_tonumber(value, -1);
  if (!(given >= 0 && given <= most))
    return Error{"a number from 0 to " + std::to_string(static_cast<std::uint64_t>(most)) + " is needed"};
  return static_cast<std::uint64_t>(given);
}

// Into `to`, unless it is an error.
template <typename T, typename From> Result<void> put(T& to, Result<From> from) {
  if (!from) return from.error();
  to = static_cast<T>(std::move(*from));
  return {};
}

Result<void> defpol(Reading& reading, lua_State* value) {
  const auto kind = number(value, 5);
  if (!kind) return Error{"one of the table Policy is needed"};
  reading.config.defpol = static_cast<RpzPolicyKind>(*kind);
  return {};
}

Result<void> defcontent(Reading& reading, lua_State* value) {
  const auto written = text(value);
  if (!written) return written.error();
  auto name = dns::Name::parse(*written);
  if (!name) return name.error();
  reading.config.defcontent = std::move(*name);
  return {};
}

Result<void> tags(Reading& reading, lua_State* value) {
  if (!lua_istable(value, -1)) return Error{"a table of strings is needed"};
  for (int at = 1;; ++at) {
    lua_rawgeti(value, -1, at);
    const bool isText = lua_type(value, -1) == LUA_TSTRING;
    if (isText) reading.config.tags.emplace(lua_tostring(value, -1));
    lua_pop(value, 1);
    if (!isText) return {};
  }
}

Result<void> localAddress(Reading& reading, lua_State* value) {
  const auto written = text(value);
  if (!written) return written.error();
  const auto address = base::Address::parse(*written);
  if (!address) return address.error();
  reading.config.localAddress = *address;
  return {};
}

Result<void> seconds(std::chrono::seconds& to, lua_State* value) {
  const auto given = number(value, kMaxSeconds);
  if (!given) return given.error();
  to = std::chrono::seconds(*given);
  return {};
}

struct Option {
  std::string_view name;
  bool primaryOnly;
  Result<void> (*read)(Reading&, lua_State*);
};

constexpr std::array kOptions{
    Option{"defpol", false, defpol},
    Option{"defcontent", false, defcontent},
    Option{"defttl", false,
           [](Reading& r, lua_State* v) { return put(r.config.defttl.emplace(), number(v, kMaxSeconds)); }},
    Option{"defpolOverrideLocalData", false,
           [](Reading& r, lua_State* v) { return put(r.config.defpolOverrideLocalData, flag(v)); }},
    Option{"policyName", false, [](Reading& r, lua_State* v) { return put(r.config.name, text(v)); }},
    Option{"tags", false, tags},
    Option{"overridesGettag", false, [](Reading& r, lua_State* v) { return put(r.config.overridesGettag, flag(v)); }},
    Option{"zoneSizeHint", false, [](Reading& r, lua_State* v) { return put(r.config.zoneSizeHint, number(v, 1e9)); }},
    Option{"maxTTL", false, [](Reading& r, lua_State* v) { return put(r.config.maxTtl, number(v, kMaxSeconds)); }},
    Option{"extendedErrorCode", false,
           [](Reading& r, lua_State* v) { return put(r.config.extendedErrorCode.emplace(), number(v, 65535)); }},
    Option{"extendedErrorExtra", false,
           [](Reading& r, lua_State* v) { return put(r.config.extendedErrorExtra, text(v)); }},
    Option{"includeSOA", false, [](Reading& r, lua_State* v) { return put(r.config.includeSoa, flag(v)); }},
    Option{"wipePacketCache", false, [](Reading& r, lua_State* v) { return put(r.config.wipePacketCache, flag(v)); }},
    Option{"ignoreDuplicates", false, [](Reading& r, lua_State* v) { return put(r.config.ignoreDuplicates, flag(v)); }},
    Option{"tsigname", true, [](Reading& r, lua_State* v) { return put(r.tsigName, text(v)); }},
    Option{"tsigalgo", true, [](Reading& r, lua_State* v) { return put(r.tsigAlgorithm, text(v)); }},
    Option{"tsigsecret", true, [](Reading& r, lua_State* v) { return put(r.tsigSecret, text(v)); }},
    Option{"refresh", true, [](Reading& r, lua_State* v) { return seconds(r.config.refresh, v); }},
    Option{"maxReceivedMBytes", true,
           [](Reading& r, lua_State* v) { return put(r.config.maxReceivedMBytes, number(v, 1e6)); }},
    Option{"localAddress", true, localAddress},
    Option{"axfrTimeout", true, [](Reading& r, lua_State* v) { return seconds(r.config.axfrTimeout, v); }},
    Option{"dumpFile", true, [](Reading& r, lua_State* v) { return put(r.config.dumpFile, text(v)); }},
    Option{"seedFile", true, [](Reading& r, lua_State* v) { return put(r.config.seedFile, text(v)); }}};

Result<void> finish(Reading& reading) {
  RpzConfig& config = reading.config;
  if (config.defpol == RpzPolicyKind::Custom && !config.defcontent) {
    return Error{"defcontent is needed with Policy.Custom"};
  }
  if (reading.tsigName.empty()) {
    const bool half = !reading.tsigSecret.empty() || !reading.tsigAlgorithm.empty();
    return half ? Error{"tsigsecret and tsigalgo need tsigname"} : Result<void>();
  }
  const std::string algorithm = reading.tsigAlgorithm.empty() ? "hmac-sha256" : reading.tsigAlgorithm;
  auto key = dnssec::TsigKey::make(reading.tsigName, algorithm, reading.tsigSecret);
  if (!key) return key.error();
  config.tsig = std::move(*key);
  return {};
}

Result<RpzConfig> readOptions(Reading reading, const LuaConfigArguments& arguments, int index, bool primary) {
  const auto read = arguments.options(index, [&](const std::string& key, lua_State* value) -> Result<void> {
    const auto* option = std::ranges::find(kOptions, std::string_view(key), &Option::name);
    if (option == kOptions.end()) return Error{"there is no option '" + key + "'"};
    if (option->primaryOnly && !primary) return Error{key + ": only of rpzPrimary"};
    const auto done = option->read(reading, value);
    return done ? Result<void>() : Error{key + ": " + done.error().message};
  });
  if (!read) return read.error();
  if (const auto finished = finish(reading); !finished) return finished.error();
  return std::move(reading.config);
}

} // namespace

void setRpzConstants(lua_State* lua) {
  constexpr std::array<const char*, 6> kNames{"NoAction", "Drop", "NXDOMAIN", "NODATA", "Truncate", "Custom"};
  lua_newtable(lua);
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    lua_pushnumber(lua, static_cast<lua_Number>(i));
    lua_setfield(lua, -2, kNames[i]);
  }
  lua_setglobal(lua, "Policy");
}

Result<RpzConfig> readRpzFile(const LuaConfigArguments& arguments) {
  const auto path = arguments.text(1);
  if (!path) return path.error();
  if (path->empty()) return Error{"argument 1: a path is needed"};
  Reading reading;
  reading.config.name = "rpzFile";
  reading.config.file = *path;
  return readOptions(std::move(reading), arguments, 2, false);
}

Result<RpzConfig> readRpzPrimary(const LuaConfigArguments& arguments) {
  constexpr std::uint16_t kPort = 53;
  const auto addresses = arguments.texts(1);
  if (!addresses) return addresses.error();
  Reading reading;
  for (const auto& written : *addresses) {
    const auto address = base::Address::parse(written, kPort);
    if (!address) return address.error();
    reading.config.primaries.push_back(*address);
  }
  const auto zone = arguments.name(2);
  if (!zone) return zone.error();
  reading.config.zone = *zone;
  reading.config.name = *arguments.text(2);
  return readOptions(std::move(reading), arguments, 3, true);
}

} // namespace rec
