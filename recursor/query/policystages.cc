// The policy stages of the pipeline: the client and the name asked are judged before resolving, alias targets and
// addresses on what came out. What a verdict means is in policy/applying; here it is counted and done.
#include "lib/dns/rdata.hh"
#include "recursor/policy/applying.hh"
#include "recursor/policy/rulehits.hh"
#include "recursor/query/pipeline.hh"

namespace rec {
namespace {

Metric metricOf(PolicyAction action) {
  switch (action) {
  case PolicyAction::None:
  case PolicyAction::NoAction: return Metric::PolicyResultNoaction;
  case PolicyAction::Drop: return Metric::PolicyResultDrop;
  case PolicyAction::NXDomain: return Metric::PolicyResultNxdomain;
  case PolicyAction::NoData: return Metric::PolicyResultNodata;
  case PolicyAction::Truncate: return Metric::PolicyResultTruncate;
  case PolicyAction::Custom: return Metric::PolicyResultCustom;
  case PolicyAction::Refused: break;
  }
  return Metric::PolicyResultRefused;
}

base::Address addressOf(const dns::RRset& set, std::span<const std::byte> rdata) {
  if (set.type() == dns::RRType::A && rdata.size() == 4) {
    return base::Address::v4(rdata.first<4>(), 0);
  }
  return set.type() == dns::RRType::AAAA && rdata.size() == 16 ? base::Address::v6(rdata.first<16>(), 0)
                                                               : base::Address();
}

// Of what an earlier verdict has left open: sources that go before its own.
std::uint32_t openBefore(const Query& query) {
  if (!query.policy) {
    return std::numeric_limits<std::uint32_t>::max();
  }
  return query.policy->source ? query.policy->source->priority : 0;
}

} // namespace

void Pipeline::setPolicies(PoliciesPtr policies) { d_policies = std::move(policies); }

PolicySubject Pipeline::subjectOf(const Query& query) const {
  return {.client = query.client.source,
          .question = query.question,
          .tcp = query.client.tcp,
          .now = d_parts.loop.wall(),
          .tags = &query.policyTags,
          .discardedPolicies = &query.discardedPolicies,
          .before = openBefore(query)};
}

Pipeline::Step Pipeline::judgeQuestion(Query& query) {
  if (!d_policies || query.question.rrclass != dns::RRClass::IN || !query.wantsPolicy) {
    return Step::Next;
  }
  query.policyEpoch = d_policies->epoch();
  PolicySubject subject = subjectOf(query);
  PolicyVerdict ofClient = d_policies->onClient(subject);
  if (ofClient.matched()) {
    subject.before = ofClient.source ? ofClient.source->priority : 0;
  }
  if (d_lua != nullptr) {
    if (const Step step = preResolveKnowing(query, ofClient); step != Step::Next) return step;
  }
  PolicyVerdict ofName = d_policies->onName(query.question.name, subject);
  noteUnapplied(query, ofName.matched() ? ofClient : ofName);
  return decide(query, ofName.matched() ? std::move(ofName) : std::move(ofClient));
}

// What a verdict tells besides its action.
void Pipeline::noteUnapplied(Query& query, const PolicyVerdict& verdict) {
  query.variable = query.variable || verdict.variable;
  for (const PolicySourcePtr& source : verdict.shadowed) {
    source->hits->shadowed.fetch_add(1, std::memory_order_relaxed);
    d_counters.add(Metric::PolicyShadowHits);
  }
}

Pipeline::Step Pipeline::decide(Query& query, PolicyVerdict verdict) {
  noteUnapplied(query, verdict);
  if (!verdict.matched() || (d_lua != nullptr && isIgnored(query, verdict))) {
    return Step::Next;
  }
  d_counters.add(metricOf(verdict.action));
  if (verdict.source) {
    verdict.source->hits->applied.fetch_add(1, std::memory_order_relaxed);
    if (verdict.source->ruleHits) {
      verdict.source->ruleHits->note(verdict.trigger);
    }
    query.policyTags.insert(verdict.source->tags.begin(), verdict.source->tags.end());
  }
  query.policy = std::make_shared<const PolicyVerdict>(std::move(verdict));
  return carryOut(query);
}

Pipeline::Step Pipeline::carryOut(Query& query) {
  PolicyEffect effect = applyVerdict(*query.policy, query.question, query.client.tcp);
  switch (effect.kind) {
  case PolicyEffect::Kind::GoOn: return Step::Next;
  case PolicyEffect::Kind::Drop: d_counters.add(Metric::PolicyDrops); return Step::Drop;
  case PolicyEffect::Kind::Follow:
    query.followed = FollowedAlias{std::move(effect.outcome), {effect.target, query.question.type}};
    return Step::Follow;
  case PolicyEffect::Kind::Truncate: query.truncate = true; break;
  case PolicyEffect::Kind::Answer: break;
  }
  query.outcome = std::move(effect.outcome);
  return Step::Answer;
}

bool Pipeline::isDecided(const Query& query) {
  return query.followed || (query.policy && query.policy->action != PolicyAction::NoAction);
}

// Alias targets in the order of the chain, then addresses.
PolicyVerdict Pipeline::verdictOnAnswer(const Query& query) const {
  const PolicySubject subject = subjectOf(query);
  PolicyVerdict verdict;
  const auto take = [&verdict](PolicyVerdict next) {
    next.variable = next.variable || verdict.variable;
    next.shadowed.insert(next.shadowed.begin(), verdict.shadowed.begin(), verdict.shadowed.end());
    verdict = std::move(next);
    return verdict.matched();
  };
  for (const AgedRRset& set : query.outcome.answer) {
    const bool isAlias = set.rrset.type() == dns::RRType::CNAME && query.question.type != dns::RRType::CNAME;
    const auto target = isAlias ? dns::readNameRdata(set.rrset.front()) : std::nullopt;
    if (target && take(d_policies->onName(*target, subject))) {
      return verdict;
    }
  }
  if (!d_policies->has(PolicyTrigger::ResponseIp)) {
    return verdict;
  }
  for (const AgedRRset& set : query.outcome.answer) {
    for (const auto rdata : set.rrset.rdatas()) {
      const base::Address address = addressOf(set.rrset, rdata);
      if (address.valid() && take(d_policies->onAnswer(address, subject))) {
        return verdict;
      }
    }
  }
  return verdict;
}

Pipeline::Step Pipeline::judgeAnswer(Query& query) {
  if (!d_policies || query.outcome.answer.empty() || isDecided(query) || query.question.rrclass != dns::RRClass::IN ||
      !query.wantsPolicy) {
    return Step::Next;
  }
  const Step step = decide(query, verdictOnAnswer(query));
  return step == Step::Answer ? Step::Next : step;
}

// Nobody asked: what a policy has a say in is left to the next question of a client.
bool Pipeline::isJudged(Query& query) {
  if (!d_policies) {
    return false;
  }
  query.policyEpoch = d_policies->epoch();
  const PolicyVerdict ofName = d_policies->onName(query.question.name, subjectOf(query));
  if (ofName.matched() || ofName.variable) {
    return true;
  }
  const PolicyVerdict ofAnswer = verdictOnAnswer(query);
  return ofAnswer.matched() || ofAnswer.variable;
}

} // namespace rec
