// Zone files (RFC 1035 5), read whole into RRsets. Directives: $ORIGIN, $TTL (RFC 2308 4), $INCLUDE (paths are relative
// to the including file; at most 10 deep) and $GENERATE (bases d, o, x, X; not the nibble bases n and N).
#pragma once

#include <string>
#include <vector>

#include "lib/base/result.hh"
#include "lib/dns/rrset.hh"

namespace dns {

struct ZoneFileOptions {
  std::uint32_t defaultTtl = 3600;
  std::size_t maxRecords = 50'000'000;
  std::uint32_t maxGenerateSteps = 1'000'000; // of one $GENERATE
};

// Errors name the file and the line. RRSIGs are attached to the sets they cover. Whether the zone makes sense (SOA,
// names outside the origin) is not looked at.
base::Result<std::vector<RRset>> readZoneFile(const std::string& path, const Name& origin,
                                              const ZoneFileOptions& options = {});

} // namespace dns
