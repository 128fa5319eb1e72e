// Zone files (RFC 1035 5), read whole into RRsets, or record by record. Directives: $ORIGIN, $TTL (RFC 2308 4),
// $INCLUDE (paths are relative to the including file; at most 10 deep) and $GENERATE (bases d, o, x, X; not the nibble
// bases n and N).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/result.hh"
#include "lib/dns/masterline.hh"
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

// The records in their order; an error of the sink ends the reading and gets file and line, too.
using RecordSink = std::function<base::Result<void>(MasterRecord&&)>;

// Looks at each line before it is taken apart: for files of millions of plain lines.
class LineTaker {
 public:
  virtual ~LineTaker() = default;
  struct Taken {
    bool taken = false;               // else the line is read as any other
    std::optional<std::uint32_t> ttl; // that it stated
  };
  // One line without its end, which begins an entry. What is taken begins with an owner name and is whole.
  virtual Taken take(std::string_view line, const LineContext& context) = 0;
};

base::Result<void> readZoneRecords(const std::string& path, const Name& origin, const ZoneFileOptions& options,
                                   const RecordSink& sink, LineTaker* taker = nullptr);

} // namespace dns
