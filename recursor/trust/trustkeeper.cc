// Reading the sources of trust anchors again: see trustkeeper.hh.
#include "recursor/trust/trustkeeper.hh"

#include "lib/base/log.hh"
#include "recursor/trust/configured.hh"

namespace rec {
namespace {

// A file that once had the root's anchors must not end all validation by having none.
base::Result<void> checkRoot(const LuaConfig& before, const std::map<dns::Name, std::vector<TrustAnchor>>& after) {
  const dns::Name root;
  const bool loses = before.fileAnchors.contains(root) && !before.trustAnchors.contains(root) && !after.contains(root);
  if (loses) return base::Error{before.anchorFile + ": has no trust anchor of the root any more"};
  return {};
}

} // namespace

TrustKeeper::TrustKeeper(TrustAnchors& anchors, LuaConfig config, std::string path, const base::Clock& clock)
    : d_anchors(anchors), d_clock(clock), d_config(std::move(config)), d_path(std::move(path)) {
  scheduleFile();
}

void TrustKeeper::scheduleFile() {
  const bool isUsed = !d_config.anchorFile.empty() && d_config.anchorFileInterval.count() > 0;
  d_fileDue = isUsed ? d_clock.mono() + d_config.anchorFileInterval : base::MonoTime::max();
}

LuaConfig TrustKeeper::config() const {
  const std::lock_guard lock(d_mutex);
  return d_config;
}

void TrustKeeper::tick() {
  d_anchors.dropExpired(d_clock.wall());
  std::unique_lock lock(d_mutex);
  if (d_clock.mono() < d_fileDue) return;
  scheduleFile();
  const LuaConfig config = d_config;
  lock.unlock();
  readFile(config);
}

void TrustKeeper::readFile(const LuaConfig& config) {
  auto read = readAnchorFile(config.anchorFile);
  const auto checked = read ? checkRoot(config, *read) : base::Result<void>(read.error());
  if (!checked) {
    base::log(base::LogLevel::Error, "trust anchors stay as they are: " + checked.error().message);
    return;
  }
  std::unique_lock lock(d_mutex);
  if (d_config.anchorFile != config.anchorFile) return; // reloaded meanwhile
  d_config.fileAnchors = *read;
  lock.unlock();
  d_anchors.replaceFile(anchorSets(*read));
}

void TrustKeeper::forgetPath() {
  const std::lock_guard lock(d_mutex);
  d_path.clear();
}

base::Result<std::string> TrustKeeper::reload(const std::string& path, const Others& others) {
  std::unique_lock lock(d_mutex);
  const std::string chosen = path.empty() ? d_path : path;
  lock.unlock();
  auto config = runLuaConfig(chosen);
  if (!config) return config.error();
  if (others) {
    if (const auto taken = others(*config); !taken) return taken.error();
  }
  lock.lock();
  d_config = std::move(*config);
  d_path = chosen;
  scheduleFile();
  const LuaConfig read = d_config;
  lock.unlock();
  d_anchors.reset(givenAnchors(read), anchorSets(read.fileAnchors));
  return chosen;
}

} // namespace rec
