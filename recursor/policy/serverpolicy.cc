// Verdicts on servers: see serverpolicy.hh.
#include "recursor/policy/serverpolicy.hh"

#include <algorithm>
#include <functional>

#include "lib/base/hash.hh"

namespace rec {

ServerPolicy::ServerPolicy(PoliciesPtr policies, const PolicySubject& subject)
    : d_policies(std::move(policies)), d_client(subject.client), d_question(subject.question), d_tcp(subject.tcp),
      d_now(subject.now), d_before(subject.before) {
  if (subject.tags != nullptr) d_tags = *subject.tags;
  if (subject.discardedPolicies != nullptr) d_discarded = *subject.discardedPolicies;
}

PolicySubject ServerPolicy::subject(std::uint32_t before) const {
  return {.client = d_client,
          .question = d_question,
          .tcp = d_tcp,
          .now = d_now,
          .tags = &d_tags,
          .discardedPolicies = &d_discarded,
          .before = std::min(before, d_before)};
}

// Whoever comes over TCP already is not sent there.
ServerVerdictPtr ServerPolicy::decided(PolicyVerdict verdict) const {
  if (!verdict.matched() || (verdict.action == PolicyAction::Truncate && d_tcp)) return nullptr;
  auto made = std::make_shared<PolicyServerVerdict>();
  made->refuses = verdict.action != PolicyAction::NoAction;
  made->priority = verdict.source ? verdict.source->priority : 0;
  made->verdict = std::move(verdict);
  return made;
}

ServerVerdictPtr ServerPolicy::onName(const dns::Name& server, std::uint32_t before) const {
  return decided(d_policies->onServerName(server, subject(before)));
}

ServerVerdictPtr ServerPolicy::onAddress(const base::Address& server, std::uint32_t before) const {
  return decided(d_policies->onServerAddress(server, subject(before)));
}

std::uint64_t ServerPolicy::fingerprint() const {
  const std::hash<std::string> hash;
  std::uint64_t print = base::mix(d_policies->epoch() + 1, base::hashSeeds().a) ^ d_before;
  print = base::mix(print ^ (d_tcp ? 1U : 0U), base::hashSeeds().b);
  for (const auto* names : {&d_tags, &d_discarded}) {
    for (const std::string& name : *names) print = base::mix(print ^ hash(name), base::hashSeeds().c);
    print = base::mix(print + 1, base::hashSeeds().a);
  }
  return print | 1U;
}

} // namespace rec
