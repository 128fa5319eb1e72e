// Putting the parts of explain together, in the order in which they have their say.
#include "recursor/control/explainwhole.hh"

#include "recursor/control/explainhooks.hh"
#include "recursor/control/explainjson.hh"
#include "recursor/control/explainpolicy.hh"
#include "recursor/control/explaintext.hh"

namespace rec {

// Limits first: while the question resolves they may be reached no more.
base::Result<ExplainedWhole> ExplainedWhole::of(ControlTarget& target, ExplainWanted wanted) {
  ExplainedWhole whole(std::move(wanted));
  const ExplainWanted& asked = whole.d_wanted;
  whole.d_limits = limitsNow(target, asked.client, asked.question.name);
  const auto explanation = target.explain(asked.question, asked.isFresh, asked.from);
  if (!explanation) return explanation.error();
  whole.d_explanation = *explanation;
  whole.d_policies = target.policies();
  whole.d_now = target.now();
  whole.d_hooks = target.scriptHooks();
  const bool isMade = decidesQuestion(whole.d_policies, asked.question, asked.client, whole.d_now);
  if (!isMade) whole.d_rebinding = rebindingIn(target, whole.d_explanation->outcome.answer);
  return whole;
}

std::string ExplainedWhole::text() const {
  const Outcome& outcome = d_explanation->outcome;
  std::string before = limitsText(d_limits) + hooksText(d_hooks, outcome);
  if (d_policies) {
    before += questionPolicyText(d_policies, d_wanted.question, d_wanted.client, d_now) +
              answerPolicyText(d_policies, d_wanted.question, d_wanted.client, d_now, outcome.answer);
  }
  before += rebindingText(d_rebinding);
  return before + (before.empty() ? "" : "\n") + explanationText(*d_explanation, d_wanted.withTrace);
}

std::string ExplainedWhole::json() const {
  const Outcome& outcome = d_explanation->outcome;
  return explanationJson(*d_explanation, d_wanted.withTrace,
                         {{"limits", limitsJson(d_limits)},
                          {"policy", policyJson(d_policies, d_wanted.question, d_wanted.client, d_now, outcome.answer)},
                          {"hooks", hooksJson(d_hooks, outcome)},
                          {"rebinding", rebindingJson(d_rebinding)}});
}

} // namespace rec
