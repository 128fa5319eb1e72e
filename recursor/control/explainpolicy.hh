// What the policies would decide about a question, as text: for `rec_control explain` and `blocklist test`. Counts
// nothing, resolves nothing.
#pragma once

#include <string>

#include "recursor/policy/policy.hh"
#include "recursor/resolve/resolver.hh"

namespace rec {

// Whether they answer the question themselves, before it is resolved. `policies` may be null.
[[nodiscard]] bool decidesQuestion(const PoliciesPtr& policies, const dns::Question& question,
                                   const base::Address& client, base::WallTime now);

// Before resolving: by client and name. `policies` may be null.
[[nodiscard]] std::string questionPolicyText(const PoliciesPtr& policies, const dns::Question& question,
                                             const base::Address& client, base::WallTime now);
// Afterwards: by alias targets and addresses; empty when nothing is decided.
[[nodiscard]] std::string answerPolicyText(const PoliciesPtr& policies, const dns::Question& question,
                                           const base::Address& client, base::WallTime now,
                                           const std::vector<AgedRRset>& answer);

// Both as an array of objects; empty when nothing is decided.
[[nodiscard]] std::string policyJson(const PoliciesPtr& policies, const dns::Question& question,
                                     const base::Address& client, base::WallTime now,
                                     const std::vector<AgedRRset>& answer);

} // namespace rec
