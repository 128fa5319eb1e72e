// The policy lines of explain.
#include "recursor/control/explainpolicy.hh"

#include "recursor/policy/judging.hh"

namespace rec {
namespace {

std::string customText(const PolicyVerdict& verdict) {
  std::string lines;
  for (const dns::RRset& set : verdict.custom) {
    lines += "            " + set.text();
  }
  return lines;
}

std::string verdictText(const PolicyVerdict& verdict) {
  std::string lines = "Policy      " + std::string(text(verdict.action));
  if (verdict.source) {
    lines += " by '" + verdict.source->name + "'";
  }
  lines += ": rule " + verdict.trigger + " (" + std::string(text(verdict.type)) + ") matches " + verdict.hit + "\n";
  if (verdict.action == PolicyAction::Custom) {
    lines += customText(verdict);
  }
  if (verdict.source && verdict.source->error) {
    const dns::ExtendedError& error = *verdict.source->error;
    lines += "            with extended error " + std::to_string(static_cast<unsigned>(error.code)) +
             (error.text.empty() ? "" : ": " + error.text) + "\n";
  }
  return lines;
}

std::string notesText(const PolicyVerdict& verdict) {
  std::string lines;
  for (const PolicySourcePtr& source : verdict.shadowed) {
    lines += "            '" + source->name + "' would have decided, but is in shadow mode\n";
  }
  if (verdict.variable) {
    lines += "            another client, or another time, may get another verdict\n";
  }
  return lines;
}

} // namespace

std::string questionPolicyText(const PoliciesPtr& policies, const dns::Question& question, const base::Address& client,
                               base::WallTime now) {
  if (!policies) {
    return "Policy      there is none\n";
  }
  const PolicyVerdict verdict = judgeQuestion(*policies, {.client = client, .question = question, .now = now});
  return (verdict.matched() ? verdictText(verdict) : "Policy      nothing decides about this question\n") +
         notesText(verdict);
}

std::string answerPolicyText(const PoliciesPtr& policies, const dns::Question& question, const base::Address& client,
                             base::WallTime now, const std::vector<AgedRRset>& answer) {
  if (!policies) {
    return {};
  }
  PolicySubject subject{.client = client, .question = question, .now = now};
  const PolicyVerdict before = judgeQuestion(*policies, subject);
  if (before.matched() && before.action != PolicyAction::NoAction) {
    return {};
  }
  subject.before = before.openBefore();
  const PolicyVerdict verdict = judgeAnswer(*policies, answer, subject);
  return verdict.matched() ? verdictText(verdict) + notesText(verdict) : "";
}

} // namespace rec
