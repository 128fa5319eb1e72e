// The web server in the daemon: see daemonweb.hh.
#include "recursor/daemonweb.hh"

#include <stdexcept>

namespace rec {

std::unique_ptr<WebServer> makeWebServer(const std::shared_ptr<const Settings>& settings, ControlTarget& target,
                                         Statistics& statistics, const base::Clock& clock) {
  if (!settings->webserver) return nullptr;
  auto server = WebServer::open(settings, target, clock);
  if (!server) throw std::runtime_error(server.error().message);
  statistics.addWorker((*server)->counters());
  return std::move(*server);
}

} // namespace rec
