// How a validation's result is counted and told: from findings to PowerDNS's metrics, and to a line for traces.
#pragma once

#include <string>
#include <vector>

#include "lib/dnssec/finding.hh"
#include "recursor/cache/rank.hh"
#include "recursor/stats/metrics.hh"

namespace rec {

// `apart`: the name is one of x-dnssec-names.
[[nodiscard]] Metric resultMetric(Security security, bool waived, bool apart);
// The reason. Without a finding the keys or the DS of some zone could not be had.
[[nodiscard]] Metric bogusMetric(const dnssec::Finding& finding, bool apart);

// "Bogus, www.example.com. A: the signature of ...", for traces. Without a finding `errors` may say which servers
// failed.
[[nodiscard]] std::string verdictText(Security security, bool waived, const dnssec::Finding& finding,
                                      const std::vector<dns::ExtendedError>& errors);

} // namespace rec
