// The daemon's part in mapped addresses of clients: the workers have a new table when reload-lua-config is answered.
#include "recursor/askworkers.hh"
#include "recursor/daemon.hh"

namespace rec {

ProxyMappingPtr Daemon::proxyMapping() const {
  const std::lock_guard lock(d_configurationMutex);
  return d_proxyMapping;
}

// What lua-config-file says now. Before the workers run they are given it directly.
void Daemon::giveProxyMapping(bool isRunning) {
  const auto rules = d_trustKeeper.config().proxyMapping;
  const ProxyMappingPtr mapping = rules.empty() ? nullptr : std::make_shared<const ProxyMapping>(rules);
  {
    const std::lock_guard lock(d_configurationMutex);
    d_proxyMapping = mapping;
  }
  const auto give = [mapping](Worker& worker) {
    worker.replaceProxyMapping(mapping);
    return true;
  };
  if (isRunning) {
    static_cast<void>(askWorkers<bool>(give));
    return;
  }
  for (const auto& worker : d_workers) give(*worker);
}

} // namespace rec
