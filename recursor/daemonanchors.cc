// The daemon has trust anchors followed (RFC 5011), on its first worker, and what hung on changed ones forgotten.
#include "recursor/daemon.hh"
#include "recursor/resolve/options.hh"
#include "recursor/trust/configured.hh"

namespace rec {

AnchorFollower::Options Daemon::followerOptions(const Settings& settings) const {
  AnchorFollower::Options options;
  options.follow = isValidating(*d_started) && d_started->trustAnchorFollow;
  options.signal = isValidating(settings) && settings.signalTrustAnchors;
  options.policy = validationOf(settings).signatures;
  return options;
}

// The follower of trust anchors tells of a change on a worker's thread, which must not go through all caches.
void Daemon::forgetBelow(const dns::Name& zone) {
  const bool onWorker = !d_workers.empty() && d_workers.front()->thread().get_id() == std::this_thread::get_id();
  if (onWorker) {
    d_loop.post([this, zone] { wipe(zone); });
  } else {
    wipe(zone);
  }
}

void Daemon::followAnchors() {
  Worker& first = *d_workers.front();
  first.post([this, &first] {
    KeySource* source = first.resolver().keySource();
    if (source == nullptr) {
      return;
    }
    d_anchorFollower.attach(first.loop(), *source);
    first.roots().spawn(d_anchorFollower.run());
  });
}

} // namespace rec
