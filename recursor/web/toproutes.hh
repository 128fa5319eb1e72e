// The rings of the last questions, clients and silent servers: /jsonstat as PowerDNS has it, and for the dashboard.
#pragma once

#include "recursor/web/routes.hh"

namespace rec {

HttpResponse showRing(const WebCall& call); // /jsonstat?command=get-query-ring|get-remote-ring&name=RING
HttpResponse showTop(const WebCall& call);  // .../dashboard/top

} // namespace rec
