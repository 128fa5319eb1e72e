// The policy stages of the pipeline: the client and the name asked are judged before resolving, alias targets and
// addresses on what came out. What a verdict means is in policy/applying; here it is counted and done.
#include "recursor/policy/applying.hh"
#include "recursor/policy/judging.hh"
#include "recursor/policy/luaquestion.hh"
#include "recursor/policy/rulehits.hh"
#include "recursor/policy/serverpolicy.hh"
#include "recursor/query/pipeline.hh"

namespace rec {

void Pipeline::setPolicies(PoliciesPtr policies) { d_policies = std::move(policies); }

PolicySubject Pipeline::subjectOf(const Query& query) const {
  return {.client = query.client.source,
          .question = query.question,
          .tcp = query.client.tcp,
          .now = d_parts.loop.wall(),
          .tags = &query.policyTags,
          .discardedPolicies = &query.discardedPolicies,
          .before = query.policy ? query.policy->openBefore() : std::numeric_limits<std::uint32_t>::max()};
}

// What gettag_ffi has answered already stands unless a policy overrides it; preResolve() carries it out.
Pipeline::Step Pipeline::judgeQuestion(Query& query) {
  keepApart(query);
  if (!d_policies || query.question.rrclass != dns::RRClass::IN) {
    return Step::Next;
  }
  query.policyEpoch = d_policies->epoch();
  if (query.isUnlisted || !query.wantsPolicy) {
    return Step::Next;
  }
  PolicySubject subject = subjectOf(query);
  PolicyVerdict ofClient = d_policies->onClient(subject);
  if (ofClient.matched()) {
    subject.before = ofClient.openBefore();
  }
  if (d_lua != nullptr && !(query.lua && query.lua->answered)) {
    if (const Step step = preResolveKnowing(query, ofClient); step != Step::Next) return step;
    keepApart(query);
  }
  PolicyVerdict ofName = d_policies->onName(query.question.name, subject);
  if (stands(query, ofName)) {
    noteUnapplied(query, ofClient);
    return apply(query, std::move(ofName));
  }
  return decide(query, std::move(ofClient));
}

// What a verdict tells besides its action.
void Pipeline::noteUnapplied(Query& query, const PolicyVerdict& verdict) {
  query.variable = query.variable || verdict.variable;
  for (const PolicySourcePtr& source : verdict.shadowed) {
    source->hits->shadowed.fetch_add(1, std::memory_order_relaxed);
    d_counters.add(Metric::PolicyShadowHits);
  }
}

// Whether it is to be applied; scripts may change it.
bool Pipeline::stands(Query& query, PolicyVerdict& verdict) {
  noteUnapplied(query, verdict);
  if (!verdict.matched()) {
    return false;
  }
  const bool yields = query.lua && query.lua->answered && verdict.source && !verdict.source->overridesGettag;
  return !yields && (d_lua == nullptr || !isIgnored(query, verdict));
}

Pipeline::Step Pipeline::decide(Query& query, PolicyVerdict verdict) {
  return stands(query, verdict) ? apply(query, std::move(verdict)) : Step::Next;
}

Pipeline::Step Pipeline::apply(Query& query, PolicyVerdict verdict) {
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
  effect.outcome.narrow(query.outcome.scope); // what was judged was for these clients
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

// Not for what nobody asked, or what a policy's own alias leads to.
void Pipeline::haveServersJudged(const Query& query, Request& request) const {
  const bool wanted = d_policies && query.wantsPolicy && !query.anyServer && query.errand == Errand::Answer &&
                      !isDecided(query) &&
                      (d_policies->has(PolicyTrigger::NsDName) || d_policies->has(PolicyTrigger::NsIp));
  if (wanted) {
    const auto judge = std::make_shared<const ServerPolicy>(d_policies, subjectOf(query));
    request.judgement = judge->fingerprint();
    request.judge = judge;
  }
}

// Aliases that were found before the servers' zone go first. When the hit does not count (a script ignores it, or an
// alias is exempt) the question is resolved once more, by any server.
Pipeline::Step Pipeline::judgeServers(Query& query) {
  const ServerVerdictPtr servers = std::move(query.outcome.servers);
  if (!servers || !d_policies || isDecided(query)) {
    return Step::Next;
  }
  const auto& found = static_cast<const PolicyServerVerdict&>(*servers);
  PolicyVerdict verdict =
      found.refuses ? rec::judgeAnswer(*d_policies, query.outcome.answer, subjectOf(query)) : PolicyVerdict();
  if (!verdict.matched()) {
    verdict = found.verdict;
  }
  const Step step = decide(query, std::move(verdict));
  if (step == Step::Next && found.refuses && !isDecided(query)) {
    query.anyServer = true;
    return Step::Follow;
  }
  return step == Step::Answer ? Step::Next : step;
}

Pipeline::Step Pipeline::judgeAnswer(Query& query) {
  keepApart(query);
  if (!d_policies || query.outcome.answer.empty() || isDecided(query) || query.question.rrclass != dns::RRClass::IN ||
      !query.wantsPolicy) {
    return Step::Next;
  }
  const Step step = decide(query, rec::judgeAnswer(*d_policies, query.outcome.answer, subjectOf(query)));
  return step == Step::Answer ? Step::Next : step;
}

// Nobody asked: what a policy has a say in is left to the next question of a client.
bool Pipeline::isJudged(Query& query) {
  if (!d_policies) {
    return false;
  }
  query.policyEpoch = d_policies->epoch();
  const auto saysSomething = [](const PolicyVerdict& verdict) { return verdict.matched() || verdict.variable; };
  const PolicySubject subject = subjectOf(query);
  return saysSomething(d_policies->onName(query.question.name, subject)) ||
         saysSomething(rec::judgeAnswer(*d_policies, query.outcome.answer, subject));
}

} // namespace rec
