// The limits of a Lua state. Instructions and time are looked at every kStep instructions, by the count hook; memory by
// the allocator. Once a limit is exceeded each further instruction fails, so that pcall does not save a script.
#include "recursor/policy/luastate.hh"

#include <algorithm>
#include <cstdlib>

#include "recursor/policy/luahead.hh"
#include "recursor/policy/luataming.hh"

namespace rec {
namespace {

constexpr int kStep = 1000;              // instructions between two looks at the limits
constexpr std::size_t kReserve = 65'536; // of memory, for the words that say that there is none
constexpr std::size_t kLongestFailure = 500;
constexpr int kPause = 200, kShortPause = 110; // percent of what was left, until garbage is collected again
constexpr int kStepMultiplier = 400;           // the collector is so much faster than the script, in percent
constexpr int kCollectedAtOnce = 64;           // KiB that a call pays for, when little memory is left
#ifdef ROOTWALK_LUAJIT
constexpr bool kTriesAgain = false; // after collecting, where memory was refused
#else
constexpr bool kTriesAgain = true;
#endif
constexpr const char* kTooLong = "it does not come to an end";
constexpr const char* kTooLarge = "not enough memory";
char kSelf; // its address is the registry's key of the LuaState

LuaState* selfOf(lua_State* lua) {
  lua_pushlightuserdata(lua, &kSelf);
  lua_rawget(lua, LUA_REGISTRYINDEX);
  auto* self = static_cast<LuaState*>(lua_touserdata(lua, -1));
  lua_pop(lua, 1);
  return self;
}

} // namespace

void* LuaState::allocate(void* self, void* block, std::size_t before, std::size_t after) {
  auto& state = *static_cast<LuaState*>(self);
  before = block == nullptr ? 0 : before; // Lua 5.4 tells what it is for
  if (after == 0) {
    state.d_memory -= before;
    std::free(block);
    return nullptr;
  }
  const bool grows = after > before;
  const bool isRetry = state.d_retried == after;
  if (grows && state.d_retried != 0) {
    if (!isRetry) state.refuse(); // nobody tried again
    state.d_retried = 0;
  }
  if (state.isTooMuch(before, after)) {
    if (kTriesAgain && !isRetry && !state.d_refused) {
      state.d_retried = after;
    } else {
      state.refuse();
    }
    return nullptr;
  }
  void* fresh = std::realloc(block, after);
  if (fresh != nullptr) {
    state.d_memory = state.d_memory - before + after;
  }
  return fresh;
}

// For good: the call is over, whatever the script does.
void LuaState::refuse() {
  if (!d_refused) {
    d_refused = true;
    noteWhere();
  }
}

// Of a block of so many octets that is to have so many.
bool LuaState::isTooMuch(std::size_t before, std::size_t after) const {
  if (!d_calling || d_limits.memory == 0 || after <= before) {
    return false;
  }
  return d_memory + d_charged - before + after > d_limits.memory + (d_refused ? kReserve : 0);
}

std::unique_ptr<LuaState> LuaState::open(const LuaLimits& limits, const base::Clock& clock) {
  std::unique_ptr<LuaState> state(new LuaState(limits, clock));
  state->d_lua = lua_newstate(&LuaState::allocate, state.get()); // refused where LuaJIT has to allocate by itself
  state->d_counted = state->d_lua != nullptr;
  if (!state->d_counted) {
    state->d_lua = luaL_newstate();
  }
  if (state->d_lua == nullptr) {
    return nullptr;
  }
  lua_State* lua = state->d_lua;
  luaL_openlibs(lua);
  tameLibraries(lua, limits.compile);
  lua_gc(lua, LUA_GCSETSTEPMUL, kStepMultiplier);
#ifdef ROOTWALK_LUAJIT
  luaJIT_setmode(lua, 0, LUAJIT_MODE_ENGINE | (limits.compile ? LUAJIT_MODE_ON : LUAJIT_MODE_OFF));
#endif
  lua_pushlightuserdata(lua, &kSelf);
  lua_pushlightuserdata(lua, state.get());
  lua_rawset(lua, LUA_REGISTRYINDEX);
  lua_pushcfunction(lua, &LuaState::describe);
  state->d_describe = luaL_ref(lua, LUA_REGISTRYINDEX);
  lua_pushcfunction(lua, &LuaState::enter);
  state->d_enter = luaL_ref(lua, LUA_REGISTRYINDEX);
  lua_sethook(lua, &LuaState::onCount, LUA_MASKCOUNT, kStep); // from the start: coroutines inherit it
  return state;
}

LuaState::~LuaState() {
  if (d_lua != nullptr) {
    lua_sethook(d_lua, nullptr, 0, 0);
    lua_close(d_lua);
  }
}

std::size_t LuaState::memory() const {
  return d_charged + (d_counted ? d_memory : static_cast<std::size_t>(lua_gc(d_lua, LUA_GCCOUNT, 0)) * 1024);
}

bool LuaState::isOverLimit(lua_State* lua) {
  d_steps += kStep;
  const bool tooLarge = !d_counted && d_limits.memory != 0 &&
                        d_charged + static_cast<std::size_t>(lua_gc(lua, LUA_GCCOUNT, 0)) * 1024 > d_limits.memory;
  if (tooLarge || d_refused || d_retried != 0) { // who catches that error is not to go on either
    d_end = LuaEnd::TooLarge;
  } else if ((d_now.instructions != 0 && d_steps > d_now.instructions) ||
             (d_now.time.count() != 0 && d_clock.mono() > d_deadline)) {
    d_end = LuaEnd::TooLong;
  }
  return d_end != LuaEnd::Done;
}

// Reads only: the interpreter is in the middle of something.
void LuaState::noteWhere() {
  constexpr int kDeepest = 8;
  for (int level = 0; level < kDeepest; ++level) {
    lua_Debug about;
    if (lua_getstack(d_lua, level, &about) == 0 || lua_getinfo(d_lua, "Sl", &about) == 0) {
      return;
    }
    if (about.currentline > 0) {
      d_where = std::string(about.short_src) + ":" + std::to_string(about.currentline) + ": ";
      return;
    }
  }
}

void LuaState::onCount(lua_State* lua, lua_Debug* where) {
  LuaState* self = selfOf(lua);
  if (self == nullptr || (self->d_end == LuaEnd::Done && !self->isOverLimit(lua))) {
    return;
  }
  lua_sethook(lua, &LuaState::onCount, LUA_MASKCOUNT, 1);
  lua_getinfo(lua, "Sl", where);
  if (self->d_where.empty()) { // later ones are only where it tried to go on
    self->d_where.assign(where->short_src).append(":").append(std::to_string(where->currentline)).append(": ");
  }
  lua_pushstring(lua, self->d_end == LuaEnd::TooLarge ? kTooLarge : kTooLong);
  lua_error(lua);
}

void LuaState::begin(const LuaLimits& limits) {
  d_now = limits;
  d_steps = 0;
  d_end = LuaEnd::Done;
  d_refused = false;
  d_retried = 0;
  d_where.clear();
  d_deadline = limits.time.count() == 0 ? base::MonoTime::max() : d_clock.mono() + limits.time;
  lua_sethook(d_lua, &LuaState::onCount, LUA_MASKCOUNT, kStep);
}

// The error as text: of an error object that is a table the word `table` is all that is told.
int LuaState::describe(lua_State* lua) {
  if (lua_type(lua, 1) != LUA_TSTRING && luaL_callmeta(lua, 1, "__tostring") == 0) {
    lua_pushfstring(lua, "an error that is a %s", luaL_typename(lua, 1));
  }
  return 1;
}

void LuaState::takeFailure(bool wasCutOff) {
  const char* text = lua_tostring(d_lua, -1);
  d_failure = (wasCutOff ? d_where : std::string()) + (text == nullptr ? "failed" : text);
  if (d_failure.size() > kLongestFailure) {
    d_failure.resize(kLongestFailure);
  }
  std::ranges::replace(d_failure, '\n', ' ');
  lua_pop(d_lua, 1);
}

// Collecting as a part of the call: when much is in use the collector runs more often, and when little is left each
// call does a piece of its work; not again before there is more garbage.
void LuaState::collectSome(lua_State* lua) {
  if (d_limits.memory == 0) {
    return;
  }
  const std::size_t used = memory();
  const int pause = used > d_limits.memory / 4 ? kShortPause : kPause;
  if (pause != d_pause) {
    lua_gc(lua, LUA_GCSETPAUSE, pause);
    d_pause = pause;
  }
  const bool isDue = used > d_limits.memory / 4 * 3 && used > d_collected + d_limits.memory / 16;
  if (isDue && lua_gc(lua, LUA_GCSTEP, kCollectedAtOnce) != 0) {
    d_collected = memory();
  }
}

// Arguments are taken once: a script that finds this function can do nothing with it.
int LuaState::enter(lua_State* lua) {
  LuaState* self = selfOf(lua);
  const LuaArguments arguments = std::exchange(self->d_arguments, {});
  if (arguments.empty()) {
    return luaL_error(lua, "this function is not for scripts");
  }
  const int results = self->d_results;
  self->collectSome(lua);
  lua_call(lua, arguments(lua), results);
  return results;
}

LuaEnd LuaState::call(const LuaArguments& arguments, int results, const LuaLimits& limits) {
  begin(limits);
  d_arguments = arguments;
  d_results = results;
  lua_rawgeti(d_lua, LUA_REGISTRYINDEX, d_describe);
  const int at = lua_gettop(d_lua);
  lua_rawgeti(d_lua, LUA_REGISTRYINDEX, d_enter);
  d_calling = true;
  const int status = lua_pcall(d_lua, 0, results, at);
  d_calling = false;
  d_arguments = {};
  lua_remove(d_lua, at);
  const bool tooLarge = status == LUA_ERRMEM || d_refused || d_retried != 0 || d_end == LuaEnd::TooLarge;
  if (status == 0 && d_end == LuaEnd::Done && !tooLarge) {
    return LuaEnd::Done;
  }
  if (status == 0) { // the last instruction was one too many, or it caught the error
    lua_pop(d_lua, results);
    lua_pushstring(d_lua, tooLarge ? kTooLarge : kTooLong);
  }
  takeFailure(tooLarge || d_end != LuaEnd::Done);
  const LuaEnd end = d_end == LuaEnd::TooLong ? LuaEnd::TooLong : tooLarge ? LuaEnd::TooLarge : LuaEnd::Failed;
  begin(d_limits);
  if (tooLarge) {
    lua_gc(d_lua, LUA_GCCOLLECT, 0);
    d_collected = memory();
  }
  return end;
}

base::Result<void> LuaState::compile(const std::string& text, const std::string& name) {
  // A script may begin with "#!".
  const std::size_t skip = text.starts_with('#') ? std::min(text.find('\n'), text.size()) : 0;
  if (luaL_loadbuffer(d_lua, text.data() + skip, text.size() - skip, ("@" + name).c_str()) == 0) {
    return {};
  }
  takeFailure(false);
  return base::Error{d_failure};
}

LuaCharge::~LuaCharge() {
  if (d_state != nullptr) {
    d_state->d_charged -= d_octets;
  }
}

bool LuaCharge::add(lua_State* lua, std::size_t octets) {
  d_state = d_state == nullptr ? selfOf(lua) : d_state;
  if (d_state->isTooMuch(0, octets)) {
    d_state->refuse();
    return false;
  }
  d_octets += octets;
  d_state->d_charged += octets;
  return true;
}

} // namespace rec
