// resolve(): local data or cache -> forward rule or iterator -> alias: once more with its target -> outcome, or an
// explained failure that is remembered (RFC 9520), or stale data instead of it (RFC 8767). With DNS64 the same may be
// done once more, for A: resolve() and fromCache() are resolveChain() and knownChain() with that around them.
#include "recursor/resolve/router.hh"

#include <algorithm>

#include "recursor/resolve/errorreport.hh"
#include "recursor/resolve/keep.hh"
#include "recursor/resolve/operatorzones.hh"

namespace rec {
namespace {

constexpr std::uint32_t kUnheardTtl = 1; // seconds that it is remembered that no upstream was there (RFC 9520 3.2)

// Data of servers whose security nobody has looked at yet.
bool wantsValidation(const Lookup& lookup) {
  return lookup.kind != LookupKind::Failed && lookup.source != AnswerKind::Local &&
         lookup.security == Security::Indeterminate;
}

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

} // namespace

Router::Router(ResolveParts parts, std::shared_ptr<const LocalZones> localZones)
    : d_parts(std::move(parts)), d_localZones(std::move(localZones)), d_addresses(d_parts, *this),
      d_asker(d_parts, d_addresses), d_trust(d_parts, *this), d_iterator(d_parts, d_asker, d_trust),
      d_forwarder(d_parts), d_validator(d_parts, *this, d_trust), d_explainer(d_parts, *this, d_trust),
      d_keySource(d_parts, *this) {}

void Router::replace(std::shared_ptr<const ResolveOptions> options, std::shared_ptr<const LocalZones> localZones) {
  d_parts.options = std::move(options);
  d_localZones = std::move(localZones);
}

std::optional<Lookup> Router::findLocal(const dns::Question& question) const {
  auto local = d_localZones->answer(question, true);
  if (!local || local->cut) {
    return std::nullopt; // below a cut in a local zone: askServers() begins there
  }
  Lookup lookup;
  lookup.source = AnswerKind::Local;
  lookup.authoritative = true;
  lookup.records = std::move(local->outcome.answer);
  const auto isWanted = [&](const AgedRRset& set) {
    return question.type == dns::RRType::ANY || set.rrset.type() == question.type;
  };
  if (local->chase) {
    lookup.kind = LookupKind::Alias;
    lookup.target = *local->chase;
    return lookup;
  }
  if (local->outcome.rcode == dns::RCode::NXDomain) {
    lookup.kind = LookupKind::NxDomain;
  } else if (local->outcome.rcode == dns::RCode::YXDomain) {
    lookup.kind = LookupKind::Alias;
    lookup.targetTooLong = true;
  } else {
    const bool found = !lookup.records.empty() && isWanted(lookup.records.back());
    lookup.kind = found ? LookupKind::Records : LookupKind::NoData;
  }
  for (AgedRRset& set : local->outcome.authority) {
    if (set.rrset.type() == dns::RRType::SOA) {
      lookup.negative.soa = set.rrset;
      lookup.negative.ttl = set.ttl;
    }
  }
  return lookup;
}

std::optional<Lookup> Router::findWithoutAsking(const dns::Question& question, const CachedQuery& query) const {
  if (auto local = findLocal(question)) {
    return local;
  }
  return findCached(d_parts.caches, *d_parts.options, question, d_parts.loop.wall(), query);
}

bool Router::wantsNotify(const dns::Name& zone) const {
  const ForwardRule* rule = d_parts.options->forwards.at(zone);
  return rule != nullptr && rule->notifyAllowed;
}

bool Router::isOperators(const dns::Name& name) const {
  return rec::isOperators(name, d_parts.options->forwards, *d_localZones);
}

dns::Name Router::zoneOf(const dns::Name& name) const {
  const ForwardRule* rule = d_parts.options->forwards.find({name, dns::RRType::A, dns::RRClass::IN});
  if (rule != nullptr && rule->recurse) {
    return rule->zone;
  }
  const DelegationPtr cut = d_parts.caches.delegations.find(name, d_parts.loop.wall());
  const bool isBelowRule = cut && (rule == nullptr || cut->zone.isWithin(rule->zone));
  return isBelowRule ? cut->zone : rule != nullptr ? rule->zone : dns::Name();
}

CachedQuery Router::queryFor(const Request& request) {
  CachedQuery query;
  query.allowStale = request.allowStale;
  query.renew = request.renew;
  query.failuresToo = !request.allowStale;
  query.acceptBogus = request.checking != Checking::Enforce;
  query.minimum = request.authoritativeOnly ? Rank::AnswerAuth : query.minimum;
  query.subnet = request.subnet ? &*request.subnet : nullptr;
  return query;
}

std::optional<Outcome> Router::fromCache(const Request& request) {
  auto outcome = knownChain(request);
  if (!outcome || !needsIpv4(request, *outcome)) {
    return outcome;
  }
  const auto forA = knownChain(inIpv4(request));
  return forA ? std::optional(translate(std::move(*outcome), *forA)) : std::nullopt;
}

// What is cached came from servers about which a policy may say something by now.
bool Router::isRefused(const dns::Question& question, Judging& judging) const {
  const ForwardRule* rule = d_parts.options->forwards.find(question);
  if (rule != nullptr || findLocal(question)) {
    return false;
  }
  const bool above = question.type == dns::RRType::DS && !question.name.isRoot();
  const DelegationPtr zone = d_parts.caches.delegations.find(question.name, d_parts.loop.wall(), above);
  if (!zone) {
    return false;
  }
  for (const NameServer& server : zone->servers) {
    if (judging.refuses(server.name)) {
      return true;
    }
  }
  const std::vector<base::Address> known = d_asker.knownAddressesOf(*zone);
  return std::any_of(known.begin(), known.end(),
                     [&judging](const base::Address& address) { return judging.refuses(address); });
}

// All links of the chain from local data and caches.
std::optional<Outcome> Router::knownChain(const Request& request) {
  Chain chain = begin(request);
  const CachedQuery query = queryFor(request);
  Judging judging(request.judge);
  for (;;) {
    if (judging.isWanted() && isRefused(chain.wanted(), judging)) {
      Outcome outcome = chain.take();
      outcome.servers = judging.verdict();
      return outcome;
    }
    auto lookup = chain.broken().empty() ? findWithoutAsking(chain.wanted(), query) : std::nullopt;
    if (!lookup || (request.checking != Checking::None && wantsValidation(*lookup))) {
      return std::nullopt;
    }
    if (chain.add(std::move(*lookup))) {
      continue;
    }
    if (!chain.broken().empty()) {
      return std::nullopt; // resolve() explains it
    }
    Outcome outcome = chain.take();
    d_parts.counters.add(Metric::EcsCacheHits, outcome.scope ? 1 : 0);
    outcome.servers = judging.verdict();
    if (outcome.kind == AnswerKind::CachedFailure) {
      d_parts.counters.add(Metric::FailureCacheHits);
      outcome.errors.push_back({dns::EdeCode::CachedError, {}});
    }
    if (outcome.kind == AnswerKind::Stale) {
      const bool nxdomain = outcome.rcode == dns::RCode::NXDomain;
      outcome.errors.push_back({nxdomain ? dns::EdeCode::StaleNxdomain : dns::EdeCode::StaleAnswer, {}});
    }
    return outcome;
  }
}

Walk Router::beginWalk(const Request& request) const {
  Walk walk;
  walk.work = std::make_shared<Work>(d_parts.options->limits);
  walk.work->deadline = request.deadline;
  walk.work->requestor = request.client;
  walk.trace = request.trace;
  walk.dnssecOk = d_parts.options->askDnssec;
  walk.acceptBogus = request.checking != Checking::Enforce;
  walk.subnet = request.subnet;
  walk.renew = request.renew;
  walk.judging = Judging(request.judge);
  return walk;
}

coro::Task<Outcome> Router::resolve(Request request) {
  Walk walk = beginWalk(request);
  auto outcome = co_await resolveChain(request, walk);
  if (!needsIpv4(request, outcome)) {
    countEffort(walk, outcome);
    co_return outcome;
  }
  Request second = inIpv4(request);
  auto forA = co_await resolveChain(second, walk);
  Outcome translated = translate(std::move(outcome), std::move(forA));
  countEffort(walk, translated);
  co_return translated;
}

// Link after link, asking whoever has to be asked.
coro::Task<Outcome> Router::resolveChain(Request request, Walk& walk) {
  Chain chain = begin(request);
  while (chain.broken().empty()) {
    dns::Question wanted = chain.wanted();
    walk.note({StepKind::Question, 0, wanted.name, wanted.type, {}, {}, {}, d_parts.loop.now()});
    if (walk.judging.isWanted() && isRefused(wanted, walk.judging)) {
      break;
    }
    auto found = co_await resolveLink(wanted, request.checking, walk);
    if (walk.judging.isRefused() || !chain.add(std::move(found))) {
      break;
    }
  }
  Outcome outcome = chain.take();
  outcome.servers = walk.judging.verdict();
  if (walk.judging.isRefused()) {
    co_return outcome;
  }
  if (outcome.rcode == dns::RCode::ServFail) {
    explainFailure(chain, walk, request, outcome);
  }
  co_return outcome;
}

// What was fetched anew for somebody who checks for himself does not make others forget that it failed a moment ago.
std::optional<Lookup> Router::knownBogus(const dns::Question& question, Checking checking, const Lookup& found,
                                         const Walk& walk) const {
  const bool isCached =
      found.source == AnswerKind::RecordCache && !found.scope; // what is one network's is judged alone
  if (checking != Checking::Enforce || !isCached || walk.explanation != nullptr) {
    return std::nullopt;
  }
  auto errors =
      d_parts.caches.failures.find(question.name, question.type, d_parts.loop.wall(), FailureCache::Cause::Bogus);
  if (!errors) {
    return std::nullopt;
  }
  Lookup failed;
  failed.source = AnswerKind::CachedFailure;
  failed.security = Security::Bogus;
  failed.errors = std::move(*errors);
  return failed;
}

// A look-up and its validation. What is bogus is a failure for those who have us check, and remembered as one.
coro::Task<Lookup> Router::resolveLink(dns::Question question, Checking checking, Walk& walk) {
  auto found = co_await lookup(question, walk);
  if (checking == Checking::None || !wantsValidation(found)) {
    explainLink(walk, question, found);
    co_return found;
  }
  if (auto remembered = knownBogus(question, checking, found, walk)) {
    co_return std::move(*remembered);
  }
  Judging judging = std::exchange(walk.judging, Judging()); // keys are not what the client asked for
  auto judged = co_await d_validator.validate(question, std::move(found), walk);
  walk.judging = std::move(judging);
  explainLink(walk, question, judged);
  if (judged.security != Security::Bogus) {
    d_parts.caches.failures.forget(question.name, question.type);
  }
  if (judged.security != Security::Bogus || checking == Checking::Report) {
    co_return judged;
  }
  report(question, judged);
  Lookup failed;
  failed.source = AnswerKind::Failure;
  failed.security = Security::Bogus;
  failed.scope = judged.scope;
  failed.errors = std::move(judged.errors);
  if (!judged.scope && !judged.limited && !walk.work->effort.exceeded() && !walk.work->exhausted()) {
    d_parts.caches.failures.store(question.name, question.type, failed.errors, d_parts.loop.wall(),
                                  FailureCache::Cause::Bogus);
  }
  co_return failed;
}

// RFC 9567: the agent named by the server that gave the bad data. What the agent says is cached and spares repetitions.
void Router::report(const dns::Question& question, const Lookup& bogus) {
  if (!d_parts.options->validation.reportErrors || !bogus.reportTo || bogus.errors.empty()) {
    return;
  }
  auto name = errorReportName(question.name, question.type, bogus.errors.back().code, *bogus.reportTo);
  if (name) {
    d_parts.counters.add(Metric::DnsErrorReports);
    d_parts.roots.spawn(tell(std::move(*name)));
  }
}

coro::Task<void> Router::tell(dns::Name name) {
  Walk walk;
  walk.work = std::make_shared<Work>(d_parts.options->limits);
  walk.work->deadline = d_parts.loop.now() + d_parts.options->maxTotal;
  const dns::Question question{name, dns::RRType::TXT, dns::RRClass::IN};
  co_await lookup(question, walk);
}

coro::Task<Lookup> Router::lookup(dns::Question question, Walk& walk) {
  CachedQuery query;
  query.acceptBogus = walk.acceptBogus;
  query.subnet = walk.subnet ? &*walk.subnet : nullptr;
  query.renew = walk.renew;
  query.failuresToo = walk.explanation == nullptr; // who wants to know why sees it tried
  if (auto known = walk.fresh ? findLocal(question) : findWithoutAsking(question, query)) {
    const StepKind kind = known->source == AnswerKind::Local ? StepKind::Local : StepKind::Cached;
    noteKnown(walk, kind, question, *known, d_parts.loop.now());
    d_parts.counters.add(Metric::EcsCacheHits, known->scope ? 1 : 0);
    co_return std::move(*known);
  }
  auto result = co_await askServers(question, walk);
  if (walk.subnet && !result.scope) {
    result.varies = d_parts.caches.subnets.find(question.name, question.type, *walk.subnet, d_parts.loop.wall()).varies;
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

coro::Task<Lookup> Router::askServers(dns::Question question, Walk& walk) {
  const ForwardRule* rule = d_parts.options->forwards.find(question);
  const bool firstOfAll = walk.depth == 0 && walk.work->queries == 0;
  walk.toldInVain.clear();
  Lookup result;
  bool iterate = rule == nullptr || !rule->recurse;
  if (!iterate) {
    ForwardRulePtr forward(d_parts.options, rule); // outlives reload-zones
    result = co_await d_forwarder.lookup(question, forward, walk);
    iterate = result.kind == LookupKind::Failed && forward->iterates && !walk.work->exhausted();
    rule = nullptr;
  }
  if (iterate) {
    DelegationPtr start = localCut(question);
    if (!start) {
      start = startFor(question, rule);
    }
    result = co_await d_iterator.lookup(question, start, walk);
  }
  const bool failed = result.kind == LookupKind::Failed;
  // What was not found because other names on the way here had reached the limits is not this name's own failure: it
  // might be anybody's, in the NS set or at the end of the alias of an attacker.
  const bool limited = walk.limited || walk.work->exhausted() || d_parts.loop.now() >= walk.work->deadline;
  const bool ownFault = !walk.judging.isRefused() && !walk.crowded && (firstOfAll || (!limited && !walk.circular)) &&
                        walk.without.empty();
  if (failed && walk.subnet && !walk.toldInVain.empty()) {
    result.scope = SubnetScope::only(*walk.subnet); // others may be given an answer
  } else if (failed && ownFault) {
    const std::uint32_t longest = walk.unheard && !iterate ? kUnheardTtl : UINT32_MAX;
    d_parts.caches.failures.store(question.name, question.type, walk.explain(), d_parts.loop.wall(),
                                  FailureCache::Cause::Unresolved, longest);
  } else if (!failed && walk.acceptBogus) { // else after validation
    d_parts.caches.failures.forget(question.name, question.type, FailureCache::Cause::Unresolved);
  }
  co_return result;
}

void Router::explainFailure(const Chain& chain, const Walk& walk, const Request& request, Outcome& outcome) {
  countLimits(walk, chain);
  if (d_parts.options->staleKept && outcome.security != Security::Bogus) {
    Request stale = request;
    stale.allowStale = true;
    stale.renew = 0;
    if (auto kept = knownChain(stale); kept && kept->rcode != dns::RCode::ServFail) {
      outcome = std::move(*kept);
      return;
    }
  }
  if (outcome.kind == AnswerKind::CachedFailure) {
    d_parts.counters.add(Metric::FailureCacheHits);
    outcome.errors.push_back({dns::EdeCode::CachedError, {}});
    return;
  }
  outcome.kind = AnswerKind::Failure;
  if (outcome.security == Security::Bogus) {
    return; // explained already
  }
  if (!chain.broken().empty()) {
    outcome.errors = {{dns::EdeCode::Other, chain.broken()}};
    if (outcome.cacheable) { // else the aliases of other networks may lead somewhere
      d_parts.caches.failures.store(request.question.name, request.question.type, outcome.errors, d_parts.loop.wall());
    }
    return;
  }
  outcome.errors = walk.explain();
  walk.note({StepKind::Failed,
             0,
             request.question.name,
             request.question.type,
             {},
             {},
             outcome.errors.front().text,
             d_parts.loop.now()});
}

void Router::countEffort(const Walk& walk, Outcome& outcome) {
  const dnssec::Effort& effort = walk.work->effort;
  outcome.upstreamQueries = walk.work->queries;
  outcome.upstreamBytes = static_cast<std::uint32_t>(walk.work->bytes);
  d_parts.counters.add(Metric::DnssecSignatureChecks, effort.signatures());
  d_parts.counters.add(Metric::DnssecNsec3Hashes, effort.hashes());
  d_parts.counters.add(Metric::MaxSignatureValidationsExceeded, effort.signaturesExceeded() ? 1 : 0);
  d_parts.counters.add(Metric::MaxNsec3HashComputationsExceeded, effort.hashesExceeded() ? 1 : 0);
}

void Router::countLimits(const Walk& walk, const Chain& chain) {
  if (chain.tooLong()) {
    d_parts.counters.add(Metric::MaxCnamesFollowedExceeded);
  }
  if (d_parts.loop.now() >= walk.work->deadline) {
    d_parts.counters.add(Metric::MaxTotalMsecExceeded);
  }
  if (walk.work->exhausted()) {
    walk.note({StepKind::Limit, 0, {}, {}, {}, {}, walk.work->exceeded, d_parts.loop.now()});
    d_parts.counters.add(Metric::ResourceLimits);
  }
  if (walk.work->counter) {
    d_parts.counters.add(*walk.work->counter);
  }
}

} // namespace rec
