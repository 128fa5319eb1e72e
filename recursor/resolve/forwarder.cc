// lookup(): 1. the strategy's plan: whom to ask, how many at once  2. the next answer, or the time for another shot
// 3. good: it wins, the others are cancelled  4. bad or late: the next upstream, all of them up to three times  5. none
// left: failed.
#include "recursor/resolve/forwarder.hh"

#include <algorithm>

#include "lib/base/random.hh"
#include "recursor/resolve/keep.hh"

namespace rec {
namespace {

constexpr unsigned kMaxTurns = 3;               // times a silent upstream is asked
constexpr double kMaxHedgeTokens = 20;          // a burst of lateness may be hedged
constexpr std::chrono::milliseconds kGrace{50}; // an exchange ends itself at its deadline
constexpr unsigned kExplored = 1;               // per cent of the questions, of hedge-percentage: not all of it

void blameLoop(const UpstreamResolver& upstream, ForwardRound& round, Walk& walk) {
  round.looped = true;
  walk.failWith(dns::EdeCode::Other, "forwarding loop: " + upstream.endpoint().text() + " leads back here");
}

} // namespace

ForwardRound::~ForwardRound() {
  for (const Begun& shot : shots) {
    if (!shot.over) {
      static_cast<void>(shot.upstream->ended(Ending::Cancelled, took(shot), 0));
    }
  }
}

bool ForwardRound::awaitsAnswer() const {
  return race.hasResult() || std::ranges::any_of(shots, [this](const Begun& shot) {
           return !shot.over && !shot.upstream->loops(rule->zone);
         });
}

void ForwardRound::leaveOut(const UpstreamPtr& upstream) {
  const auto at = std::ranges::find(order, upstream);
  if (at != order.end()) {
    next -= static_cast<std::size_t>(at - order.begin()) < next ? 1 : 0;
    order.erase(at);
  }
}

coro::Task<LookupPtr> Forwarder::lookup(dns::Question question, ForwardRulePtr rule, Walk& walk) {
  ForwardRound round(d_parts.loop, question, rule);
  bool going = begin(round, walk);
  while (going) {
    const base::MonoTime until = std::min(round.nextAt, walk.work->deadline + kGrace);
    auto shot = co_await round.race.next(until);
    if (!shot) {
      going = d_parts.loop.now() < walk.work->deadline && later(round, walk);
      continue;
    }
    auto verdict = examine(*shot, round, walk);
    if (verdict && !walk.work->exhausted()) {
      win(round, *shot);
      keep(*verdict, question, d_parts, walk.renew != 0);
      LookupPtr lookup = toLookup(std::move(*verdict), *d_parts.options);
      lookup->source = AnswerKind::Forwarded;
      co_return lookup;
    }
    going = !walk.work->exhausted() && afterFailure(round, walk);
  }
  countSilent(round);
  walk.unheard = !round.heard;
  for (const std::string& host : rule->unknown) {
    walk.fail(FailureKind::NoAddress, rule->zone, host, "has no known address");
  }
  d_parts.counters.add(Metric::ForwardLoopFailures, round.looped ? 1 : 0);
  co_return std::make_unique<Lookup>();
}

bool Forwarder::loops(const ForwardRule& rule, const UpstreamResolver& upstream) const {
  return d_parts.options->forwardLoopCheck && upstream.loops(rule.zone);
}

// Those that may be asked.
std::vector<UpstreamPtr> Forwarder::candidates(ForwardRound& round, Walk& walk) const {
  const ForwardRule& rule = *round.rule;
  std::vector<UpstreamPtr> found;
  found.reserve(rule.upstreams.size());
  for (const UpstreamPtr& upstream : rule.upstreams) {
    if (loops(rule, *upstream)) {
      blameLoop(*upstream, round, walk);
    } else if (std::ranges::find(walk.without, upstream->endpoint().address) == walk.without.end()) {
      found.push_back(upstream);
    }
  }
  return found;
}

// False when there is nobody to ask.
bool Forwarder::begin(ForwardRound& round, Walk& walk) {
  const ForwardRule& rule = *round.rule;
  const auto leadsHere = [&](const UpstreamPtr& upstream) { return loops(rule, *upstream); };
  const bool some = !walk.without.empty() || std::ranges::any_of(rule.upstreams, leadsHere);
  const std::vector<UpstreamPtr> left = some ? candidates(round, walk) : std::vector<UpstreamPtr>();
  const std::span<const UpstreamPtr> asked = some ? left : rule.upstreams;
  if (asked.empty()) {
    return false;
  }
  d_hedgeTokens = std::min(d_hedgeTokens + d_parts.options->hedgePercent / 100.0, kMaxHedgeTokens);
  const bool mayExplore = d_hedgeTokens >= 1 && d_parts.options->hedgePercent > kExplored;
  ForwardPlan plan = planFor(asked, {rule.strategy, rule.parallel, mayExplore, base::randomU32()});
  round.order = std::move(plan.order);
  round.hedging = rule.strategy == ForwardStrategy::Hedged;
  if (plan.explores) {
    static_cast<void>(takeHedge());
  }
  for (std::size_t i = 0; i < plan.atOnce; ++i) {
    if (!askNext(round, walk)) {
      break;
    }
  }
  return !round.shots.empty();
}

bool Forwarder::takeHedge() {
  if (d_hedgeTokens < 1 || d_parts.options->hedgePercent == 0) {
    return false;
  }
  d_hedgeTokens -= 1;
  return true;
}

// The time for another shot has come: a hedge, if the budget has one left, or what follows silence.
bool Forwarder::later(ForwardRound& round, Walk& walk) {
  if (d_parts.loop.now() < round.nextAt) {
    return true; // timers may be early, a little
  }
  leaveLoops(round, walk);
  const ForwardRound::Begun& last = round.shots.back();
  const UpstreamResolver::View view = last.upstream->view();
  const base::MonoTime patience = last.at + patienceWith(view, d_parts.options->networkTimeout);
  const bool hedge = d_parts.loop.now() < patience;
  if (hedge) {
    if (!takeHedge()) {
      round.hedging = false;
      round.nextAt = patience;
      return true;
    }
    d_parts.counters.add(Metric::HedgedOutqueries);
    ++walk.work->hedges;
  }
  const std::size_t before = round.shots.size();
  const bool asked = askNext(round, walk);
  if (hedge && round.shots.size() > before) {
    round.shots.back().hedge = true;
  }
  return asked || round.awaitsAnswer();
}

// What is found to lead back here meanwhile is not asked again, nor waited for.
void Forwarder::leaveLoops(ForwardRound& round, Walk& walk) const {
  const auto leadsHere = [&](const UpstreamPtr& upstream) { return loops(*round.rule, *upstream); };
  for (auto at = std::ranges::find_if(round.order, leadsHere); at != round.order.end();
       at = std::ranges::find_if(round.order, leadsHere)) {
    const UpstreamPtr upstream = *at;
    blameLoop(*upstream, round, walk);
    round.leaveOut(upstream);
  }
}

// A bad answer: whoever has not been asked is asked now; all begin anew only when nobody is waited for any more.
bool Forwarder::afterFailure(ForwardRound& round, Walk& walk) {
  const bool waits = round.race.running() > 0 || round.race.hasResult();
  if (waits && round.next == round.order.size()) {
    return true;
  }
  return askNext(round, walk) || waits;
}

// Begins an exchange with the next upstream. False when all have been asked as often as they are.
bool Forwarder::askNext(ForwardRound& round, Walk& walk) {
  if (round.next == round.order.size()) {
    round.nextAt = walk.work->deadline + kGrace;
    if (round.turns == kMaxTurns || round.order.empty()) {
      return false;
    }
    ++round.turns;
    round.next = 0;
  }
  const UpstreamPtr upstream = round.order[round.next++];
  const base::MonoTime now = d_parts.loop.clock().mono();
  const UpstreamResolver::View view = upstream->view();
  round.nextAt = now + (round.hedging && round.order.size() > 1 ? hedgeDelay(view)
                                                                : patienceWith(view, d_parts.options->networkTimeout));
  ServerQuestion question = questionTo(upstream, round, walk);
  walk.note({StepKind::Ask, 0, round.question.name, round.question.type, round.rule->zone, question.server,
             question.subnet ? "for " + question.subnet->text() : std::string(), now});
  if (question.subnet) {
    walk.tell(question.server);
  }
  upstream->asked();
  round.shots.push_back({upstream, now});
  round.race.start(shoot(round.shots.size() - 1, std::move(question), walk.work));
  if (round.rule->isFirst(upstream)) {
    d_watch.begin(upstream, round.rule);
  }
  return true;
}

coro::Task<Shot> Forwarder::shoot(std::size_t number, ServerQuestion question, std::shared_ptr<Work> work) {
  Shot shot;
  shot.number = number;
  shot.reply = co_await d_parts.exchange.ask(std::move(question), *work);
  co_return shot;
}

// Whether the upstream is one that is told clients' networks.
bool Forwarder::isListed(const ForwardRound& round, const base::Address& server) const {
  return d_parts.options->subnets.lists(round.question.name, server, round.rule->zone, true);
}

// Whether upstreams that may know are told the client's network with this question.
bool Forwarder::tellsNetwork(const ForwardRound& round, const Walk& walk) {
  return walk.subnet && SubnetPolicy::mayDepend(round.question.type);
}

ServerQuestion Forwarder::questionTo(const UpstreamPtr& upstream, const ForwardRound& round, const Walk& walk) const {
  ServerQuestion question = questionFor(upstream);
  question.question = round.question;
  question.dnssecOk = walk.dnssecOk;
  question.checkingDisabled = walk.dnssecOk; // RFC 6840 5.9: we check for ourselves
  if (tellsNetwork(round, walk) && isListed(round, question.server)) {
    question.subnet = walk.subnet;
  }
  question.deadline = std::min(d_parts.loop.now() + d_parts.options->networkTimeout, walk.work->deadline);
  return question;
}

// Null unless the answer is good.
VerdictPtr Forwarder::examine(Shot& shot, ForwardRound& round, Walk& walk) {
  const ServerReply& reply = *shot.reply;
  const dns::Question& question = round.question;
  const dns::Name& zone = round.rule->zone;
  const base::MonoTime now = d_parts.loop.now();
  if (reply.status != ExchangeStatus::Answered) {
    countUnanswered(round, shot.number, reply);
    if (reply.status != ExchangeStatus::OverLimit) {
      walk.fail(failureKind(reply.status), zone, round.shots[shot.number].upstream->endpoint().text(), reply.detail);
    }
    walk.untell(reply);
    walk.note({StepKind::BadServer, 0, question.name, question.type, zone, reply.server, reply.detail, now});
    if (reply.status == ExchangeStatus::Unreachable || reply.status == ExchangeStatus::NotAllowed) {
      round.leaveOut(round.shots[shot.number].upstream);
    }
    return nullptr;
  }
  round.heard = true;
  VerdictOptions options = d_parts.options->verdict;
  options.fromForwarder = true;
  auto verdict = std::make_shared<Verdict>(judge(reply.message, question, zone, options));
  verdict->from = {reply.server, reply.withoutEdns};
  noteSubnet(*verdict, reply, walk.subnet, *d_parts.options);
  verdict->untold = !tellsNetwork(round, walk) && isListed(round, reply.server);
  if (verdict->kind < VerdictKind::Lame) {
    walk.noteAnswer(*verdict, question, now);
    return verdict;
  }
  walk.untell(reply);
  const bool refuses = reply.message.header.rcode == dns::RCode::Refused;
  count(round, shot.number, refuses ? Ending::Failed : Ending::Useless);
  walk.fail(FailureKind::Refusing, zone, round.shots[shot.number].upstream->endpoint().text(), verdict->why);
  walk.note({StepKind::BadServer, 0, question.name, question.type, zone, reply.server, verdict->why, now});
  round.leaveOut(round.shots[shot.number].upstream);
  return nullptr;
}

void Forwarder::count(ForwardRound& round, std::size_t number, Ending how) {
  count(round, number, how, round.took(round.shots[number]));
}

void Forwarder::count(ForwardRound& round, std::size_t number, Ending how, std::chrono::microseconds took) {
  ForwardRound::Begun& shot = round.shots[number];
  shot.over = true;
  d_watch.follow(shot.upstream->ended(how, took, d_parts.options->forwardDownAfter), shot.upstream, round.rule);
}

// What this machine could not send is not the upstream's failure, and tells nothing of its time.
void Forwarder::countUnanswered(ForwardRound& round, std::size_t number, const ServerReply& reply) {
  if (reply.ownFault) {
    return count(round, number, Ending::Cancelled, std::chrono::microseconds(0));
  }
  const bool silent = reply.status == ExchangeStatus::TimedOut || reply.status == ExchangeStatus::OverLimit;
  count(round, number, silent ? silence(round.shots[number]) : Ending::Failed);
}

// Who had no time to answer, because the question had little left or reached its limits, is not to blame.
Ending Forwarder::silence(const ForwardRound::Begun& shot) const {
  const auto patience = patienceWith(shot.upstream->view(), d_parts.options->networkTimeout);
  return d_parts.loop.clock().mono() - shot.at >= patience ? Ending::Failed : Ending::Cancelled;
}

void Forwarder::countSilent(ForwardRound& round) {
  for (std::size_t i = 0; i < round.shots.size(); ++i) {
    if (!round.shots[i].over) {
      count(round, i, silence(round.shots[i]));
    }
  }
}

// The others have lost: those that had had their time were late.
void Forwarder::win(ForwardRound& round, const Shot& shot) {
  const base::MonoTime now = d_parts.loop.clock().mono();
  count(round, shot.number, Ending::Useful);
  d_parts.counters.add(Metric::HedgeWins, round.shots[shot.number].hedge ? 1 : 0);
  for (std::size_t i = 0; i < round.shots.size(); ++i) {
    const ForwardRound::Begun& other = round.shots[i];
    if (!other.over) {
      const bool late = now - other.at >= hedgeDelay(other.upstream->view());
      count(round, i, late ? Ending::Late : Ending::Cancelled);
    }
  }
}

DelegationPtr toDelegation(const ForwardRule& rule) {
  Delegation delegation;
  delegation.zone = rule.zone;
  delegation.fixed = true;
  delegation.servers.push_back(NameServer{rule.zone, rule.servers});
  return std::make_shared<const Delegation>(std::move(delegation));
}

} // namespace rec
