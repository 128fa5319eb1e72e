// The hosts file (hosts(5)) as tiny zones, one for each name and address in it. Called by LocalZones.
#pragma once

#include <string>
#include <vector>

#include "recursor/resolve/zonedata.hh"

namespace rec {

// One zone for each name (its A and AAAA records) and each address (PTR to the first name of its line). Names without a
// dot get `suffix` (the root: none). Lines that cannot be understood are passed over, as libc does.
base::Result<std::vector<ZoneData>> readHostsFile(const std::string& path, const dns::Name& suffix);
// The same from the file's content.
[[nodiscard]] std::vector<ZoneData> parseHosts(std::string_view content, const dns::Name& suffix);
// 1.2.0.192.in-addr.arpa., and nibbles under ip6.arpa.
[[nodiscard]] dns::Name reverseName(const base::Address& address);

} // namespace rec
