// The hooks of scripts as stages of the pipeline: ipfilter and gettag before anything else, prerpz, preresolve, and
// after resolving nodata, nxdomain and postresolve. What a hook is told of a question, and what becomes of its answer.
#include "lib/dns/message.hh"
#include "recursor/policy/luaengine.hh"
#include "recursor/query/pipeline.hh"

namespace rec {
namespace {

bool isNoData(const Query& query) {
  const Outcome& outcome = query.outcome;
  const auto wanted = [&](const AgedRRset& set) {
    return set.rrset.type() == query.question.type || query.question.type == dns::RRType::ANY;
  };
  return outcome.rcode == dns::RCode::NoError && std::ranges::none_of(outcome.answer, wanted);
}

// What the hook sees of the question now.
void describe(const Query& query, LuaQuestion& lua) {
  lua.rcode = static_cast<int>(query.outcome.rcode);
  lua.records = recordsOf(query.outcome, query.dnssecOk());
  lua.security = query.outcome.security;
  lua.errors = query.outcome.errors;
  lua.policy = query.policy ? *query.policy : PolicyVerdict();
  lua.policyName = lua.policy.source ? lua.policy.source->name : std::string();
  lua.policyChanged = false;
}

bool ends(LuaHook hook) { return hook == LuaHook::PreRpz || hook == LuaHook::PreResolve; }

// A name of its own for what the script decided by itself.
PolicySourcePtr sourceNamed(const std::string& name) {
  auto source = std::make_shared<PolicySource>();
  source->name = name;
  return source;
}

} // namespace

bool Pipeline::isFiltered(const dns::Header& header, const Client& client) {
  if (!d_lua->has(LuaHook::IpFilter) || !d_lua->drops(client.source, client.local, header)) {
    return false;
  }
  d_counters.add(Metric::PolicyDrops);
  return true;
}

void Pipeline::beginLua(std::span<const std::byte> packet, Query& query, std::shared_ptr<LuaQuestion> tagged) {
  const bool isQuestion = query.header.opcode == dns::Opcode::Query && query.question.rrclass == dns::RRClass::IN;
  if (!isQuestion) {
    return;
  }
  const bool isNew = tagged == nullptr;
  query.lua = isNew ? std::make_shared<LuaQuestion>() : std::move(tagged);
  LuaQuestion& lua = *query.lua;
  if (isNew) {
    lua.question = query.question;
    lua.remote = query.client.source;
    lua.local = query.client.local;
    lua.proxy = query.client.proxy;
    lua.tcp = query.client.tcp;
    lua.options = optionsOf(packet);
    lua.queryTime = d_lua->now();
    lua.engine = d_lua->id();
  }
  lua.header = query.header;
  lua.hasEdns = query.edns.has_value();
  lua.dnssecOk = query.dnssecOk();
  if (isNew && d_lua->hasAny(kLuaTagHooks)) {
    d_lua->tag(lua);
  }
  query.policyTags.insert(lua.policyTags.begin(), lua.policyTags.end());
  query.variable = query.variable || lua.variable;
}

// Tags and discarded policies are the question's own, lent to the script for the call.
LuaAnswer Pipeline::callHook(LuaHook hook, Query& query) {
  LuaQuestion& lua = *query.lua;
  lua.hooksRun |= bitOf(hook);
  lua.policyTags.swap(query.policyTags);
  lua.discardedPolicies.swap(query.discardedPolicies);
  const LuaAnswer answer = hook == LuaHook::UdpCallback      ? d_lua->udpCallback(lua)
                           : hook == LuaHook::PostResolveFfi ? d_lua->postResolveFfi(lua)
                                                             : d_lua->run(hook, lua);
  d_parts.loop.beginWork(); // scripts may take their time
  lua.policyTags.swap(query.policyTags);
  lua.discardedPolicies.swap(query.discardedPolicies);
  query.variable = query.variable || lua.variable;
  query.wantsPolicy = lua.wantsRpz;
  return answer;
}

Pipeline::Step Pipeline::preRpz(Query& query) {
  if (d_lua == nullptr || !query.lua) {
    return Step::Next;
  }
  query.lua->entered = true;
  if (d_lua->has(LuaHook::PreRpz)) { // what it returns has no meaning
    describe(query, *query.lua);
    query.lua->rcode = 0;
    static_cast<void>(callHook(LuaHook::PreRpz, query));
  }
  return Step::Next;
}

// What gettag_ffi has answered already stands here: policies have had their say.
Pipeline::Step Pipeline::preResolve(Query& query) {
  if (d_lua == nullptr || !query.lua || (query.lua->hooksRun & bitOf(LuaHook::PreResolve)) != 0) {
    return Step::Next;
  }
  LuaQuestion& lua = *query.lua;
  if (lua.answered) {
    lua.followupFunction = lua.followCname ? "followCNAMERecords" : "";
    return carryOutHook(LuaHook::PreResolve, query, LuaAnswer::Handled);
  }
  if (!d_lua->has(LuaHook::PreResolve)) {
    return Step::Next;
  }
  describe(query, lua);
  lua.rcode = 0;
  return carryOutHook(LuaHook::PreResolve, query, callHook(LuaHook::PreResolve, query));
}

// PowerDNS's order: a script sees what policies say of the client before they are asked about the name.
Pipeline::Step Pipeline::preResolveKnowing(Query& query, const PolicyVerdict& ofClient) {
  query.policy = ofClient.matched() ? std::make_shared<const PolicyVerdict>(ofClient) : nullptr;
  const Step step = preResolve(query);
  if (step == Step::Next) {
    query.policy = nullptr;
  }
  return step;
}

Pipeline::Step Pipeline::carryOutHook(LuaHook hook, Query& query, LuaAnswer answer) {
  query.lua->hook = hook;
  if (answer == LuaAnswer::Pass || (answer == LuaAnswer::Failed && d_settings.luaHookFailure == "pass")) {
    return Step::Next;
  }
  query.lua->settled = query.lua->settled || ends(hook) || answer == LuaAnswer::Failed;
  if (answer == LuaAnswer::Handled) {
    return takeHooksAnswer(query);
  }
  if (d_settings.luaHookFailure == "drop") {
    d_counters.add(Metric::PolicyDrops);
    return Step::Drop;
  }
  query.outcome = Outcome::failure(dns::EdeCode::Other, "a script failed");
  return Step::Answer;
}

// A policy that the script has chosen goes before its records.
Pipeline::Step Pipeline::takeHooksAnswer(Query& query) {
  LuaQuestion& lua = *query.lua;
  if (lua.followUp() == LuaFollowUp::UdpQuery) {
    return Step::AskUdp;
  }
  Outcome& outcome = query.outcome;
  const auto rcode = static_cast<dns::RCode>(std::max(lua.rcode, 0));
  outcome.errors = rcode == outcome.rcode ? std::move(outcome.errors) : std::vector<dns::ExtendedError>();
  outcome.rcode = rcode;
  putRecords(lua.records, outcome);
  outcome.security = Security::Insecure; // nobody signed what a script says
  outcome.kind = rcode == dns::RCode::ServFail ? AnswerKind::Failure : AnswerKind::Local;
  lua.handled = true;
  d_counters.add(Metric::LuaAnswers);
  const PolicyAction action = lua.policy.action;
  if (action != PolicyAction::None && action != PolicyAction::NoAction) {
    PolicyVerdict verdict = lua.policy;
    if (lua.policyChanged) verdict.source = nullptr;
    return decide(query, std::move(verdict));
  }
  return lua.followUp() == LuaFollowUp::None ? Step::Answer : beginFollowUp(query);
}

// Each hook once, also when what a follow-up brought leads here again.
Pipeline::Step Pipeline::postResolve(Query& query) {
  if (d_lua == nullptr || !query.lua || !query.lua->entered) {
    return Step::Next;
  }
  LuaQuestion& lua = *query.lua;
  translateFollowed(query);
  const LuaHook last = d_lua->has(LuaHook::PostResolveFfi) ? LuaHook::PostResolveFfi : LuaHook::PostResolve;
  for (const LuaHook hook : {LuaHook::NoData, LuaHook::NxDomain, last}) {
    const bool applies = hook == LuaHook::NoData     ? isNoData(query)
                         : hook == LuaHook::NxDomain ? query.outcome.rcode == dns::RCode::NXDomain
                                                     : true;
    const bool isDue = applies && !lua.settled && d_lua->has(hook) && (lua.hooksRun & bitOf(hook)) == 0;
    if (!isDue || (isDecided(query) && !lua.handled)) {
      continue;
    }
    describe(query, lua);
    const Step step = carryOutHook(hook, query, callHook(hook, query));
    if (step == Step::Drop || step == Step::Follow || step == Step::AskUdp) {
      return step;
    }
  }
  endHooks(query);
  return Step::Next;
}

// What is said of the answer whatever made it.
void Pipeline::endHooks(Query& query) {
  const LuaQuestion& lua = *query.lua;
  if (lua.extendedErrorCode != 0) {
    query.outcome.errors = {{static_cast<dns::EdeCode>(lua.extendedErrorCode), lua.extendedErrorExtra}};
  }
  if (lua.ttlCap == UINT32_MAX) {
    return;
  }
  for (auto* section : {&query.outcome.answer, &query.outcome.authority, &query.outcome.additional}) {
    for (AgedRRset& set : *section) {
      set.ttl = std::min(set.ttl, lua.ttlCap);
    }
  }
}

// What a script makes of policies holds for this client; only by a tag it can be for all that have it.
void Pipeline::keepApart(Query& query) const {
  const bool deviates = !query.wantsPolicy || !query.discardedPolicies.empty();
  if (d_policies && deviates && query.lua && query.lua->tag == 0) {
    query.variable = true;
  }
}

// policyEventFilter: not for what a script decided itself.
bool Pipeline::isIgnored(Query& query, PolicyVerdict& verdict) {
  if (!query.lua || !verdict.source || !d_lua->has(LuaHook::PolicyEventFilter)) {
    return false;
  }
  LuaQuestion& lua = *query.lua;
  lua.policy = verdict;
  lua.policyName = verdict.source->name;
  lua.policyChanged = false;
  lua.policyTags.swap(query.policyTags);
  lua.discardedPolicies.swap(query.discardedPolicies);
  const LuaAnswer answer = d_lua->filterPolicy(lua);
  d_parts.loop.beginWork();
  lua.policyTags.swap(query.policyTags);
  lua.discardedPolicies.swap(query.discardedPolicies);
  if (lua.policyChanged) {
    const bool renamed = lua.policyName != verdict.source->name;
    verdict = lua.policy;
    verdict.source = renamed ? sourceNamed(lua.policyName) : verdict.source;
  }
  const bool deviates = lua.policyChanged || answer == LuaAnswer::Handled;
  query.variable = query.variable || lua.variable || (deviates && lua.tag == 0);
  lua.policy = PolicyVerdict(); // what no hook has chosen
  lua.policyChanged = false;
  return answer == LuaAnswer::Handled;
}

// The hooks after resolving belong to the worker where the question came in: its state has dq.data.
bool Pipeline::needsReturn(const Query& query) const {
  return query.client.worker != d_parts.host.self() && d_lua != nullptr && d_lua->hasAny(kLuaAfterHooks | kLuaTagHooks);
}

// An answer that other scripts, or none, had a say in is not for the next client.
bool Pipeline::isSeenByLua(const Query& query) const {
  return (query.lua ? query.lua->engine : 0) == (d_lua != nullptr ? d_lua->id() : 0) ||
         (d_lua != nullptr && !query.lua && query.question.rrclass != dns::RRClass::IN);
}

} // namespace rec
