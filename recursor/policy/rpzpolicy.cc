// Rules to verdicts: see rpzpolicy.hh. The order of triggers and of zones is the callers'.
#include "recursor/policy/rpzpolicy.hh"

#include <algorithm>

#include "lib/dns/rdata.hh"

namespace rec {
namespace {

constexpr std::array kTriggers{PolicyTrigger::ClientIp, PolicyTrigger::QName, PolicyTrigger::NsDName,
                               PolicyTrigger::NsIp, PolicyTrigger::ResponseIp};

PolicyAction actionOf(RpzPolicyKind kind) {
  switch (kind) {
  case RpzPolicyKind::NoAction: return PolicyAction::NoAction;
  case RpzPolicyKind::Drop: return PolicyAction::Drop;
  case RpzPolicyKind::NXDomain: return PolicyAction::NXDomain;
  case RpzPolicyKind::NoData: return PolicyAction::NoData;
  case RpzPolicyKind::Truncate: return PolicyAction::Truncate;
  case RpzPolicyKind::Custom: break;
  }
  return PolicyAction::Custom;
}

// "*.walled.garden": the name asked, in front of the garden. Nothing when that is too long.
std::optional<dns::Name> targetFor(const dns::Name& target, const dns::Name& asked) {
  if (!target.isWildcard()) return target;
  return asked.withSuffixReplaced(dns::Name(), target.parent());
}

// The records of a rule, by type.
std::vector<dns::RRset> recordsOf(Octets records, std::uint32_t ttl, const dns::Name& asked) {
  std::vector<dns::RRsetBuilder> sets;
  const auto at = [records](std::size_t i) { return std::to_integer<unsigned>(records[i]); };
  for (std::size_t from = 0; from < records.size();) {
    const auto type = static_cast<dns::RRType>(at(from) << 8 | at(from + 1));
    const Octets rdata = records.subspan(from + 4, at(from + 2) << 8 | at(from + 3));
    from += 4 + rdata.size();
    auto set = std::ranges::find(sets, type, &dns::RRsetBuilder::type);
    if (set == sets.end()) set = sets.emplace(sets.end(), asked, type, dns::RRClass::IN, ttl);
    const auto target = type == dns::RRType::CNAME ? dns::readNameRdata(rdata) : std::nullopt;
    if (!target || !target->isWildcard()) {
      set->add(rdata);
    } else if (const auto whole = targetFor(*target, asked)) {
      set->add(whole->wire());
    }
  }
  std::vector<dns::RRset> built;
  for (const auto& set : sets) {
    if (set.count() > 0) built.push_back(set.build());
  }
  return built;
}

} // namespace

RpzPolicy::RpzPolicy(RpzRulesPtr rules, PolicySourcePtr source, const RpzConfig& config)
    : d_rules(std::move(rules)), d_source(std::move(source)), d_defaultTarget(config.defcontent),
      d_defaultTtl(config.defttl), d_overrideLocalData(config.defpolOverrideLocalData), d_maxTtl(config.maxTtl) {
  if (config.defpol) d_defaultAction = actionOf(*config.defpol);
  for (const PolicyTrigger trigger : kTriggers) {
    if (d_rules->rules(trigger) > 0) d_triggers |= bitOf(trigger);
  }
}

// PowerDNS: rules whose action is a CNAME always, others only with defpolOverrideLocalData.
bool RpzPolicy::isOverridden(const RpzSide& side) const {
  if (!d_defaultAction) return false;
  const bool isAlias =
      side.action != PolicyAction::Custom ||
      (side.records[0] == std::byte{0} && side.records[1] == static_cast<std::byte>(dns::RRType::CNAME));
  return isAlias || d_overrideLocalData;
}

std::uint32_t RpzPolicy::ttlOf(const RpzSide& side, bool overridden) const {
  return std::min(d_maxTtl, overridden ? d_defaultTtl.value_or(side.ttl) : side.ttl);
}

PolicyVerdict RpzPolicy::verdict(PolicyTrigger trigger, const RpzFound& found, std::string hit,
                                 const PolicySubject& subject) const {
  PolicyVerdict verdict;
  const bool overridden = isOverridden(found.side);
  verdict.action = overridden ? *d_defaultAction : found.side.action;
  verdict.type = trigger;
  verdict.source = d_source;
  verdict.trigger = RpzKey::ownerText(found.key, found.wildcard);
  verdict.hit = std::move(hit);
  verdict.ttl = ttlOf(found.side, overridden);
  verdict.variable = trigger == PolicyTrigger::ClientIp;
  if (verdict.action != PolicyAction::Custom) return verdict;
  const dns::Name& asked = subject.question.name;
  if (!overridden) {
    verdict.custom = recordsOf(found.side.records, verdict.ttl, asked);
  } else if (const auto target = targetFor(*d_defaultTarget, asked)) {
    verdict.custom.push_back(dns::makeNameRRset(asked, dns::RRType::CNAME, verdict.ttl, *target));
  }
  return verdict;
}

PolicyVerdict RpzPolicy::nameVerdict(PolicyTrigger trigger, const dns::Name& name, const PolicySubject& subject) const {
  if (!subject.admits(*d_source)) return {};
  const auto found = d_rules->find(trigger, name);
  return found ? verdict(trigger, *found, name.text(), subject) : PolicyVerdict();
}

PolicyVerdict RpzPolicy::addressVerdict(PolicyTrigger trigger, const base::Address& address,
                                        const PolicySubject& subject) const {
  if (!subject.admits(*d_source)) return {};
  const auto found = d_rules->find(trigger, address);
  return found ? verdict(trigger, *found, address.text(), subject) : PolicyVerdict();
}

PolicyVerdict RpzPolicy::onClient(const PolicySubject& subject) const {
  return addressVerdict(PolicyTrigger::ClientIp, subject.client, subject);
}

PolicyVerdict RpzPolicy::onName(const dns::Name& name, const PolicySubject& subject) const {
  return nameVerdict(PolicyTrigger::QName, name, subject);
}

NameGlance RpzPolicy::glance(const dns::Name& name, const PolicySubject& subject, bool wantsRule) const {
  const auto found = subject.admits(*d_source) ? d_rules->find(PolicyTrigger::QName, name) : std::nullopt;
  if (!found) {
    return {.kind = NameGlance::Kind::Nothing};
  }
  const bool overridden = isOverridden(found->side);
  const PolicyAction action = overridden ? *d_defaultAction : found->side.action;
  if (!isDenial(action) || d_source->soa) {
    return {};
  }
  return {NameGlance::Kind::Denied,
          action,
          d_source.get(),
          ttlOf(found->side, overridden),
          false,
          wantsRule || d_source->ruleHits ? RpzKey::ownerText(found->key, found->wildcard) : std::string()};
}

PolicyVerdict RpzPolicy::onServerName(const dns::Name& server, const PolicySubject& subject) const {
  return nameVerdict(PolicyTrigger::NsDName, server, subject);
}

PolicyVerdict RpzPolicy::onServerAddress(const base::Address& server, const PolicySubject& subject) const {
  return addressVerdict(PolicyTrigger::NsIp, server, subject);
}

PolicyVerdict RpzPolicy::onAnswer(const base::Address& address, const PolicySubject& subject) const {
  return addressVerdict(PolicyTrigger::ResponseIp, address, subject);
}

PolicySourcePtr rpzSource(const RpzConfig& config, const RpzRules& rules, std::uint32_t priority,
                          std::shared_ptr<PolicyHits> hits, std::shared_ptr<RuleHits> ruleHits) {
  auto source = std::make_shared<PolicySource>();
  source->name = config.name;
  source->tags = config.tags;
  source->priority = priority;
  source->overridesGettag = config.overridesGettag;
  source->hits = std::move(hits);
  source->ruleHits = std::move(ruleHits);
  if (config.extendedErrorCode) {
    source->error = dns::ExtendedError{static_cast<dns::EdeCode>(*config.extendedErrorCode), config.extendedErrorExtra};
  }
  if (config.includeSoa && rules.soa()) source->soa = rules.soa();
  return source;
}

} // namespace rec
