// LuaState: one Lua interpreter with its limits: how many instructions, how much time a call may take, how much memory
// everything together. What exceeds them is cut off, whatever the script does about errors. Belongs to one thread at a
// time; knows nothing of DNS.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

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

class LuaState {
 public:
  // Null when there is no memory for it.
  static std::unique_ptr<LuaState> open(const LuaLimits& limits, const base::Clock& clock);
  ~LuaState();
  LuaState(const LuaState&) = delete;
  LuaState& operator=(const LuaState&) = delete;

  [[nodiscard]] lua_State* lua() const { return d_lua; }
  [[nodiscard]] std::size_t memory() const; // octets in use

  // Calls the function below its `arguments` on the stack. Done: `results` values are there in their stead; else
  // nothing is, and failure() says why, in one line.
  LuaEnd call(int arguments, int results) { return call(arguments, results, d_limits); }
  LuaEnd call(int arguments, int results, const LuaLimits& limits);
  [[nodiscard]] const std::string& failure() const { return d_failure; }

  // Compiles `text`, leaving the function on the stack; messages name `name` as they name a file.
  base::Result<void> compile(const std::string& text, const std::string& name);

 private:
  explicit LuaState(const LuaLimits& limits, const base::Clock& clock) : d_limits(limits), d_clock(clock) {}
  static void* allocate(void* self, void* block, std::size_t before, std::size_t after);
  static void onCount(lua_State* lua, lua_Debug* where);
  static int describe(lua_State* lua);
  [[nodiscard]] bool isOverLimit(lua_State* lua);
  void begin(const LuaLimits& limits);
  void takeFailure(bool wasCutOff);
  void noteWhere();

  LuaLimits d_limits;
  const base::Clock& d_clock;
  lua_State* d_lua = nullptr;
  bool d_counted = false; // the allocator is ours; else the collector's count is asked
  std::size_t d_memory = 0;
  std::size_t d_collected = 0; // what was left when all garbage was collected last
  bool d_calling = false;      // only then memory is refused: what we do ourselves must not fail
  bool d_refused = false;      // memory, during this call
  LuaLimits d_now;             // of this call
  std::uint64_t d_steps = 0;
  base::MonoTime d_deadline{};
  LuaEnd d_end = LuaEnd::Done;
  std::string d_where; // "FILE:LINE: ", where a limit was exceeded first
  std::string d_failure;
};

} // namespace rec
