// Running lua-config-file: see luaconfig.hh. Flow: runLuaConfig opens a Lua state, gives the script the functions of
// kFunctions (invoke calls them with the script's arguments), and takes over what they collected.
#include "recursor/config/luaconfig.hh"

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <optional>

#include "recursor/config/configfile.hh"
#include "recursor/config/luaanswers.hh"
#include "recursor/config/luaarguments.hh"
#include "recursor/config/luaproxies.hh"
#include "recursor/config/luarpz.hh"
#include "recursor/config/yamllua.hh"

extern "C" {
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#if __has_include(<luajit.h>)
#include <luajit.h>
#define ROOTWALK_LUAJIT 1
#endif
}

namespace rec {

using base::Error;
using base::Result;

namespace {

constexpr int kMaxInstructions = 50'000'000; // about a second
constexpr const char* kChunk = "=(config)";  // stands for the path in Lua's messages, which it would shorten
constexpr std::string_view kChunkPrefix = "(config):";

// What the script has said so far.
struct Collected {
  LuaConfig config = builtInLuaConfig();
  bool rootIsBuiltIn = true;
};

// The built-in anchors of the root go when it is given its first own.
void dropBuiltIn(Collected& collected, const dns::Name& zone) {
  if (!zone.isRoot() || !collected.rootIsBuiltIn) return;
  collected.config.trustAnchors.erase(zone);
  collected.rootIsBuiltIn = false;
}

void addOnce(std::vector<TrustAnchor>& anchors, TrustAnchor anchor) {
  for (const auto& other : anchors) {
    if (other == anchor) return;
  }
  anchors.push_back(std::move(anchor));
}

Result<void> addTa(Collected& collected, const LuaConfigArguments& arguments) {
  const auto zone = arguments.name(1);
  if (!zone) return zone.error();
  const auto texts = arguments.texts(2);
  if (!texts) return texts.error();
  for (const auto& text : *texts) {
    auto anchor = TrustAnchor::parse(text);
    if (!anchor) return anchor.error();
    dropBuiltIn(collected, *zone);
    addOnce(collected.config.trustAnchors[*zone], std::move(*anchor));
  }
  return {};
}

Result<void> clearTa(Collected& collected, const LuaConfigArguments& arguments) {
  if (!arguments.has(1)) {
    collected.config.trustAnchors.clear();
    collected.config.fileAnchors.clear();
    return {};
  }
  const auto zone = arguments.name(1);
  if (!zone) return zone.error();
  collected.config.trustAnchors.erase(*zone);
  collected.config.fileAnchors.erase(*zone);
  return {};
}

Result<void> addNta(Collected& collected, const LuaConfigArguments& arguments) {
  const auto zone = arguments.name(1);
  if (!zone) return zone.error();
  std::string reason;
  if (arguments.has(2)) {
    const auto given = arguments.text(2);
    if (!given) return given.error();
    reason = *given;
  }
  collected.config.negativeTrustAnchors[*zone] = reason;
  return {};
}

Result<void> clearNta(Collected& collected, const LuaConfigArguments& arguments) {
  if (!arguments.has(1)) {
    collected.config.negativeTrustAnchors.clear();
    return {};
  }
  const auto zone = arguments.name(1);
  if (!zone) return zone.error();
  collected.config.negativeTrustAnchors.erase(*zone);
  return {};
}

Result<void> readTrustAnchorsFromFile(Collected& collected, const LuaConfigArguments& arguments) {
  const auto path = arguments.text(1);
  if (!path) return path.error();
  if (!collected.config.anchorFile.empty()) return Error{"only one file can be read"};
  if (arguments.has(2)) {
    const auto hours = arguments.number(2);
    if (!hours) return hours.error();
    if (*hours < 0) return Error{"argument 2: the interval is negative"};
    collected.config.anchorFileInterval = std::chrono::hours(*hours);
  }
  const auto anchors = readAnchorFile(*path);
  if (!anchors) return anchors.error();
  for (const auto& [zone, list] : *anchors) {
    dropBuiltIn(collected, zone);
    for (const auto& anchor : list) addOnce(collected.config.fileAnchors[zone], anchor);
  }
  collected.config.anchorFile = *path;
  return {};
}

// Statistics, dump-rpz and reloads know a zone by its name: of several, all but the first get a number.
Result<void> addRpz(Collected& collected, Result<RpzConfig> config) {
  if (!config) return config.error();
  const auto taken = [&](const std::string& name) {
    return std::ranges::find(collected.config.rpzs, name, &RpzConfig::name) != collected.config.rpzs.end();
  };
  const std::string wanted = config->name;
  for (int number = 2; taken(config->name); ++number) config->name = wanted + "-" + std::to_string(number);
  collected.config.rpzs.push_back(std::move(*config));
  return {};
}

Result<void> rpzFile(Collected& collected, const LuaConfigArguments& arguments) {
  return addRpz(collected, readRpzFile(arguments));
}

Result<void> rpzPrimary(Collected& collected, const LuaConfigArguments& arguments) {
  return addRpz(collected, readRpzPrimary(arguments));
}

Result<void> blockList(Collected& collected, const LuaConfigArguments& arguments) {
  const auto path = arguments.text(1);
  if (!path) return path.error();
  auto options = arguments.optionTexts(2);
  if (!options) return options.error();
  collected.config.blockLists.push_back({*path, std::move(*options), arguments.where()});
  return {};
}

Result<void> addSortList(Collected& collected, const LuaConfigArguments& arguments) {
  return readSortList(arguments, collected.config.answers.sortLists);
}

Result<void> clearSortlist(Collected& collected, const LuaConfigArguments&) {
  collected.config.answers.sortLists.clear();
  return {};
}

Result<void> addAllowedAdditionalQType(Collected& collected, const LuaConfigArguments& arguments) {
  return readAdditional(arguments, collected.config.answers);
}

Result<void> addProxyMapping(Collected& collected, const LuaConfigArguments& arguments) {
  return readProxyMapping(arguments, collected.config.proxyMapping);
}

Result<void> notSupported(Collected&, const LuaConfigArguments&) { return Error{"not supported (yet)"}; }

struct Function {
  const char* name;
  Result<void> (*run)(Collected&, const LuaConfigArguments&);
};

constexpr std::array kFunctions{
    Function{"addTA", addTa}, Function{"clearTA", clearTa}, Function{"addNTA", addNta}, Function{"clearNTA", clearNta},
    Function{"readTrustAnchorsFromFile", readTrustAnchorsFromFile}, Function{"blockList", blockList},
    Function{"rpzFile", rpzFile}, Function{"rpzPrimary", rpzPrimary}, Function{"rpzMaster", rpzPrimary},
    Function{"addSortList", addSortList}, Function{"clearSortlist", clearSortlist},
    Function{"addAllowedAdditionalQType", addAllowedAdditionalQType}, Function{"addProxyMapping", addProxyMapping},
    // PowerDNS's others
    Function{"dnstapFrameStreamServer", notSupported}, Function{"dnstapNODFrameStreamServer", notSupported},
    Function{"outgoingProtobufServer", notSupported}, Function{"protobufServer", notSupported},
    Function{"zoneToCache", notSupported}};

// Runs the function of the upvalues. False: it failed and its message is on Lua's stack. In a function of its own so
// that no object of ours is alive when Lua jumps out of invoke.
bool runFunction(lua_State* lua) {
  auto* collected = static_cast<Collected*>(lua_touserdata(lua, lua_upvalueindex(1)));
  const auto* function = static_cast<const Function*>(lua_touserdata(lua, lua_upvalueindex(2)));
  const auto done = function->run(*collected, LuaConfigArguments(lua));
  if (done) return true;
  luaL_where(lua, 1);
  lua_pushstring(lua, (std::string(function->name) + ": " + done.error().message).c_str());
  lua_concat(lua, 2);
  return false;
}

int invoke(lua_State* lua) { return runFunction(lua) ? 0 : lua_error(lua); }

// Once the limit is reached every further instruction fails too, so that pcall does not save the script.
void stopScript(lua_State* lua, lua_Debug*) {
  lua_sethook(lua, stopScript, LUA_MASKCOUNT, 1);
  luaL_error(lua, "the script does not come to an end");
}

using State = std::unique_ptr<lua_State, decltype(&lua_close)>;

State openState(Collected& collected) {
  State lua(luaL_newstate(), lua_close);
  if (!lua) return lua;
  luaL_openlibs(lua.get());
#ifdef ROOTWALK_LUAJIT
  luaJIT_setmode(lua.get(), 0, LUAJIT_MODE_ENGINE | LUAJIT_MODE_OFF); // compiled code would not count instructions
#endif
  for (const auto& function : kFunctions) {
    lua_pushlightuserdata(lua.get(), &collected);
    lua_pushlightuserdata(lua.get(), const_cast<Function*>(&function));
    lua_pushcclosure(lua.get(), invoke, 2);
    lua_setglobal(lua.get(), function.name);
  }
  setRpzConstants(lua.get());
  setAnswerConstants(lua.get());
  lua_sethook(lua.get(), stopScript, LUA_MASKCOUNT, kMaxInstructions);
  return lua;
}

// Lua's message with the path in place of the chunk's name, on one line.
Error scriptError(const std::string& path, lua_State* lua) {
  const char* text = lua_tostring(lua, -1);
  std::string message = text == nullptr ? "failed" : text;
  if (message.starts_with(kChunkPrefix)) {
    message.replace(0, kChunkPrefix.size(), path + ":");
  } else {
    message = path + ": " + message;
  }
  for (auto& c : message) c = c == '\n' ? ' ' : c;
  return Error{message};
}

} // namespace

Result<LuaConfig> runLuaConfig(const std::string& path) {
  Collected collected;
  if (path.empty()) return collected.config;
  auto script = readFile(path);
  if (!script) return script.error();
  if (isYamlFile(path)) {
    script = luaOfYaml(*script, path);
    if (!script) return script.error();
  }
  const auto lua = openState(collected);
  if (!lua) return Error{path + ": Lua cannot start, out of memory"};
  if (luaL_loadbuffer(lua.get(), script->data(), script->size(), kChunk) != 0 || lua_pcall(lua.get(), 0, 0, 0) != 0) {
    return scriptError(path, lua.get());
  }
  for (auto& list : collected.config.blockLists) {
    if (list.where.starts_with("(config)")) list.where.replace(0, 8, path);
  }
  return collected.config;
}

std::string_view luaFeatures() {
#ifdef ROOTWALK_LUAJIT
  return "lua luajit";
#else
  return "lua";
#endif
}

} // namespace rec
