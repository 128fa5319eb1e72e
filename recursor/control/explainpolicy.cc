// The policy lines of explain.
#include "recursor/control/explainpolicy.hh"

#include "recursor/control/json.hh"
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

bool decides(const PolicyVerdict& verdict) { return verdict.matched() && verdict.action != PolicyAction::NoAction; }

// What is decided about the answer, if anything still can be.
std::optional<PolicyVerdict> onAnswer(const Policies& policies, PolicySubject subject, const PolicyVerdict& before,
                                      const std::vector<AgedRRset>& answer) {
  if (decides(before)) {
    return std::nullopt;
  }
  subject.before = before.openBefore();
  PolicyVerdict verdict = judgeAnswer(policies, answer, subject);
  return verdict.matched() ? std::optional(std::move(verdict)) : std::nullopt;
}

std::string verdictJson(const PolicyVerdict& verdict, std::string_view stage) {
  std::vector<std::string> records, shadows;
  for (const dns::RRset& set : verdict.custom) {
    records.push_back(jsonString(set.text()));
  }
  for (const PolicySourcePtr& source : verdict.shadowed) {
    shadows.push_back(jsonString(source->name));
  }
  return jsonObject({{"stage", jsonString(stage)},
                     {"action", jsonString(text(verdict.action))},
                     {"policy", verdict.source ? jsonString(verdict.source->name) : "null"},
                     {"rule", jsonString(verdict.trigger)},
                     {"type", jsonString(text(verdict.type))},
                     {"hit", jsonString(verdict.hit)},
                     {"variable", jsonBool(verdict.variable)},
                     {"records", jsonArray(records)},
                     {"shadowed", jsonArray(shadows)}});
}

} // namespace

bool decidesQuestion(const PoliciesPtr& policies, const dns::Question& question, const base::Address& client,
                     base::WallTime now) {
  return policies && decides(judgeQuestion(*policies, {.client = client, .question = question, .now = now}));
}

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
  const PolicySubject subject{.client = client, .question = question, .now = now};
  const auto verdict = onAnswer(*policies, subject, judgeQuestion(*policies, subject), answer);
  return verdict ? verdictText(*verdict) + notesText(*verdict) : "";
}

std::string policyJson(const PoliciesPtr& policies, const dns::Question& question, const base::Address& client,
                       base::WallTime now, const std::vector<AgedRRset>& answer) {
  if (!policies) {
    return "[]";
  }
  const PolicySubject subject{.client = client, .question = question, .now = now};
  const PolicyVerdict first = judgeQuestion(*policies, subject);
  std::vector<std::string> all;
  if (first.matched() || !first.shadowed.empty()) {
    all.push_back(verdictJson(first, "question"));
  }
  if (const auto second = onAnswer(*policies, subject, first, answer)) {
    all.push_back(verdictJson(*second, "answer"));
  }
  return jsonArray(all);
}

} // namespace rec
