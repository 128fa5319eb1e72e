// What clients may learn of the trust anchors: trustanchor.server and negativetrustanchor.server, CHAOS TXT, as
// PowerDNS answers them (allow-trust-anchor-query). Pure. Called by the pipeline.
#pragma once

#include <optional>

#include "recursor/trust/trustanchors.hh"

namespace rec {

// One text for each zone: the name with the key tags, or with the reason. A null set when there is none of the kind;
// nothing when the name is another one.
[[nodiscard]] std::optional<dns::RRset> anchorAnswer(const dns::Name& name, const AnchorSnapshot& anchors,
                                                     base::WallTime now);

} // namespace rec
