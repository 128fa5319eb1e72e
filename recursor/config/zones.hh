// The syntax of forward-zones, forward-zones-recurse, forward-zones-file and auth-zones. Called by the settings parser
// and by ZoneSources; parsing never opens a file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "recursor/config/settings.hh"

namespace rec {

// "zone=addr;addr", with one of `separators` between the servers.
base::Result<ForwardZone> parseForwardZone(std::string_view text, std::string_view separators, bool recurse);
// "zone=addr;addr, zone2=addr:port". Port 53 where none is given. + and ^ before a zone are as in a forward-zones-file.
base::Result<std::vector<ForwardZone>> parseForwardZones(std::string_view text, bool recurse);
// "zone=file, zone2=file".
base::Result<std::vector<AuthZone>> parseAuthZones(std::string_view text);
// The content of a forward-zones-file: one "[+][^]zone=addr;addr" a line, # comments. + means asked with RD, ^ that a
// NOTIFY for the zone is welcome. Errors begin with "fileName:line: ".
base::Result<std::vector<ForwardZone>> parseForwardZonesFile(std::string_view content, const std::string& fileName);

} // namespace rec
