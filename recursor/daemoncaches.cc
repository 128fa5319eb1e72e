// The daemon's part in what is forgotten: what a wipe took away must not come back from the cache file.
#include "recursor/daemon.hh"

namespace rec {

// While caches are loaded, at the start, the daemon's thread waits for the end of that, which may have brought the
// name.
void Daemon::wipe(const dns::Name& name) {
  d_cacheKeeper.noteWipe();
  if (!d_cacheKeeper.isLoading()) {
    return forget(name);
  }
  d_loop.post([this, name] {
    d_cacheKeeper.awaitLoaded();
    forget(name);
  });
}

void Daemon::forget(const dns::Name& name) {
  static_cast<void>(d_resolving.wipe(name, true));
  for (const auto& worker : d_workers) {
    worker->post([&wiping = *worker, name] { wiping.packetCache().wipe(name, true); });
  }
}

} // namespace rec
