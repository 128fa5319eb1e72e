// The state of followed trust anchors (RFC 5011) as text that people can read, and back. Pure; the file itself is
// statefile.hh's. A checksum at the end tells a text that is whole from any part of it.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "lib/base/result.hh"
#include "lib/dnssec/anchors.hh"

namespace rec {

using TrustPoints = std::map<dns::Name, dnssec::TrustPoint>;

[[nodiscard]] std::string anchorStateText(const TrustPoints& points);
// The error says which line is wrong.
[[nodiscard]] base::Result<TrustPoints> parseAnchorState(std::string_view text);

} // namespace rec
