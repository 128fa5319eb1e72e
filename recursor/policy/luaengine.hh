// LuaEngine: the scripts of lua-dns-script, loaded, and their hooks. One per worker: made by the daemon's control
// thread from text that was read once, then given to the worker and used on its thread only. How a hook is called:
// 1. the caller fills a LuaQuestion and calls the member for the hook;
// 2. the scripts that define it are run in their order, within the limits, until one has handled the question;
// 3. what fails is counted, logged (a line for each script and hook now and then) and told to the caller as Failed.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "lib/base/result.hh"
#include "recursor/policy/luacontext.hh"
#include "recursor/policy/luahooks.hh"
#include "recursor/policy/luaquestion.hh"
#include "recursor/policy/luastate.hh"
#include "recursor/stats/metrics.hh"

namespace rec {

struct LuaScript {
  std::string path, text;
};

// What was read: files for all scripts (lua-global-include-dir), and the scripts in their order.
struct LuaProgram {
  std::vector<LuaScript> includes, scripts;
};

// What became of a hook.
enum class LuaAnswer : std::uint8_t {
  Pass,    // it is not there, or leaves the question alone
  Handled, // it returned true
  Failed   // cut off, or an error
};

class LuaEngine {
 public:
  struct Options {
    LuaLimits limits;
    std::chrono::milliseconds loadTime{60'000}; // for what stands outside of functions, all scripts together
    bool ednsOptions = false;                   // gettag-needs-edns-options
    std::uint64_t generation = 0;               // nextGeneration(), the same for all workers; 0: one of its own
  };
  // Any thread. Errors name file and line.
  static base::Result<std::shared_ptr<LuaEngine>> load(const LuaProgram& program, const Options& options,
                                                       const LuaHost& host, std::uint32_t worker);
  ~LuaEngine();
  LuaEngine(const LuaEngine&) = delete;
  LuaEngine& operator=(const LuaEngine&) = delete;

  // Where calls are counted: the worker's. Null: nowhere.
  void attach(Counters* counters, LuaTimes* times);

  [[nodiscard]] bool has(LuaHook hook) const { return (d_defined & bitOf(hook)) != 0; }
  [[nodiscard]] bool hasAny(std::uint32_t hooks) const { return (d_defined & hooks) != 0; }
  // Paths of the scripts in their order, and which hooks each has.
  [[nodiscard]] std::vector<std::pair<std::string, std::uint32_t>> scriptHooks() const;
  // Which loading of scripts it is from: the engines of all workers that were loaded together have the same.
  [[nodiscard]] std::uint64_t id() const { return d_id; }
  [[nodiscard]] static std::uint64_t nextGeneration();
  [[nodiscard]] std::size_t memory() const { return d_state->memory(); }
  [[nodiscard]] LuaTime now() { return d_context.now(); }

  // ipfilter: whether the client's packet is to be dropped.
  [[nodiscard]] bool drops(const base::Address& remote, const base::Address& local, const dns::Header& header);
  // gettag_ffi, else gettag: what they say of the question is in it afterwards; nothing when they fail.
  void tag(LuaQuestion& question);
  // prerpz, preresolve, nodata, nxdomain, postresolve, preoutquery: rcode and records are as they were unless Handled.
  LuaAnswer run(LuaHook hook, LuaQuestion& question);
  LuaAnswer postResolveFfi(LuaQuestion& question);
  // policyEventFilter: Handled means that the policy is to be ignored.
  LuaAnswer filterPolicy(LuaQuestion& question);
  // dq.udpCallback, with dq.udpAnswer there.
  LuaAnswer udpCallback(LuaQuestion& question);
  void maintain();
  // A function without arguments or results, such as on_recursor_start; nothing happens when there is none.
  void callByName(const char* name);

 private:
  struct Loaded {
    std::string path;
    int environment = 0; // registry: where its globals are
    std::array<int, kLuaHookCount> hooks{};
  };
  // Rates of the log: one line for each script and hook in so long.
  struct Silence {
    base::MonoTime until{};
    std::uint64_t unsaid = 0;
  };
  LuaEngine(const Options& options, const LuaHost& host, std::uint32_t worker);
  base::Result<void> loadAll(const LuaProgram& program);
  base::Result<void> runFile(const LuaScript& script, int environment);
  void findHooks(Loaded& script);
  [[nodiscard]] bool isFunction(const Loaded& script, const char* name);
  [[nodiscard]] static int functionOf(LuaHook hook, const Loaded& script) {
    return script.hooks[static_cast<std::size_t>(hook)];
  }
  LuaEnd call(LuaHook hook, const Loaded& script, const LuaArguments& arguments, int results);
  void tell(LuaHook hook, const Loaded& script, LuaEnd end);
  LuaAnswer askWith(LuaHook hook, const Loaded& script, const LuaArguments& arguments);
  LuaAnswer firstToHandle(LuaHook hook, LuaQuestion& question);
  bool getTag(const Loaded& script, LuaQuestion& question);
  void takeTag(LuaQuestion& question, int first);
  bool getTagFfi(const Loaded& script, LuaQuestion& question);
  void pushOptions(lua_State* lua, const LuaQuestion& question) const;
  void count(Metric metric);

  Options d_options;
  LuaContext d_context;
  std::uint64_t d_id;
  std::unique_ptr<LuaState> d_state;
  int d_globals = 0; // registry
  std::vector<Loaded> d_scripts;
  std::uint32_t d_defined = 0;
  Counters* d_counters = nullptr;
  LuaTimes* d_times = nullptr;
  std::vector<std::array<Silence, kLuaHookCount>> d_silences; // by script
};

} // namespace rec
