// RpzPolicy: a response policy zone as the pipeline asks it: its rules and what lua-config-file says to do with them.
// Immutable.
#pragma once

#include "recursor/config/rpzconfig.hh"
#include "recursor/policy/policy.hh"
#include "recursor/policy/rpzrules.hh"

namespace rec {

class RpzPolicy final : public Policy {
 public:
  RpzPolicy(RpzRulesPtr rules, PolicySourcePtr source, const RpzConfig& config);

  [[nodiscard]] PolicyTriggers triggers() const override { return d_triggers; }
  [[nodiscard]] std::uint32_t priority() const override { return d_source->priority; }
  [[nodiscard]] PolicyVerdict onClient(const PolicySubject& subject) const override;
  [[nodiscard]] PolicyVerdict onName(const dns::Name& name, const PolicySubject& subject) const override;
  void prefetch(NameBatch& batch) const override { d_rules->prefetch(batch); }
  [[nodiscard]] NameGlance glance(const dns::Name& name, const PolicySubject& subject, bool wantsRule) const override;
  [[nodiscard]] PolicyVerdict onServerName(const dns::Name& server, const PolicySubject& subject) const override;
  [[nodiscard]] PolicyVerdict onServerAddress(const base::Address& server, const PolicySubject& subject) const override;
  [[nodiscard]] PolicyVerdict onAnswer(const base::Address& address, const PolicySubject& subject) const override;

 private:
  [[nodiscard]] PolicyVerdict nameVerdict(PolicyTrigger trigger, const dns::Name& name,
                                          const PolicySubject& subject) const;
  [[nodiscard]] PolicyVerdict addressVerdict(PolicyTrigger trigger, const base::Address& address,
                                             const PolicySubject& subject) const;
  [[nodiscard]] PolicyVerdict verdict(PolicyTrigger trigger, const RpzFound& found, std::string hit,
                                      const PolicySubject& subject) const;
  [[nodiscard]] bool isOverridden(const RpzSide& side) const;
  [[nodiscard]] std::uint32_t ttlOf(const RpzSide& side, bool overridden) const;

  RpzRulesPtr d_rules;
  PolicySourcePtr d_source;
  PolicyTriggers d_triggers = 0;
  std::optional<PolicyAction> d_defaultAction;
  std::optional<dns::Name> d_defaultTarget;
  std::optional<std::uint32_t> d_defaultTtl;
  bool d_overrideLocalData;
  std::uint32_t d_maxTtl;
};

// What its verdicts say of the zone. `priority`: its place among all; `hits` go on when it is loaded again.
[[nodiscard]] PolicySourcePtr rpzSource(const RpzConfig& config, const RpzRules& rules, std::uint32_t priority,
                                        std::shared_ptr<PolicyHits> hits, std::shared_ptr<RuleHits> ruleHits);

} // namespace rec
