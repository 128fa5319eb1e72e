// Presentation format of records, through ldns (presentation.cc is the only file that includes it). Rdata that ldns
// does not know or cannot print is written in the generic form of RFC 3597 5.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.hh"
#include "lib/dns/rrset.hh"

namespace dns {

// Rdata text to wire: parseRdata(RRType::MX, "10 mail.example."). Also RFC 3597 "\# 4 01020304".
// Names without a final dot are relative to `origin`.
base::Result<std::vector<std::byte>> parseRdata(RRType type, std::string_view text, const Name& origin = Name());
// One line of a master file: "name ttl class type rdata"; TTL and class may be left out.
base::Result<RRset> parseRecord(std::string_view line, const Name& origin, std::uint32_t defaultTtl);
[[nodiscard]] std::string rdataText(RRType type, std::span<const std::byte> rdata);

} // namespace dns
