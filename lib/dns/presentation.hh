// Presentation format of records, through ldns (the only file that includes it, with zonefile.cc).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.hh"
#include "lib/dns/rrset.hh"

namespace dns {

// Rdata text to wire: parseRdata(RRType::MX, "10 mail.example."). Also RFC 3597 "\# 4 01020304".
base::Result<std::vector<std::byte>> parseRdata(RRType type, std::string_view text);
// One line of a master file: "name ttl class type rdata".
base::Result<RRset> parseRecord(std::string_view line, const Name& origin, std::uint32_t defaultTtl);
[[nodiscard]] std::string rdataText(RRType type, std::span<const std::byte> rdata);

} // namespace dns
