// The web server as a part of the daemon: made when the settings ask for one.
#pragma once

#include <memory>

#include "recursor/web/webserver.hh"

namespace rec {

// Null without `webserver`. Throws (with the reason) what keeps it from starting; its counters are in `statistics`.
[[nodiscard]] std::unique_ptr<WebServer> makeWebServer(const std::shared_ptr<const Settings>& settings,
                                                       ControlTarget& target, Statistics& statistics,
                                                       const base::Clock& clock);

} // namespace rec
