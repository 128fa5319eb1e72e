// Running lua-config-file: see luaconfig.hh. Flow: runLuaConfig opens a Lua state, gives the script the functions of
// kFunctions (invoke calls them with the script's arguments), and takes over what they collected.
#include "recursor/config/luaconfig.hh"

#include <array>
#include <functional>
#include <memory>
#include <optional>

#include "recursor/config/configfile.hh"

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

// The arguments of a call by the script. 1 is the first.
class Arguments {
 public:
  explicit Arguments(lua_State* lua) : d_lua(lua), d_count(lua_gettop(lua)) {}

  [[nodiscard]] bool has(int index) const { return index <= d_count && !lua_isnil(d_lua, index); }
  [[nodiscard]] Result<std::string> text(int index) const {
    if (!has(index) || !lua_isstring(d_lua, index))
      return Error{"argument " + std::to_string(index) + ": a string is needed"};
    std::size_t size = 0;
    const char* at = lua_tolstring(d_lua, index, &size);
    return std::string(at, size);
  }
  [[nodiscard]] Result<dns::Name> name(int index) const {
    const auto written = text(index);
    if (!written) return written.error();
    return dns::Name::parse(*written);
  }
  // One string, or a table of them.
  [[nodiscard]] Result<std::vector<std::string>> texts(int index) const;
  [[nodiscard]] Result<int> number(int index) const {
    if (!has(index) || !lua_isnumber(d_lua, index))
      return Error{"argument " + std::to_string(index) + ": a number is needed"};
    return static_cast<int>(lua_tonumber(d_lua, index));
  }

 private:
  lua_State* d_lua;
  int d_count;
};

Result<std::vector<std::string>> Arguments::texts(int index) const {
  std::vector<std::string> all;
  if (!has(index) || !lua_istable(d_lua, index)) {
    auto one = text(index);
    if (!one) return one.error();
    all.push_back(std::move(*one));
    return all;
  }
  for (int at = 1;; ++at) {
    lua_rawgeti(d_lua, index, at);
    const bool isText = lua_type(d_lua, -1) == LUA_TSTRING;
    if (isText) all.emplace_back(lua_tostring(d_lua, -1));
    lua_pop(d_lua, 1);
    if (!isText) break;
  }
  if (all.empty()) return Error{"argument " + std::to_string(index) + ": the table has no strings"};
  return all;
}

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

Result<void> addTa(Collected& collected, const Arguments& arguments) {
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

Result<void> clearTa(Collected& collected, const Arguments& arguments) {
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

Result<void> addNta(Collected& collected, const Arguments& arguments) {
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

Result<void> clearNta(Collected& collected, const Arguments& arguments) {
  if (!arguments.has(1)) {
    collected.config.negativeTrustAnchors.clear();
    return {};
  }
  const auto zone = arguments.name(1);
  if (!zone) return zone.error();
  collected.config.negativeTrustAnchors.erase(*zone);
  return {};
}

Result<void> readTrustAnchorsFromFile(Collected& collected, const Arguments& arguments) {
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

Result<void> notSupported(Collected&, const Arguments&) { return Error{"not supported (yet)"}; }

struct Function {
  const char* name;
  Result<void> (*run)(Collected&, const Arguments&);
};

constexpr std::array kFunctions{
    Function{"addTA", addTa}, Function{"clearTA", clearTa}, Function{"addNTA", addNta}, Function{"clearNTA", clearNta},
    Function{"readTrustAnchorsFromFile", readTrustAnchorsFromFile},
    // PowerDNS's others
    Function{"addAllowedAdditionalQType", notSupported}, Function{"addProxyMapping", notSupported},
    Function{"addSortList", notSupported}, Function{"dnstapFrameStreamServer", notSupported},
    Function{"dnstapNODFrameStreamServer", notSupported}, Function{"outgoingProtobufServer", notSupported},
    Function{"protobufServer", notSupported}, Function{"rpzFile", notSupported}, Function{"rpzMaster", notSupported},
    Function{"rpzPrimary", notSupported}, Function{"zoneToCache", notSupported}};

// Runs the function of the upvalues. False: it failed and its message is on Lua's stack. In a function of its own so
// that no object of ours is alive when Lua jumps out of invoke.
bool runFunction(lua_State* lua) {
  auto* collected = static_cast<Collected*>(lua_touserdata(lua, lua_upvalueindex(1)));
  const auto* function = static_cast<const Function*>(lua_touserdata(lua, lua_upvalueindex(2)));
  const auto done = function->run(*collected, Arguments(lua));
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
  const auto script = readFile(path);
  if (!script) return script.error();
  const auto lua = openState(collected);
  if (!lua) return Error{path + ": Lua cannot start, out of memory"};
  if (luaL_loadbuffer(lua.get(), script->data(), script->size(), kChunk) != 0 || lua_pcall(lua.get(), 0, 0, 0) != 0) {
    return scriptError(path, lua.get());
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
