// The routes of PowerDNS's REST interface for zones: forward zones ("Forwarded") and zones served from files
// ("Native"). Those of recursor.conf are shown, those made here, in api-config-dir, can be changed.
#pragma once

#include "recursor/web/routes.hh"

namespace rec {

HttpResponse listZones(const WebCall& call);
HttpResponse addZone(const WebCall& call);
HttpResponse showZone(const WebCall& call);
HttpResponse replaceZone(const WebCall& call);
HttpResponse removeZone(const WebCall& call);
HttpResponse searchZones(const WebCall& call); // .../search-data?q=TEXT

// "example.com." as it stands in addresses: what is no letter, digit, dot or dash as =XX, the root as =2E.
[[nodiscard]] std::string zoneId(const dns::Name& name);
[[nodiscard]] base::Result<dns::Name> zoneOfId(std::string_view id);

} // namespace rec
