// The routes of PowerDNS's REST interface for the access lists allow-from and allow-notify-from.
#pragma once

#include "recursor/web/routes.hh"

namespace rec {

HttpResponse showAllowFrom(const WebCall& call);
HttpResponse putAllowFrom(const WebCall& call); // {"value": ["192.0.2.0/24", ...]}, kept in api-config-dir
HttpResponse showAllowNotifyFrom(const WebCall& call);
HttpResponse putAllowNotifyFrom(const WebCall& call);

} // namespace rec
