// Telling a zone which of its keys are trusted here (RFC 8145), and letting clients find out (the sentinel of RFC
// 8509). Pure. Called by the follower of trust anchors, by whoever asks an anchor's zone for its keys, and after
// validation.
#pragma once

#include <optional>
#include <vector>

#include "recursor/trust/trustanchors.hh"

namespace rec {

// The key tags of a DS set, sorted, each once.
[[nodiscard]] std::vector<std::uint16_t> keyTags(const dns::RRset& ds);
// "_ta-4a5c-9728.<zone>" (RFC 8145 5.1); nothing when the name would be too long.
[[nodiscard]] std::optional<dns::Name> keyTagName(const dns::Name& zone, const dns::RRset& ds);
// What the EDNS option edns-key-tag holds in a DNSKEY question for an anchor's zone (RFC 8145 4.1).
[[nodiscard]] std::vector<std::byte> keyTagOption(const dns::RRset& ds);

// RFC 8509 3: whether the answer to an A or AAAA question, with CD=0, that validated as secure is to be SERVFAIL,
// because its first label is root-key-sentinel-is-ta-NNNNN and the root has no such anchor, or
// root-key-sentinel-not-ta-NNNNN and it has. The caller has checked type, CD and security.
enum class SentinelVerdict : std::uint8_t { None, Pass, ServFail }; // None: not a sentinel's name
[[nodiscard]] SentinelVerdict sentinelVerdict(const dns::Name& qname, const AnchorSnapshot& anchors);

} // namespace rec
