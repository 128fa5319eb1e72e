// The state file's life: see anchorstore.hh.
#include "recursor/trust/anchorstore.hh"

#include "lib/base/log.hh"
#include "recursor/trust/statefile.hh"

namespace rec {

using base::LogLevel;

AnchorStore::AnchorStore(std::string path) : d_path(std::move(path)) {
  if (d_path.empty() || folderExists(d_path)) return;
  base::log(LogLevel::Info,
            "trust anchors are followed in memory only: there is no folder for trust-anchor-state-file " + d_path);
  d_path.clear();
}

TrustPoints AnchorStore::load() {
  if (d_path.empty()) return {};
  const auto content = readWhole(d_path);
  if (!content) {
    base::log(LogLevel::Warning, "the state of trust anchors cannot be used: " + content.error().message);
    return {};
  }
  if (!*content) return {};
  auto points = parseAnchorState(**content);
  if (points) return std::move(*points);
  const auto aside = setAside(d_path);
  base::log(LogLevel::Warning, d_path + " is damaged (" + points.error().message + "): the configured trust anchors " +
                                   "serve, it is " + (aside ? "now " + d_path + ".damaged" : aside.error().message));
  return {};
}

void AnchorStore::save(const std::string& text) {
  if (d_path.empty()) return;
  const auto written = writeWhole(d_path, text);
  if (!written && !d_failing) {
    base::log(LogLevel::Error, "the state of trust anchors is not saved: " + written.error().message);
  }
  d_failing = !written;
}

} // namespace rec
