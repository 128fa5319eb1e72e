// A zone as the REST interface takes it, and the files that it becomes. Called by the routes for zones; no I/O.
#pragma once

#include <string>
#include <vector>

#include "lib/base/result.hh"
#include "lib/dns/name.hh"

namespace rec {

struct ZoneRequest {
  dns::Name name;
  bool isNative = false; // else Forwarded
  bool recurse = false, notifyAllowed = false;
  std::vector<std::string> servers; // as recursor.conf has them
  std::string singleAddress;        // of a Native zone: the IPv4 address of the zone and all below it; or empty
};

// {"name": "example.com.", "kind": "Forwarded", "recursion_desired": true, "servers": ["192.0.2.1:53"]}, or kind
// "Native" and perhaps "single_target_ip". The error says what is wrong.
base::Result<ZoneRequest> parseZoneRequest(const std::string& body);

[[nodiscard]] std::string zoneFileText(const ZoneRequest& zone);
// Lines of recursor.conf; `recordPath` is where zoneFileText() is.
[[nodiscard]] std::string settingsText(const ZoneRequest& zone, const std::string& recordPath);

} // namespace rec
