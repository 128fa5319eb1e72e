// Loading scripts and calling their hooks; the hooks that are unlike the others are in luatag.cc.
#include "recursor/policy/luaengine.hh"

#include <atomic>

#include "lib/base/log.hh"
#include "recursor/policy/luaapi.hh"
#include "recursor/policy/luaffi.hh"
#include "recursor/policy/luaobjects.hh"

namespace rec {
namespace {

constexpr std::chrono::seconds kSilence{10}; // between two log lines about the same hook

Metric metricOf(LuaEnd end) {
  switch (end) {
  case LuaEnd::TooLong: return Metric::LuaHookTimeouts;
  case LuaEnd::TooLarge: return Metric::LuaHookMemoryExceeded;
  default: return Metric::LuaHookErrors;
  }
}

// Gives a function's globals another table; the function is on top of the stack, the table below it.
void setEnvironment(lua_State* lua) {
#ifdef ROOTWALK_LUAJIT
  lua_pushvalue(lua, -2);
  lua_setfenv(lua, -2);
#else
  lua_pushvalue(lua, -2);
  if (lua_setupvalue(lua, -2, 1) == nullptr) {
    lua_pop(lua, 1);
  }
#endif
}

// A table for one of several scripts: what it does not define it finds in the globals of all.
int makeEnvironment(lua_State* lua, int globals) {
  lua_newtable(lua);
  lua_newtable(lua);
  lua_rawgeti(lua, LUA_REGISTRYINDEX, globals);
  lua_setfield(lua, -2, "__index");
  lua_setmetatable(lua, -2);
  return luaL_ref(lua, LUA_REGISTRYINDEX);
}

int globalEnvironment(lua_State* lua) {
  lua_getglobal(lua, "_G");
  return luaL_ref(lua, LUA_REGISTRYINDEX);
}

// What a script gets of a question during one call; whoever keeps it has nothing afterwards.
class Handle {
 public:
  explicit Handle(LuaQuestion& question) : d_handle(std::make_shared<LuaQuestion*>(&question)) {}
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() { *d_handle = nullptr; }
  template <typename T> void push(lua_State* lua) const { luaPush(lua, T{d_handle}); }

 private:
  std::shared_ptr<LuaQuestion*> d_handle;
};

// What the table at the registry's `reference` has itself under this name goes on the stack: a script may have given it
// a metatable that raises errors (strict.lua).
void pushRaw(lua_State* lua, int reference, const char* name) {
  lua_rawgeti(lua, LUA_REGISTRYINDEX, reference);
  lua_pushstring(lua, name);
  lua_rawget(lua, -2);
  lua_remove(lua, -2);
}

} // namespace

std::uint64_t LuaEngine::nextGeneration() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

LuaEngine::LuaEngine(const Options& options, const LuaHost& host, std::uint32_t worker)
    : d_options(options), d_context(host, worker),
      d_id(options.generation == 0 ? nextGeneration() : options.generation),
      d_state(LuaState::open(options.limits, host.clock)) {}

LuaEngine::~LuaEngine() = default;

base::Result<std::shared_ptr<LuaEngine>> LuaEngine::load(const LuaProgram& program, const Options& options,
                                                         const LuaHost& host, std::uint32_t worker) {
  std::shared_ptr<LuaEngine> engine(new LuaEngine(options, host, worker));
  if (!engine->d_state) {
    return base::Error{"Lua cannot start, out of memory"};
  }
  makeLuaApi(engine->d_state->lua(), engine->d_context);
  const auto loaded = engine->loadAll(program);
  if (!loaded) {
    return loaded.error();
  }
  return engine;
}

// A script by itself has the globals as its own, so that it finds them wherever it looks.
base::Result<void> LuaEngine::loadAll(const LuaProgram& program) {
  lua_State* lua = d_state->lua();
  d_globals = globalEnvironment(lua);
  for (const LuaScript& script : program.includes) {
    if (auto run = runFile(script, d_globals); !run) {
      return run;
    }
  }
  for (const LuaScript& script : program.scripts) {
    Loaded loaded;
    loaded.path = script.path;
    loaded.environment = program.scripts.size() == 1 ? d_globals : makeEnvironment(lua, d_globals);
    if (auto run = runFile(script, loaded.environment); !run) {
      return run;
    }
    findHooks(loaded);
    d_scripts.push_back(std::move(loaded));
  }
  d_silences.resize(d_scripts.size());
  return {};
}

base::Result<void> LuaEngine::runFile(const LuaScript& script, int environment) {
  lua_State* lua = d_state->lua();
  lua_rawgeti(lua, LUA_REGISTRYINDEX, environment);
  auto compiled = d_state->compile(script.text, script.path);
  if (!compiled) {
    lua_pop(lua, 1);
    return compiled;
  }
  setEnvironment(lua);
  lua_remove(lua, -2);
  const int chunk = luaL_ref(lua, LUA_REGISTRYINDEX);
  LuaLimits limits = d_options.limits;
  limits.instructions = 0;
  limits.time = d_options.loadTime;
  const auto push = [chunk](lua_State* to) { return lua_rawgeti(to, LUA_REGISTRYINDEX, chunk), 0; };
  const LuaEnd end = d_state->call(push, 0, limits);
  luaL_unref(lua, LUA_REGISTRYINDEX, chunk);
  return end == LuaEnd::Done ? base::Result<void>() : base::Error{d_state->failure()};
}

void LuaEngine::findHooks(Loaded& script) {
  lua_State* lua = d_state->lua();
  for (std::size_t i = 0; i < static_cast<std::size_t>(LuaHook::UdpCallback); ++i) {
    const auto hook = static_cast<LuaHook>(i);
    const bool usesFfi = hook == LuaHook::GetTagFfi || hook == LuaHook::PostResolveFfi;
    script.hooks[i] = LUA_NOREF;
    if ((usesFfi && !kHasFfi) || !isFunction(script, std::string(text(hook)).c_str())) {
      continue;
    }
    script.hooks[i] = luaL_ref(lua, LUA_REGISTRYINDEX);
    d_defined |= bitOf(hook);
  }
}

std::vector<std::pair<std::string, std::uint32_t>> LuaEngine::scriptHooks() const {
  std::vector<std::pair<std::string, std::uint32_t>> all;
  for (const Loaded& script : d_scripts) {
    std::uint32_t hooks = 0;
    for (std::size_t i = 0; i < static_cast<std::size_t>(LuaHook::UdpCallback); ++i) {
      hooks |= script.hooks[i] != LUA_NOREF ? bitOf(static_cast<LuaHook>(i)) : 0;
    }
    all.emplace_back(script.path, hooks);
  }
  return all;
}

// It is on the stack then: the script's own, or of all scripts.
bool LuaEngine::isFunction(const Loaded& script, const char* name) {
  lua_State* lua = d_state->lua();
  for (const int table : {script.environment, d_globals}) {
    pushRaw(lua, table, name);
    if (lua_isfunction(lua, -1)) return true;
    lua_pop(lua, 1);
  }
  return false;
}

void LuaEngine::attach(Counters* counters, LuaTimes* times) {
  d_counters = counters;
  d_times = times;
}

void LuaEngine::count(Metric metric) {
  if (d_counters != nullptr) {
    d_counters->add(metric);
  }
}

LuaEnd LuaEngine::call(LuaHook hook, const Loaded& script, const LuaArguments& arguments, int results) {
  const base::Clock& clock = d_context.host().clock;
  const base::MonoTime begun = clock.mono();
  const LuaEnd end = d_state->call(arguments, results);
  if (d_times != nullptr) {
    d_times->add(hook, clock.mono() - begun, end != LuaEnd::Done);
  }
  if (d_counters != nullptr) {
    d_counters->add(Metric::LuaHookCalls);
    d_counters->set(Metric::LuaMemoryUsage, d_state->memory());
  }
  if (end != LuaEnd::Done) {
    count(metricOf(end));
    tell(hook, script, end);
  }
  return end;
}

void LuaEngine::tell(LuaHook hook, const Loaded& script, LuaEnd end) {
  const auto at = static_cast<std::size_t>(&script - d_scripts.data());
  Silence& silence = d_silences[at][static_cast<std::size_t>(hook)];
  const base::MonoTime now = d_context.host().clock.mono();
  if (now < silence.until) {
    ++silence.unsaid;
    return;
  }
  const char* limit = end == LuaEnd::TooLong    ? " (lua-instruction-limit, lua-time-limit)"
                      : end == LuaEnd::TooLarge ? " (lua-memory-limit)"
                                                : "";
  std::string line =
      "Lua script " + script.path + ", hook " + std::string(text(hook)) + ": " + d_state->failure() + limit;
  if (silence.unsaid > 0) {
    line += "; and " + std::to_string(silence.unsaid) + " failures before that were not logged";
  }
  silence = {now + kSilence, 0};
  base::log(base::LogLevel::Error, line);
}

bool LuaEngine::drops(const base::Address& remote, const base::Address& local, const dns::Header& header) {
  lua_State* lua = d_state->lua();
  for (const Loaded& script : d_scripts) {
    const int function = functionOf(LuaHook::IpFilter, script);
    if (function == LUA_NOREF) continue;
    const auto push = [&](lua_State* to) {
      lua_rawgeti(to, LUA_REGISTRYINDEX, function);
      luaPush(to, remote);
      luaPush(to, local);
      luaPush(to, header);
      return 3;
    };
    if (call(LuaHook::IpFilter, script, push, 1) != LuaEnd::Done) continue;
    const bool drop = lua_toboolean(lua, -1) != 0;
    lua_pop(lua, 1);
    if (drop) return true;
  }
  return false;
}

LuaAnswer LuaEngine::askWith(LuaHook hook, const Loaded& script, const LuaArguments& arguments) {
  if (call(hook, script, arguments, 1) != LuaEnd::Done) {
    return LuaAnswer::Failed;
  }
  const bool handled = lua_toboolean(d_state->lua(), -1) != 0;
  lua_pop(d_state->lua(), 1);
  return handled ? LuaAnswer::Handled : LuaAnswer::Pass;
}

LuaAnswer LuaEngine::firstToHandle(LuaHook hook, LuaQuestion& question) {
  const int rcode = question.rcode;
  const std::vector<LuaRecord> records = question.records;
  bool failed = false;
  for (std::size_t i = 0; i < d_scripts.size(); ++i) {
    const Loaded& script = d_scripts[i];
    const int function = functionOf(hook, script);
    if (function == LUA_NOREF) continue;
    const Handle handle(question);
    const auto push = [&](lua_State* lua) {
      lua_rawgeti(lua, LUA_REGISTRYINDEX, function);
      hook == LuaHook::PolicyEventFilter ? handle.push<LuaPolicyEvent>(lua) : handle.push<LuaDq>(lua);
      return 1;
    };
    const LuaAnswer answer = askWith(hook, script, push);
    if (answer == LuaAnswer::Handled) {
      question.script = i;
      return answer;
    }
    failed = failed || answer == LuaAnswer::Failed;
    question.rcode = rcode;
    question.records = records;
    if (hook != LuaHook::PolicyEventFilter) question.forgetFollowUp();
  }
  return failed ? LuaAnswer::Failed : LuaAnswer::Pass;
}

LuaAnswer LuaEngine::run(LuaHook hook, LuaQuestion& question) {
  question.forgetFollowUp();
  return firstToHandle(hook, question);
}

LuaAnswer LuaEngine::filterPolicy(LuaQuestion& question) { return firstToHandle(LuaHook::PolicyEventFilter, question); }

LuaAnswer LuaEngine::udpCallback(LuaQuestion& question) {
  const Loaded& script = d_scripts[std::min(question.script, d_scripts.size() - 1)];
  const std::string name = question.udpCallback;
  question.followupFunction.clear();
  if (!isFunction(script, name.c_str())) {
    base::log(base::LogLevel::Error,
              "Lua script " + script.path + ": there is no function '" + name + "' for the answer to dq.udpQuery");
    return LuaAnswer::Pass;
  }
  const int function = luaL_ref(d_state->lua(), LUA_REGISTRYINDEX);
  const Handle handle(question);
  const auto push = [&](lua_State* lua) {
    lua_rawgeti(lua, LUA_REGISTRYINDEX, function);
    handle.push<LuaDq>(lua);
    return 1;
  };
  const LuaAnswer answer = askWith(LuaHook::UdpCallback, script, push);
  luaL_unref(d_state->lua(), LUA_REGISTRYINDEX, function);
  if (answer != LuaAnswer::Handled) {
    question.forgetFollowUp();
  }
  return answer;
}

void LuaEngine::maintain() {
  for (const Loaded& script : d_scripts) {
    const int function = functionOf(LuaHook::Maintenance, script);
    if (function == LUA_NOREF) continue;
    const auto push = [function](lua_State* lua) { return lua_rawgeti(lua, LUA_REGISTRYINDEX, function), 0; };
    static_cast<void>(call(LuaHook::Maintenance, script, push, 0));
  }
}

void LuaEngine::callByName(const char* name) {
  for (const Loaded& script : d_scripts) {
    if (!isFunction(script, name)) continue;
    const int function = luaL_ref(d_state->lua(), LUA_REGISTRYINDEX);
    LuaLimits limits = d_options.limits;
    limits.instructions = 0;
    limits.time = d_options.loadTime;
    const auto push = [function](lua_State* lua) { return lua_rawgeti(lua, LUA_REGISTRYINDEX, function), 0; };
    if (d_state->call(push, 0, limits) != LuaEnd::Done) {
      base::log(base::LogLevel::Error, "Lua script " + script.path + ", " + name + ": " + d_state->failure());
    }
    luaL_unref(d_state->lua(), LUA_REGISTRYINDEX, function);
  }
}

} // namespace rec
