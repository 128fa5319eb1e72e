// The name of a DNS error report (RFC 9567 6.1.1). Pure. Called when a resolution failed and a server of the zone had
// named an agent to be told.
#pragma once

#include <optional>

#include "lib/dns/edns.hh"
#include "lib/dns/types.hh"

namespace rec {

// "_er.1.broken.test.7._er.agent.example.", to be asked for with type TXT. Nothing when no report may be made: the
// agent is the root, the name would be too long, or the failure is of a report or of the agent's own domain, which
// would go round in circles.
[[nodiscard]] std::optional<dns::Name> errorReportName(const dns::Name& qname, dns::RRType qtype, dns::EdeCode code,
                                                       const dns::Name& agent);

} // namespace rec
