// The text of `rec_control explain`: headline, answer, chain of trust (explainchain.cc), advice (explainadvice.cc),
// walk.
#include "recursor/control/explaintext.hh"

#include <algorithm>

#include "recursor/control/explainadvice.hh"
#include "recursor/control/explainchain.hh"
#include "recursor/control/textrows.hh"

namespace rec {
namespace {

std::string securityText(const Explanation& explanation) {
  const Security security = explanation.outcome.security;
  if (!explanation.isValidated) {
    return "not validated (dnssec=off)";
  }
  if (security == Security::Indeterminate) {
    return "nothing to validate";
  }
  return std::string(text(security)) + (security == Security::Secure ? " (clients get AD)" : "");
}

std::string headline(const Explanation& explanation) {
  const dns::Question& question = explanation.question;
  const bool isNoData = explanation.outcome.rcode == dns::RCode::NoError && explanation.outcome.answer.empty();
  return question.name.text() + " " + dns::text(question.type) + ": " + dns::text(explanation.outcome.rcode) +
         (isNoData ? " without records" : "") + ", " + securityText(explanation) + "\n";
}

std::string sourceText(AnswerKind kind) {
  switch (kind) {
  case AnswerKind::Local: return "Answer from local data";
  case AnswerKind::RecordCache: return "Answer from the caches";
  case AnswerKind::Iterated: return "Answer from its servers";
  case AnswerKind::Forwarded: return "Answer from a forwarder";
  case AnswerKind::Stale: return "Expired answer from the caches";
  case AnswerKind::Failure:
  case AnswerKind::CachedFailure: break;
  }
  return "No answer";
}

std::string recordLines(const AgedRRset& set) {
  std::string lines = set.rrset.withTtl(set.ttl).withoutSignatures().text();
  std::ranges::replace(lines, '\t', ' ');
  return lines;
}

// For whom the answer is, when servers said so.
std::string subnetText(const Outcome& outcome) {
  return outcome.scope ? "  only for clients in " + outcome.scope->network.text() + " (EDNS Client Subnet, scope " +
                             std::to_string(outcome.scope->told) + ")\n"
                       : std::string();
}

// Data that clients do not get, unless they validate by themselves.
std::string withheldText(const Explanation& explanation) {
  std::string lines;
  for (const ExplainedLink& link : explanation.links) {
    for (const AgedRRset& set : link.found.records) {
      lines += recordLines(set);
    }
  }
  return lines.empty() ? std::string() : "  what was found, which clients get with CD only:\n" + indented(lines, 4);
}

std::string errorText(const dns::ExtendedError& error, const std::optional<Advice>& advice) {
  const bool isBelow = advice && advice->fault == error.text;
  const std::string number = "extended error " + std::to_string(static_cast<unsigned>(error.code));
  return number + (error.text.empty() ? "" : isBelow ? ", with the text below" : ": " + error.text);
}

std::string answerText(const Explanation& explanation, const std::optional<Advice>& advice) {
  const Outcome& outcome = explanation.outcome;
  std::string text = "\n" + sourceText(outcome.kind) + ", " + std::to_string(explanation.took.count()) + " ms\n";
  for (const AgedRRset& set : outcome.answer) {
    text += indented(recordLines(set), 2);
  }
  text += subnetText(outcome);
  if (outcome.rcode == dns::RCode::ServFail) {
    text += withheldText(explanation);
  }
  for (const dns::ExtendedError& error : outcome.errors) {
    text += "  " + wrapped(errorText(error, advice), 4);
  }
  return text;
}

std::string adviceText(const Advice& advice) {
  constexpr std::size_t kIndent = 12;
  std::string text = (advice.isFailure ? "\nFault       " : "\nNote        ") + wrapped(advice.fault, kIndent);
  text += advice.todo.empty() ? "" : "What to do  " + wrapped(advice.todo, kIndent);
  text += advice.meanwhile.empty() ? "" : "Meanwhile   " + wrapped(advice.meanwhile, kIndent);
  return text;
}

} // namespace

std::string explanationText(const Explanation& explanation, bool withTrace) {
  const auto advice = adviceFor(explanation);
  std::string text = headline(explanation) + answerText(explanation, advice);
  text += explanation.isValidated ? chainText(explanation) : "";
  text += advice ? adviceText(*advice) : "";
  if (!withTrace || !explanation.trace) {
    return text;
  }
  text += "\nWalk\n";
  for (const std::string& line : explanation.trace->describe()) {
    text += line + "\n";
  }
  return text;
}

} // namespace rec
