// /metrics: all metrics in the text format of Prometheus (0.0.4), under the names that PowerDNS gives them:
// pdns_recursor_, and underscores for dashes. What there are several of has labels; times are histograms.
#pragma once

#include <string>

#include "recursor/web/routes.hh"

namespace rec {

HttpResponse showMetrics(const WebCall& call);

// `values` as get-all has them. Without what is read from elsewhere: upstreams, block lists, response policy zones.
[[nodiscard]] std::string prometheusText(const Statistics::Values& values);
[[nodiscard]] std::string prometheusUpstreams(const std::vector<UpstreamPtr>& upstreams);
[[nodiscard]] std::string prometheusPolicies(ControlTarget& target); // and mapped addresses

} // namespace rec
