// Values of dq.data live in a table of the registry; those whose questions are gone are swept when there are twice as
// many as after the last sweep.
#include "recursor/policy/luacontext.hh"

#include <algorithm>
#include <atomic>

#include "recursor/policy/luahead.hh"

namespace rec {
namespace {

char kContext; // its address is the registry's key
constexpr std::size_t kFewest = 64;

std::uint64_t nextId() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

} // namespace

LuaContext::LuaContext(const LuaHost& host, std::uint32_t worker)
    : d_host(host), d_worker(worker), d_id(nextId()), d_second(host.clock.mono()), d_wall(host.clock.wall()) {}

LuaTime LuaContext::now() {
  const base::WallTime wall = d_host.clock.wall();
  const base::MonoTime mono = d_host.clock.mono();
  const bool sameSecond = wall == d_wall && mono - d_second < std::chrono::seconds(1);
  if (!sameSecond) {
    d_wall = wall;
    d_second = mono;
  }
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(mono - d_second).count();
  return {wall.time_since_epoch().count(), static_cast<std::int32_t>(micros)};
}

void LuaContext::attach(lua_State* lua) {
  lua_pushlightuserdata(lua, &kContext);
  lua_pushlightuserdata(lua, this);
  lua_rawset(lua, LUA_REGISTRYINDEX);
}

LuaContext& LuaContext::of(lua_State* lua) {
  lua_pushlightuserdata(lua, &kContext);
  lua_rawget(lua, LUA_REGISTRYINDEX);
  auto* context = static_cast<LuaContext*>(lua_touserdata(lua, -1));
  lua_pop(lua, 1);
  return *context;
}

std::shared_ptr<const LuaData> LuaContext::keep(lua_State* lua) {
  if (lua_isnil(lua, -1)) {
    lua_pop(lua, 1);
    return nullptr;
  }
  if (d_kept.size() >= d_sweepAt) {
    sweep(lua);
  }
  const auto data = std::make_shared<const LuaData>(LuaData{d_id, luaL_ref(lua, LUA_REGISTRYINDEX)});
  d_kept.emplace_back(data, data->reference);
  return data;
}

void LuaContext::give(lua_State* lua, const std::shared_ptr<const LuaData>& data) const {
  if (data && data->state == d_id) {
    lua_rawgeti(lua, LUA_REGISTRYINDEX, data->reference);
  } else {
    lua_pushnil(lua);
  }
}

void LuaContext::sweep(lua_State* lua) {
  std::erase_if(d_kept, [lua](const auto& kept) {
    const bool gone = kept.first.expired();
    if (gone) {
      luaL_unref(lua, LUA_REGISTRYINDEX, kept.second);
    }
    return gone;
  });
  d_sweepAt = std::max(kFewest, 2 * d_kept.size());
}

} // namespace rec
