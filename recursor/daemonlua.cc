// The daemon's part in changing what Lua says while running: reload-lua-config, reload-lua-script, unload-lua-script,
// and the same for reload-config. On the control thread.
#include <algorithm>

#include "recursor/askworkers.hh"
#include "recursor/orthrow.hh"
#include "recursor/trust/configured.hh"

namespace rec {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

} // namespace

// Before the workers run: a script that cannot be loaded ends the start.
void Daemon::loadLua() {
  const auto engines = orThrow(d_luaScripts.load(d_luaPaths));
  for (const auto& worker : d_workers) {
    worker->replaceLua(engines[worker->self()]);
  }
}

base::Result<std::string> Daemon::reloadLuaConfig(const std::string& path) {
  const std::lock_guard lock(d_reloading);
  auto taken = takeLuaConfig(path, false);
  if (taken) noteSetting("lua-config-file", *taken);
  return taken;
}

// What was learnt of roll-overs is put together with the new configuration by the worker that follows them.
base::Result<std::string> Daemon::takeLuaConfig(const std::string& path, bool evenNone) {
  if (evenNone && path.empty()) {
    d_trustKeeper.forgetPath();
  }
  auto reloaded = d_trustKeeper.reload(path, [this](const LuaConfig& config) {
    const auto usable = BlockListKeeper::check(*settings(), config.blockLists);
    return usable ? d_rpzZones.configure(config.rpzs, false) : usable;
  });
  if (reloaded) {
    giveAnswerRules();
    giveProxyMapping(true);
    awaitPolicies();
    auto given = anchorSets(d_trustKeeper.config().trustAnchors);
    d_workers.front()->post([this, sets = std::move(given)] { d_anchorFollower.configure(sets, d_clock.wall()); });
    if (const auto declared = d_blockLists.declare(d_trustKeeper.config().blockLists); !declared) {
      return declared.error();
    }
  }
  return reloaded;
}

// Scripts are loaded here, so that no question waits, and closed here, too.
base::Result<void> Daemon::replaceLua(const std::vector<std::string>& paths) {
  const std::lock_guard lock(d_reloading);
  const auto engines = d_luaScripts.load(paths);
  if (!engines) {
    return engines.error();
  }
  noteSetting("lua-dns-script", joined(paths));
  return giveLua(*engines, paths);
}

base::Result<void> Daemon::giveLua(const LuaScripts::Engines& engines, const std::vector<std::string>& paths) {
  d_luaPaths = paths;
  const auto old = askWorkers<std::shared_ptr<LuaEngine>>(
      [&engines](Worker& worker) { return worker.replaceLua(engines[worker.self()]); });
  const bool all = std::ranges::all_of(old, [](const auto& answer) { return answer.has_value(); });
  return all ? base::Result<void>() : base::Error{"a worker does not answer"};
}

base::Result<std::string> Daemon::reloadLuaScript(const std::string& path) {
  const std::vector<std::string> paths = path.empty() ? d_luaPaths : std::vector<std::string>{path};
  const auto replaced = replaceLua(paths);
  if (!replaced) {
    return replaced.error();
  }
  return joined(paths);
}

base::Result<void> Daemon::unloadLuaScript() { return replaceLua({}); }

} // namespace rec
