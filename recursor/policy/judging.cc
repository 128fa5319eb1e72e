// The policies' questions one after the other.
#include "recursor/policy/judging.hh"

#include "lib/dns/rdata.hh"

namespace rec {
namespace {

// `next`, with what was noted before. True: it decides.
bool take(PolicyVerdict& verdict, PolicyVerdict next) {
  next.variable = next.variable || verdict.variable;
  next.shadowed.insert(next.shadowed.begin(), verdict.shadowed.begin(), verdict.shadowed.end());
  verdict = std::move(next);
  return verdict.matched();
}

} // namespace

PolicyVerdict judgeQuestion(const Policies& policies, PolicySubject subject) {
  PolicyVerdict ofClient = policies.onClient(subject);
  if (ofClient.matched()) {
    subject.before = ofClient.openBefore();
  }
  PolicyVerdict ofName = policies.onName(subject.question.name, subject);
  PolicyVerdict& kept = ofName.matched() ? ofName : ofClient;
  PolicyVerdict& other = ofName.matched() ? ofClient : ofName;
  kept.variable = kept.variable || other.variable;
  kept.shadowed.insert(kept.shadowed.end(), other.shadowed.begin(), other.shadowed.end());
  return std::move(kept);
}

PolicyVerdict judgeAnswer(const Policies& policies, const std::vector<AgedRRset>& answer,
                          const PolicySubject& subject) {
  PolicyVerdict verdict;
  for (const AgedRRset& set : answer) {
    const bool isAlias = set.rrset.type() == dns::RRType::CNAME && subject.question.type != dns::RRType::CNAME;
    const auto target = isAlias ? dns::readNameRdata(set.rrset.front()) : std::nullopt;
    if (target && take(verdict, policies.onName(*target, subject))) {
      return verdict;
    }
  }
  if (!policies.has(PolicyTrigger::ResponseIp)) {
    return verdict;
  }
  for (const AgedRRset& set : answer) {
    for (const auto rdata : set.rrset.rdatas()) {
      const auto address = dns::readAddress(set.rrset.type(), rdata, 0);
      if (address && take(verdict, policies.onAnswer(*address, subject))) {
        return verdict;
      }
    }
  }
  return verdict;
}

} // namespace rec
