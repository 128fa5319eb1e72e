// A row for each hook, in the order in which a question meets them.
#include "recursor/control/explainhooks.hh"

#include <algorithm>
#include <array>

#include "recursor/control/json.hh"
#include "recursor/policy/luahooks.hh"

namespace rec {
namespace {

struct Row {
  LuaHook hook;
  std::string_view stage;
};

constexpr std::array kRows{
    Row{LuaHook::IpFilter, "before the packet is read"},
    Row{LuaHook::GetTagFfi, "before the packet cache; answers are kept by the tag"},
    Row{LuaHook::GetTag, "before the packet cache; answers are kept by the tag"},
    Row{LuaHook::PreRpz, "before the policies"},
    Row{LuaHook::PreResolve, "after the policies on the client, before local data and the caches"},
    Row{LuaHook::PolicyEventFilter, "whenever a policy is about to decide"},
    Row{LuaHook::PreOutQuery, "before each question to a server"},
    Row{LuaHook::NoData, "after resolving, when there is no data"},
    Row{LuaHook::NxDomain, "after resolving, when there is no such name"},
    Row{LuaHook::PostResolveFfi, "after resolving, before the policies on the answer"},
    Row{LuaHook::PostResolve, "after resolving, before the policies on the answer"},
};

// Those that depend on what came out.
bool isAsked(LuaHook hook, const Outcome& outcome) {
  const bool noData = outcome.rcode == dns::RCode::NoError && outcome.answer.empty();
  const bool decidedByResult = hook == LuaHook::NoData || hook == LuaHook::NxDomain;
  return !decidedByResult || (hook == LuaHook::NoData ? noData : outcome.rcode == dns::RCode::NXDomain);
}

template <typename Visit> void forEachHook(const ScriptHooks& scripts, const Visit& visit) {
  for (const Row& row : kRows) {
    for (const auto& [path, hooks] : scripts) {
      if ((hooks & bitOf(row.hook)) != 0) {
        visit(row, path);
      }
    }
  }
}

} // namespace

std::string hooksText(const ScriptHooks& scripts, const Outcome& outcome) {
  std::string lines;
  forEachHook(scripts, [&](const Row& row, const std::string& path) {
    std::string name(text(row.hook));
    name.resize(std::max<std::size_t>(name.size(), 17), ' ');
    lines += (lines.empty() ? "Scripts     " : "            ") + name + " " + path + ": " + std::string(row.stage) +
             (isAsked(row.hook, outcome) ? "" : " (not with this result)") + "\n";
  });
  return lines.empty() ? lines : lines + "            none of them was called for this explanation\n";
}

std::string hooksJson(const ScriptHooks& scripts, const Outcome& outcome) {
  std::vector<std::string> all;
  forEachHook(scripts, [&](const Row& row, const std::string& path) {
    all.push_back(jsonObject({{"hook", jsonString(text(row.hook))},
                              {"script", jsonString(path)},
                              {"stage", jsonString(row.stage)},
                              {"asked", jsonBool(isAsked(row.hook, outcome))}}));
  });
  return jsonArray(all);
}

} // namespace rec
