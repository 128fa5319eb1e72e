// Zone files (RFC 1035 5, $ORIGIN, $TTL, $INCLUDE, $GENERATE where ldns knows it), read whole into RRsets.
#pragma once

#include <string>
#include <vector>

#include "lib/base/result.hh"
#include "lib/dns/rrset.hh"

namespace dns {

struct ZoneFileOptions {
  std::uint32_t defaultTtl = 3600;
  std::size_t maxRecords = 50'000'000;
};

// Errors name the file and the line.
base::Result<std::vector<RRset>> readZoneFile(const std::string& path, const Name& origin,
                                              const ZoneFileOptions& options = {});

} // namespace dns
