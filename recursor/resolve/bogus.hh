// How a validation's result is counted: from findings to PowerDNS's metrics.
#pragma once

#include "lib/dnssec/finding.hh"
#include "recursor/cache/rank.hh"
#include "recursor/stats/metrics.hh"

namespace rec {

// `apart`: the name is one of x-dnssec-names.
[[nodiscard]] Metric resultMetric(Security security, bool waived, bool apart);
// The reason. Without a finding the keys or the DS of some zone could not be had.
[[nodiscard]] Metric bogusMetric(const dnssec::Finding& finding, bool apart);

} // namespace rec
