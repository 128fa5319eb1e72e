// Metric in scripts: a counter of their own (getMetric), shown by rec_control beside ours; and getStat, which reads
// any.
#include "recursor/policy/luacontext.hh"
#include "recursor/policy/luaobjects.hh"

namespace rec {
namespace {

// Names that the control channel can be asked for.
bool isMetricName(const std::string& name) {
  constexpr std::size_t kLongest = 128;
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:";
  return !name.empty() && name.size() <= kLongest && name.find_first_not_of(kLetters) == std::string::npos;
}

// What Prometheus calls it, and type and description, are not needed here.
int getMetric(LuaCall& call) {
  const std::string name = call.text(1);
  if (call.failed()) return 0;
  const bool free = findMetric(name) == nullptr;
  LuaMetricCell cell = free && isMetricName(name) ? LuaContext::of(call.lua()).host().metrics.cell(name) : nullptr;
  if (!cell) {
    call.fail("'" + name + "' cannot be the name of a metric");
    return 0;
  }
  return call.giveObject(LuaMetric{std::move(cell)});
}

int inc(LuaCall& call) {
  const LuaMetric* metric = call.object<LuaMetric>(1);
  if (metric != nullptr) metric->cell->fetch_add(1, std::memory_order_relaxed);
  return 0;
}

int incBy(LuaCall& call) {
  const LuaMetric* metric = call.object<LuaMetric>(1);
  const auto by = static_cast<std::uint64_t>(call.number(2));
  if (!call.failed()) metric->cell->fetch_add(by, std::memory_order_relaxed);
  return 0;
}

int set(LuaCall& call) {
  constexpr std::int64_t kMost = std::int64_t{1} << 53; // what a number of Lua holds exactly
  const LuaMetric* metric = call.object<LuaMetric>(1);
  const auto value = static_cast<std::uint64_t>(call.number(2, 0, kMost));
  if (!call.failed()) metric->cell->store(value, std::memory_order_relaxed);
  return 0;
}

int get(LuaCall& call) {
  const LuaMetric* metric = call.object<LuaMetric>(1);
  return metric == nullptr ? 0 : call.give(metric->cell->load(std::memory_order_relaxed));
}

// 0 for a metric that nobody knows.
int getStat(LuaCall& call) {
  const std::string name = call.text(1);
  const LuaHost& host = LuaContext::of(call.lua()).host();
  auto value = host.metrics.value(name);
  if (!value && host.statistics != nullptr) value = host.statistics->value(name);
  return call.failed() ? 0 : call.give(value.value_or(0));
}

} // namespace

void defineMetric(lua_State* lua) {
  luaDefine<LuaMetric>(lua, {.methods = {luaMethod<inc>("inc"), luaMethod<incBy>("incBy"), luaMethod<set>("set"),
                                         luaMethod<get>("get")}});
  lua_register(lua, "getMetric", &luaInvoke<getMetric>);
  lua_register(lua, "getStat", &luaInvoke<getStat>);
}

} // namespace rec
