// LuaScripts: the files of lua-dns-script read and made into an engine for each worker, what scripts know of the
// process, and lua-start-stop-script. Owned by the daemon; load() on the thread of whoever wants it, one at a time.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "lib/base/clock.hh"
#include "recursor/config/settings.hh"
#include "recursor/policy/luaengine.hh"

namespace rec {

class LuaScripts {
 public:
  // Reads public-suffix-list-file; throws when it cannot be.
  LuaScripts(const Settings& settings, Statistics& statistics, const base::Clock& clock);

  using Engines = std::vector<std::shared_ptr<LuaEngine>>;
  // An engine for each worker; null ones when there are no paths. Errors name file and line.
  base::Result<Engines> load(const std::vector<std::string>& paths) const { return load(d_settings, paths); }
  base::Result<Engines> load(const Settings& settings, const std::vector<std::string>& paths) const;
  void adopt(const Settings& settings) { d_settings = settings; } // for scripts that are loaded from now on

  [[nodiscard]] const PublicSuffixes& publicSuffixes() const { return *d_host.suffixes; }

  void starting(); // on_recursor_start; throws when the script cannot be loaded
  void stopping(); // on_recursor_stop

 private:
  Settings d_settings;
  LuaMetrics d_metrics;
  LuaHost d_host;
  std::shared_ptr<LuaEngine> d_startStop; // null: there is none
};

} // namespace rec
