// All policies asked in their order.
#include <map>

#include "recursor/policy/policy.hh"

namespace rec {

Policies::Policies(std::vector<PolicyPtr> policies, std::uint64_t epoch, PolicyChangePtr change)
    : d_epoch(epoch), d_change(std::move(change)) {
  std::multimap<std::uint32_t, PolicyPtr> ordered; // those of equal priority stay in the order given
  for (PolicyPtr& policy : policies) {
    d_triggers = static_cast<PolicyTriggers>(d_triggers | policy->triggers());
    ordered.emplace(policy->priority(), std::move(policy));
  }
  for (auto& [priority, policy] : ordered) {
    d_policies.push_back(std::move(policy));
  }
}

template <typename Ask> PolicyVerdict Policies::first(PolicyTrigger trigger, const Ask& ask) const {
  PolicyVerdict none;
  for (const PolicyPtr& policy : d_policies) {
    if ((policy->triggers() & bitOf(trigger)) == 0) {
      continue;
    }
    PolicyVerdict verdict = ask(*policy);
    verdict.variable = verdict.variable || none.variable;
    verdict.shadowed.insert(verdict.shadowed.begin(), none.shadowed.begin(), none.shadowed.end());
    if (verdict.matched()) {
      return verdict;
    }
    none = std::move(verdict);
  }
  return none;
}

PolicyVerdict Policies::onClient(const PolicySubject& subject) const {
  return first(PolicyTrigger::ClientIp, [&](const Policy& policy) { return policy.onClient(subject); });
}

PolicyVerdict Policies::onName(const dns::Name& name, const PolicySubject& subject) const {
  return first(PolicyTrigger::QName, [&](const Policy& policy) { return policy.onName(name, subject); });
}

NameGlance Policies::glance(const dns::Name& name, const PolicySubject& subject, bool wantsRule) const {
  for (const PolicyPtr& policy : d_policies) {
    if ((policy->triggers() & bitOf(PolicyTrigger::QName)) == 0) {
      continue;
    }
    NameGlance glance = policy->glance(name, subject, wantsRule);
    if (glance.kind != NameGlance::Kind::Nothing) {
      return glance;
    }
  }
  return {.kind = NameGlance::Kind::Nothing};
}

void Policies::prefetch(NameBatch& batch) const {
  for (const PolicyPtr& policy : d_policies) {
    if ((policy->triggers() & bitOf(PolicyTrigger::QName)) != 0) {
      policy->prefetch(batch);
    }
  }
}

PolicyVerdict Policies::onServerName(const dns::Name& server, const PolicySubject& subject) const {
  return first(PolicyTrigger::NsDName, [&](const Policy& policy) { return policy.onServerName(server, subject); });
}

PolicyVerdict Policies::onServerAddress(const base::Address& server, const PolicySubject& subject) const {
  return first(PolicyTrigger::NsIp, [&](const Policy& policy) { return policy.onServerAddress(server, subject); });
}

PolicyVerdict Policies::onAnswer(const base::Address& address, const PolicySubject& subject) const {
  return first(PolicyTrigger::ResponseIp, [&](const Policy& policy) { return policy.onAnswer(address, subject); });
}

} // namespace rec
