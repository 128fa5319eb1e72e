// One link of a chain: looked up in what is known, else at servers, then validated.
#include <utility>

#include "recursor/resolve/keep.hh"
#include "recursor/resolve/router.hh"

namespace rec {
namespace {

constexpr std::uint32_t kUnheardTtl = 1; // seconds that it is remembered that no upstream was there (RFC 9520 3.2)

void noteKnown(const Walk& walk, StepKind kind, const dns::Question& question, const Lookup& known,
               base::MonoTime now) {
  if (walk.trace) {
    const bool isJudged = known.security != Security::Indeterminate;
    std::string verdict = isJudged ? " (" + std::string(text(known.security)) + ")" : std::string();
    verdict += known.scope ? subnetText(known.scope, SubnetEcho::Echoed) : std::string();
    walk.note({kind, 0, question.name, question.type, {}, {}, std::move(verdict), now});
  }
}

void explainLink(const Walk& walk, const dns::Question& question, const Lookup& lookup) {
  if (walk.explanation != nullptr) {
    walk.explanation->add(question, lookup);
  }
}

LookupPtr bogusLookup(AnswerKind source, std::vector<dns::ExtendedError> errors) {
  auto failed = std::make_unique<Lookup>();
  failed->source = source;
  failed->security = Security::Bogus;
  failed->errors = std::move(errors);
  return failed;
}

} // namespace

// Data of servers whose security nobody has looked at yet.
bool Router::wantsValidation(const Lookup& lookup) {
  return lookup.kind != LookupKind::Failed && lookup.source != AnswerKind::Local &&
         lookup.security == Security::Indeterminate;
}

// What was fetched anew for somebody who checks for himself does not make others forget that it failed a moment ago.
LookupPtr Router::knownBogus(const dns::Question& question, Checking checking, const Lookup& found,
                             const Walk& walk) const {
  const bool isCached =
      found.source == AnswerKind::RecordCache && !found.scope; // what is one network's is judged alone
  if (checking != Checking::Enforce || !isCached || walk.explanation != nullptr) {
    return nullptr;
  }
  auto errors =
      d_parts.caches.failures.find(question.name, question.type, d_parts.loop.wall(), FailureCache::Cause::Bogus);
  if (!errors) {
    return nullptr;
  }
  return bogusLookup(AnswerKind::CachedFailure, std::move(*errors));
}

// A look-up and its validation.
coro::Task<LookupPtr> Router::resolveLink(dns::Question question, Checking checking, Walk& walk) {
  auto found = co_await lookup(question, walk);
  if (checking != Checking::None && wantsValidation(*found)) {
    co_return co_await validateLink(question, checking, std::move(found), walk);
  }
  explainLink(walk, question, *found);
  co_return found;
}

// What is bogus is a failure for those who have us check, and remembered as one.
coro::Task<LookupPtr> Router::validateLink(dns::Question question, Checking checking, LookupPtr found, Walk& walk) {
  if (auto remembered = knownBogus(question, checking, *found, walk)) {
    co_return remembered;
  }
  Judging judging = std::exchange(walk.judging, Judging()); // keys are not what the client asked for
  auto judged = co_await d_validator.validate(question, std::move(found), walk);
  walk.judging = std::move(judging);
  explainLink(walk, question, *judged);
  if (judged->security != Security::Bogus) {
    d_parts.caches.failures.forget(question.name, question.type);
  }
  if (judged->security != Security::Bogus || checking == Checking::Report) {
    co_return judged;
  }
  report(question, *judged);
  LookupPtr failed = bogusLookup(AnswerKind::Failure, std::move(judged->errors));
  failed->scope = judged->scope;
  if (!judged->scope && !judged->limited && !walk.work->effort.exceeded() && !walk.work->exhausted()) {
    d_parts.caches.failures.store(question.name, question.type, failed->errors, d_parts.loop.wall(),
                                  FailureCache::Cause::Bogus);
  }
  co_return failed;
}

// What local data and caches have for this step of a walk; null: somebody has to be asked.
LookupPtr Router::known(const dns::Question& question, Walk& walk) const {
  if (std::exchange(walk.missed, false)) {
    return nullptr;
  }
  CachedQuery query;
  query.acceptBogus = walk.acceptBogus;
  query.subnet = walk.subnet ? &*walk.subnet : nullptr;
  query.renew = walk.renew;
  query.failuresToo = walk.explanation == nullptr; // who wants to know why sees it tried
  auto found = walk.fresh ? findLocal(question) : findWithoutAsking(question, query);
  if (!found) {
    return nullptr;
  }
  noteKnown(walk, found->source == AnswerKind::Local ? StepKind::Local : StepKind::Cached, question, *found,
            d_parts.loop.now());
  d_parts.counters.add(Metric::EcsCacheHits, found->scope ? 1 : 0);
  return std::make_unique<Lookup>(std::move(*found));
}

coro::Task<LookupPtr> Router::lookup(dns::Question question, Walk& walk) {
  if (auto found = known(question, walk)) {
    co_return found;
  }
  auto result = co_await askServers(question, walk);
  if (walk.subnet && !result->scope) {
    result->varies =
        d_parts.caches.subnets.find(question.name, question.type, *walk.subnet, d_parts.loop.wall()).varies;
  }
  co_return result;
}

// Where the iterator begins below authoritative servers given by forward-zones: at them, or at a cut they referred to.
DelegationPtr Router::startFor(const dns::Question& question, const ForwardRule* rule) const {
  if (rule == nullptr) {
    return nullptr;
  }
  const bool above = question.type == dns::RRType::DS;
  DelegationPtr cut = d_parts.caches.delegations.find(question.name, d_parts.loop.wall(), above);
  return cut && cut->zone.isBelow(rule->zone) ? cut : toDelegation(*rule);
}

// The servers of a cut inside a local zone, if the name is below one.
DelegationPtr Router::localCut(const dns::Question& question) const {
  auto local = d_localZones->answer(question, false);
  if (!local || !local->cut) {
    return nullptr;
  }
  const DelegationPtr deeper = d_parts.caches.delegations.find(question.name, d_parts.loop.wall());
  if (deeper && deeper->zone.isBelow(local->cut->zone)) {
    return deeper;
  }
  return std::make_shared<const Delegation>(std::move(*local->cut));
}

coro::Task<LookupPtr> Router::askServers(dns::Question question, Walk& walk) {
  const ForwardRule* rule = d_parts.options->forwards.find(question);
  const bool firstOfAll = walk.depth == 0 && walk.work->queries == 0;
  walk.toldInVain.clear();
  LookupPtr result;
  bool iterate = rule == nullptr || !rule->recurse;
  if (!iterate) {
    ForwardRulePtr forward(d_parts.options, rule); // outlives reload-zones
    result = co_await d_forwarder.lookup(question, forward, walk);
    iterate = result->kind == LookupKind::Failed && forward->iterates && !walk.work->exhausted();
    rule = nullptr;
  }
  if (iterate) {
    DelegationPtr start = localCut(question);
    if (!start) {
      start = startFor(question, rule);
    }
    result = co_await d_iterator.lookup(question, start, walk);
  }
  const bool failed = result->kind == LookupKind::Failed;
  // What was not found because other names on the way here had reached the limits is not this name's own failure: it
  // might be anybody's, in the NS set or at the end of the alias of an attacker.
  const bool limited = walk.limited || walk.work->exhausted() || d_parts.loop.now() >= walk.work->deadline;
  const bool ownFault = !walk.judging.isRefused() && !walk.crowded && (firstOfAll || (!limited && !walk.circular)) &&
                        walk.without.empty();
  if (failed && walk.subnet && !walk.toldInVain.empty()) {
    result->scope = SubnetScope::only(*walk.subnet); // others may be given an answer
  } else if (failed && ownFault) {
    const std::uint32_t longest = walk.unheard && !iterate ? kUnheardTtl : UINT32_MAX;
    d_parts.caches.failures.store(question.name, question.type, walk.explain(), d_parts.loop.wall(),
                                  FailureCache::Cause::Unresolved, longest);
  } else if (!failed && walk.acceptBogus) { // else after validation
    d_parts.caches.failures.forget(question.name, question.type, FailureCache::Cause::Unresolved);
  }
  co_return result;
}

} // namespace rec
