// The query log in the dashboard: searching, and its busiest names, clients and so on.
#pragma once

#include "recursor/web/routes.hh"

namespace rec {

// .../dashboard/log?q=FILTER[&rows=NUMBER]: the newest records that match; FILTER as rec_control log has it.
HttpResponse searchLog(const WebCall& call);

} // namespace rec
