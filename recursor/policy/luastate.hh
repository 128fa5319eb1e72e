// LuaState: one Lua interpreter with its limits: how many instructions, how much time a call may take, how much memory
// everything together. What exceeds them is cut off, whatever the script does about errors. Belongs to one thread at a
// time; knows nothing of DNS.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "lib/base/clock.hh"
#include "lib/base/result.hh"

struct lua_State;
struct lua_Debug;

namespace rec {

struct LuaLimits {
  std::uint64_t instructions = 10'000'000; // of one call; 0 is no limit
  std::chrono::milliseconds time{50};      // of one call; 0 is no limit
  std::size_t memory = 134'217'728;        // octets of the whole state; 0 is no limit
  bool compile =
      false; // LuaJIT's compiler: what it has compiled cannot be cut off, so instructions and time may be exceeded
};

// How a call ended.
enum class LuaEnd : std::uint8_t { Done, Failed, TooLong, TooLarge };

// What puts a function and its arguments on the stack and tells how many arguments there are: a reference to something
// that can be called with a lua_State*, so that even this is done within the limits.
class LuaArguments {
 public:
  LuaArguments() = default;
  template <typename Push>
    requires(!std::is_same_v<Push, LuaArguments>)
  LuaArguments(const Push& push)
      : d_push(&push), d_run([](const void* self, lua_State* lua) { return (*static_cast<const Push*>(self))(lua); }) {}
  [[nodiscard]] bool empty() const { return d_run == nullptr; }
  int operator()(lua_State* lua) const { return d_run(d_push, lua); }

 private:
  const void* d_push = nullptr;
  int (*d_run)(const void*, lua_State*) = nullptr;
};

class LuaState {
 public:
  // Null when there is no memory for it.
  static std::unique_ptr<LuaState> open(const LuaLimits& limits, const base::Clock& clock);
  ~LuaState();
  LuaState(const LuaState&) = delete;
  LuaState& operator=(const LuaState&) = delete;

  [[nodiscard]] lua_State* lua() const { return d_lua; }
  [[nodiscard]] std::size_t memory() const; // octets in use

  // Calls what `arguments` puts on the stack. Done: `results` values are there; else nothing is, and failure() says
  // why, in one line. Not from within a call.
  LuaEnd call(const LuaArguments& arguments, int results) { return call(arguments, results, d_limits); }
  LuaEnd call(const LuaArguments& arguments, int results, const LuaLimits& limits);
  [[nodiscard]] const std::string& failure() const { return d_failure; }

  // Compiles `text`, leaving the function on the stack; messages name `name` as they name a file.
  base::Result<void> compile(const std::string& text, const std::string& name);

 private:
  friend class LuaCharge;
  explicit LuaState(const LuaLimits& limits, const base::Clock& clock) : d_limits(limits), d_clock(clock) {}
  static void* allocate(void* self, void* block, std::size_t before, std::size_t after);
  static void onCount(lua_State* lua, lua_Debug* where);
  static int describe(lua_State* lua);
  static int enter(lua_State* lua);
  void collectSome(lua_State* lua);
  void refuse();
  [[nodiscard]] bool isTooMuch(std::size_t before, std::size_t after) const;
  [[nodiscard]] bool isOverLimit(lua_State* lua);
  void begin(const LuaLimits& limits);
  void takeFailure(bool wasCutOff);
  void noteWhere();

  LuaLimits d_limits;
  const base::Clock& d_clock;
  lua_State* d_lua = nullptr;
  bool d_counted = false; // the allocator is ours; else the collector's count is asked
  std::size_t d_memory = 0;
  std::size_t d_charged = 0;       // in objects of ours: LuaCharge
  std::size_t d_collected = 0;     // what was left when all garbage was collected last
  int d_pause = 0;                 // of the collector, as set last
  int d_describe = 0, d_enter = 0; // registry: the functions
  LuaArguments d_arguments;        // of the call that begins
  int d_results = 0;
  bool d_calling = false;    // only then memory is refused: what we do ourselves must not fail
  std::size_t d_retried = 0; // octets refused once: Lua 5.4 may collect and ask for the same again at once
  bool d_refused = false;    // memory, during this call
  LuaLimits d_now;           // of this call
  std::uint64_t d_steps = 0;
  base::MonoTime d_deadline{};
  LuaEnd d_end = LuaEnd::Done;
  std::string d_where; // "FILE:LINE: ", where a limit was exceeded first
  std::string d_failure;
};

// What an object of ours holds outside of Lua's memory, counted as if it were inside, for as long as the object lives.
class LuaCharge {
 public:
  LuaCharge() = default;
  LuaCharge(LuaCharge&& other) noexcept
      : d_state(std::exchange(other.d_state, nullptr)), d_octets(std::exchange(other.d_octets, 0)) {}
  LuaCharge& operator=(LuaCharge&&) = delete;
  ~LuaCharge();
  // False: there is no memory for them, and the call is as good as cut off.
  [[nodiscard]] bool add(lua_State* lua, std::size_t octets);

 private:
  LuaState* d_state = nullptr;
  std::size_t d_octets = 0;
};

} // namespace rec
