// What a verdict makes of a question: an answer of its own, a name to go on with, or silence. Pure; the pipeline's
// policy stages call it and do what it says.
#pragma once

#include "recursor/policy/verdict.hh"
#include "recursor/resolve/resolver.hh"
#include "recursor/stats/metrics.hh"

namespace rec {

struct PolicyEffect {
  enum class Kind : std::uint8_t {
    GoOn,     // as if there were no policy
    Answer,   // `outcome`
    Truncate, // `outcome`, with TC and nothing in it
    Follow,   // `outcome` has the CNAME to begin with; what `target` resolves to comes behind it
    Drop
  };
  Kind kind = Kind::GoOn;
  Outcome outcome;
  dns::Name target;
};

[[nodiscard]] PolicyEffect applyVerdict(const PolicyVerdict& verdict, const dns::Question& question, bool tcp);
// Which one counts what is done so.
[[nodiscard]] Metric metricOf(PolicyAction action);

} // namespace rec
