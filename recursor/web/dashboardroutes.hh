// The routes that the dashboard reads: everything of now in one answer, the history, a name explained.
#pragma once

#include "recursor/web/routes.hh"

namespace rec {

HttpResponse showSnapshot(const WebCall& call); // .../dashboard
HttpResponse showPolicies(const WebCall& call); // .../dashboard/policies: lists being read make it wait
HttpResponse showHistory(const WebCall& call);  // .../dashboard/history?span=seconds|minutes[&since=TIME]
HttpResponse explainName(const WebCall& call); // .../dashboard/explain?name=NAME[&type=TYPE][&client=ADDRESS][&fresh=1]

} // namespace rec
