// What limits and the protection against DNS rebinding would make of a question, for `rec_control explain` and the
// dashboard. Looks without counting anything.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "recursor/control/target.hh"
#include "recursor/limits/rebindguard.hh"

namespace rec {

// The limits that are reached at this moment: they concern what has to be resolved, no answer from a cache.
struct ExplainedLimits {
  struct Limit {
    std::string_view setting;
    std::string_view transport;    // "UDP", "TCP"; empty: any
    std::optional<dns::Name> zone; // fetches-per-zone: whose servers are busy
    bool inForce = true;           // false: it is only counted (rate-limiting=log-only)
  };
  std::vector<Limit> reached;
};
[[nodiscard]] ExplainedLimits limitsNow(ControlTarget& target, const base::Address& client, const dns::Name& name);

struct ExplainedRebinding {
  RebindGuard::Action action;
  RebindGuard::Finding finding;
};
// What is found in an answer that neither a policy nor a script has made.
[[nodiscard]] std::optional<ExplainedRebinding> rebindingIn(ControlTarget& target,
                                                            const std::vector<AgedRRset>& answer);

// A line for each; empty when there is nothing to tell.
[[nodiscard]] std::string limitsText(const ExplainedLimits& limits);
[[nodiscard]] std::string rebindingText(const std::optional<ExplainedRebinding>& rebinding);
// An array of objects; an object or null.
[[nodiscard]] std::string limitsJson(const ExplainedLimits& limits);
[[nodiscard]] std::string rebindingJson(const std::optional<ExplainedRebinding>& rebinding);

} // namespace rec
