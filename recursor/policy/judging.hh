// Judging a question or an answer by all policies, in PowerDNS's order. Pure; called by the pipeline's policy stages
// and by `rec_control explain`.
#pragma once

#include <vector>

#include "recursor/policy/policy.hh"
#include "recursor/resolve/resolver.hh"

namespace rec {

// By client and name. A verdict on the name overrides one on the client only when its source goes before.
[[nodiscard]] PolicyVerdict judgeQuestion(const Policies& policies, PolicySubject subject);
// By alias targets in the order of the chain, then by addresses.
[[nodiscard]] PolicyVerdict judgeAnswer(const Policies& policies, const std::vector<AgedRRset>& answer,
                                        const PolicySubject& subject);

} // namespace rec
