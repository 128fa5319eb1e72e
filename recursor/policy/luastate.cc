// The limits of a Lua state. Instructions and time are looked at every kStep instructions, by the count hook; memory by
// the allocator. Once a limit is exceeded each further instruction fails, so that pcall does not save a script.
#include "recursor/policy/luastate.hh"

#include <algorithm>
#include <cstdlib>

#include "recursor/policy/luahead.hh"

namespace rec {
namespace {

constexpr int kStep = 1000;              // instructions between two looks at the limits
constexpr std::size_t kReserve = 65'536; // of memory, for the words that say that there is none
constexpr std::size_t kLongestFailure = 500;
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
  const std::size_t limit = state.d_limits.memory == 0 ? SIZE_MAX : state.d_limits.memory;
  const std::size_t allowed = state.d_refused && limit != SIZE_MAX ? limit + kReserve : limit;
  if (state.d_calling && after > before && state.d_memory - before + after > allowed) {
    if (!state.d_refused) {
      state.d_refused = true;
      state.noteWhere();
    }
    return nullptr;
  }
  void* fresh = std::realloc(block, after);
  if (fresh != nullptr) {
    state.d_memory = state.d_memory - before + after;
  }
  return fresh;
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
#ifdef ROOTWALK_LUAJIT
  luaJIT_setmode(lua, 0, LUAJIT_MODE_ENGINE | (limits.compile ? LUAJIT_MODE_ON : LUAJIT_MODE_OFF));
#endif
  lua_pushlightuserdata(lua, &kSelf);
  lua_pushlightuserdata(lua, state.get());
  lua_rawset(lua, LUA_REGISTRYINDEX);
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
  if (d_counted) {
    return d_memory;
  }
  return static_cast<std::size_t>(lua_gc(d_lua, LUA_GCCOUNT, 0)) * 1024;
}

bool LuaState::isOverLimit(lua_State* lua) {
  d_steps += kStep;
  const bool tooLarge = !d_counted && d_limits.memory != 0 &&
                        static_cast<std::size_t>(lua_gc(lua, LUA_GCCOUNT, 0)) * 1024 > d_limits.memory;
  if (tooLarge) {
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

LuaEnd LuaState::call(int arguments, int results, const LuaLimits& limits) {
  begin(limits);
  // When little is left much of it may be garbage; not again before there is more of it.
  if (d_counted && d_limits.memory != 0 && d_memory > d_limits.memory / 4 * 3 &&
      d_memory > d_collected + d_limits.memory / 16) {
    lua_gc(d_lua, LUA_GCCOLLECT, 0);
    d_collected = d_memory;
  }
  const int at = lua_gettop(d_lua) - arguments;
  lua_pushcfunction(d_lua, &LuaState::describe);
  lua_insert(d_lua, at);
  d_calling = true;
  const int status = lua_pcall(d_lua, arguments, results, at);
  d_calling = false;
  lua_remove(d_lua, at);
  if (status == 0 && d_end == LuaEnd::Done) {
    return LuaEnd::Done;
  }
  if (status == 0) { // the last instruction was one too many
    lua_pop(d_lua, results);
    lua_pushstring(d_lua, kTooLong);
  }
  takeFailure(status == LUA_ERRMEM || d_end != LuaEnd::Done);
  const bool tooLarge = status == LUA_ERRMEM || d_refused || d_end == LuaEnd::TooLarge;
  const LuaEnd end = d_end == LuaEnd::TooLong ? LuaEnd::TooLong : tooLarge ? LuaEnd::TooLarge : LuaEnd::Failed;
  begin(d_limits);
  if (tooLarge) {
    lua_gc(d_lua, LUA_GCCOLLECT, 0);
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

} // namespace rec
