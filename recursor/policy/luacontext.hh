// LuaContext: what the functions of one Lua state need of the process around it: clock, metrics, whose thread it is;
// and the values that scripts leave with questions (dq.data). Found from the state itself. Used on the state's thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "lib/base/clock.hh"
#include "recursor/policy/luametrics.hh"
#include "recursor/policy/luaquestion.hh"
#include "recursor/policy/publicsuffixes.hh"
#include "recursor/stats/statistics.hh"

struct lua_State;

namespace rec {

// What a script may know of the process. Shared by all states; `statistics` may be null.
struct LuaHost {
  const base::Clock& clock;
  LuaMetrics& metrics;
  const Statistics* statistics = nullptr;
  std::shared_ptr<const PublicSuffixes> suffixes;
  std::string configDir, configName;
};

class LuaContext {
 public:
  LuaContext(const LuaHost& host, std::uint32_t worker);
  LuaContext(const LuaContext&) = delete;
  LuaContext& operator=(const LuaContext&) = delete;

  [[nodiscard]] const LuaHost& host() const { return d_host; }
  [[nodiscard]] std::uint32_t worker() const { return d_worker; }
  // Seconds are the clock's; what is below them runs with its monotonic time.
  [[nodiscard]] LuaTime now();

  void attach(lua_State* lua); // once; it must outlive the state
  static LuaContext& of(lua_State* lua);

  // Takes the value on top of the stack; null for nil.
  [[nodiscard]] std::shared_ptr<const LuaData> keep(lua_State* lua);
  // Puts it on the stack: nil when there is none, or when it is another state's.
  void give(lua_State* lua, const std::shared_ptr<const LuaData>& data) const;
  [[nodiscard]] std::size_t kept() const { return d_kept.size(); }

 private:
  void sweep(lua_State* lua);

  const LuaHost& d_host;
  std::uint32_t d_worker;
  std::uint64_t d_id;      // of the state, unlike any other in this process
  base::MonoTime d_second; // when the second of the wall clock began that was seen last, as far as is known
  base::WallTime d_wall;
  std::vector<std::pair<std::weak_ptr<const LuaData>, int>> d_kept;
  std::size_t d_sweepAt = 64;
};

} // namespace rec
