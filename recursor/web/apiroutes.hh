// The routes of PowerDNS's REST interface that tell of the server, its settings, its metrics, and clear caches.
#pragma once

#include "recursor/web/routes.hh"

namespace rec {

HttpResponse showApi(const WebCall& call);           // /api
HttpResponse showVersion1(const WebCall& call);      // /api/v1
HttpResponse showServers(const WebCall& call);       // /api/v1/servers
HttpResponse showServer(const WebCall& call);        // .../servers/localhost
HttpResponse showConfig(const WebCall& call);        // .../config
HttpResponse showSetting(const WebCall& call);       // .../config/NAME
HttpResponse showStatistics(const WebCall& call);    // .../statistics[?statistic=NAME]
HttpResponse showRpzStatistics(const WebCall& call); // .../rpzstatistics
HttpResponse flushCache(const WebCall& call);        // .../cache/flush?domain=NAME[&subtree=true][&type=TYPE]

// The metrics that stats-api-disabled-list does not hide.
[[nodiscard]] Statistics::Values shownMetrics(const WebParts& parts);

} // namespace rec
