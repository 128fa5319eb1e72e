// The zones every resolver answers by itself: reverse zones of addresses without a global meaning (RFC 6303, RFC 7793)
// and special-use names (RFC 6761 and those after it). Called by LocalZones; opens no file.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "recursor/resolve/zonedata.hh"

namespace rec {

[[nodiscard]] std::vector<dns::Name> rfc1918Zones(); // serve-rfc1918: 10/8, 172.16/12, 192.168/16
[[nodiscard]] std::vector<dns::Name> rfc6303Zones(); // serve-rfc6303: the others of the registry

// A zone with SOA and NS only, as RFC 6303 3 describes it.
[[nodiscard]] ZoneData emptyZone(const dns::Name& apex);
// localhost: 127.0.0.1 and ::1 for it and all below it (RFC 6761 6.3).
[[nodiscard]] ZoneData localhostZone(const dns::Name& apex);
// The reverse zones in which only the loopback address has a name.
[[nodiscard]] std::vector<ZoneData> loopbackReverseZones();

// True for names that never exist in the DNS, themselves included: test, invalid, onion, alt, local (RFC 6761, 7686,
// 9476, 6762). The other special names are empty zones that do exist: home.arpa, resolver.arpa, service.arpa (RFC 8375,
// 9462, 9665).
[[nodiscard]] bool neverExists(const dns::Name& specialName);

} // namespace rec
