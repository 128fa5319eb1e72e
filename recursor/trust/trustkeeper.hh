// TrustKeeper: keeps the trust anchors up to date with their sources: lua-config-file when it is to be read again, the
// file of readTrustAnchorsFromFile every so many hours, negative anchors whose time is over. Owned by the daemon, whose
// thread calls tick() and whose control thread calls reload(); one mutex, never held while TrustAnchors tells of a
// change. RFC 5011 is not done here: see anchorfollower.hh.
#pragma once

#include <functional>
#include <mutex>
#include <string>

#include "lib/base/clock.hh"
#include "recursor/config/luaconfig.hh"
#include "recursor/trust/trustanchors.hh"

namespace rec {

class TrustKeeper {
 public:
  // `anchors` has been made of `config`, which came from the file at `path` (may be empty).
  TrustKeeper(TrustAnchors& anchors, LuaConfig config, std::string path, const base::Clock& clock);

  // What is due now; to be called every few seconds.
  void tick();
  // What else the script says, to be taken over first; its error is that of the reload.
  using Others = std::function<base::Result<void>(const LuaConfig&)>;
  // Runs the script at `path` and takes all anchors from it; the one used last when `path` is empty. Its path, or why
  // everything stays as it was.
  base::Result<std::string> reload(const std::string& path, const Others& others = {});
  void forgetPath();                      // there is no script any more: for the next reload()
  [[nodiscard]] LuaConfig config() const; // as read last

 private:
  void readFile(const LuaConfig& config);
  void scheduleFile(); // mutex held

  TrustAnchors& d_anchors;
  const base::Clock& d_clock;
  mutable std::mutex d_mutex;
  LuaConfig d_config;
  std::string d_path;
  base::MonoTime d_fileDue;
};

} // namespace rec
