// All that explain tells of a question: limits, scripts, policies, rebinding, and the explanation of how it resolves.
// For `rec_control explain` and the dashboard. Nothing of it is counted.
#pragma once

#include <string>

#include "recursor/control/explainlimits.hh"
#include "recursor/control/target.hh"
#include "recursor/resolve/explanation.hh"

namespace rec {

struct ExplainWanted {
  dns::Question question;
  base::Address client;              // whom policies and limits are to judge
  std::optional<base::Netmask> from; // whose network servers are told; nothing: nobody's
  bool isFresh = false, withTrace = false;
};

class ExplainedWhole {
 public:
  // The error says why nothing could be found out.
  static base::Result<ExplainedWhole> of(ControlTarget& target, ExplainWanted wanted);

  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::string json() const; // one object

 private:
  explicit ExplainedWhole(ExplainWanted wanted) : d_wanted(std::move(wanted)) {}

  ExplainWanted d_wanted;
  base::WallTime d_now{};
  ExplainedLimits d_limits;
  PoliciesPtr d_policies;
  std::vector<std::pair<std::string, std::uint32_t>> d_hooks;
  std::shared_ptr<const Explanation> d_explanation;
  std::optional<ExplainedRebinding> d_rebinding;
};

} // namespace rec
