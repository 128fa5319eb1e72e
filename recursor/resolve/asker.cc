// ask(): 1. gather known addresses  2. choose one, ask it (hedged), judge the answer  3. of use: done  4. none left:
// learn more addresses (askersources.cc)  5. once more the silent ones: packets get lost  6. give up.
#include "recursor/resolve/asker.hh"

#include <algorithm>

#include "recursor/resolve/askinground.hh"
#include "recursor/resolve/keep.hh"
#include "recursor/trust/keytags.hh"

namespace rec {
namespace {

using dns::RRType;
constexpr unsigned kMaxRounds = 3; // times a silent server is asked

} // namespace

bool Asker::retrySilent(Round& round) const {
  if (round.silent.empty() || round.round >= kMaxRounds) {
    return false;
  }
  ++round.round;
  for (const base::Address& address : round.silent) {
    std::erase(round.tried, address);
  }
  round.silent.clear();
  return true;
}

// Others wait for these servers already, as many as may.
ZoneFetches::Entry Asker::enter(const Delegation& zone, Walk& walk) const {
  if (d_parts.fetches == nullptr) {
    return {};
  }
  ZoneFetches::Entry entry = d_parts.fetches->enter(zone, walk, d_parts.options->fetchesPerZone, d_parts.loop.now());
  if (!entry.allowed) {
    d_parts.counters.add(Metric::FetchesPerZoneExceeded);
    walk.limited = walk.crowded = true;
    walk.failWith(dns::EdeCode::NotReady,
                  "too many questions to the servers of " + zone.zone.text() + " are under way (fetches-per-zone)");
  }
  return entry;
}

coro::Task<VerdictPtr> Asker::ask(Asking asking, Walk& walk) {
  const ZoneFetches::Entry entry = enter(*asking.zone, walk);
  if (!entry.allowed) {
    co_return std::make_shared<Verdict>();
  }
  Round round(std::move(asking));
  gather(round);
  round.tried = round.asking.without;
  round.tried.insert(round.tried.end(), walk.without.begin(), walk.without.end());
  for (;;) {
    const base::MonoTime now = d_parts.loop.now();
    if (walk.work->exhausted() || now >= walk.work->deadline) {
      break;
    }
    const auto choice = choose(round);
    if (!choice) {
      bool learned = false;
      if (!round.asking.onlyKnown) {
        learned = co_await learnAddresses(round, walk);
      }
      if (learned || retrySilent(round)) {
        continue;
      }
      break;
    }
    const ServerChoice chosen = *choice;
    if (isRefused(round, chosen.server, walk)) {
      break;
    }
    round.tried.push_back(chosen.server);
    auto reply = co_await hedged(round, chosen, walk);
    auto verdict = examine(*reply, round, walk);
    if (walk.work->exhausted()) {
      break; // the answer itself was too much (max-bytesperq)
    }
    if (verdict->kind != VerdictKind::ServerError) {
      co_return verdict;
    }
  }
  if (walk.judging.isRefused()) {
    co_return std::make_shared<Verdict>();
  }
  if (round.recursiveAnswer && !walk.work->exhausted()) {
    co_return round.recursiveAnswer;
  }
  if (!walk.work->exhausted() && !round.asking.onlyKnown && d_parts.loop.now() < walk.work->deadline) {
    d_parts.counters.add(Metric::NssetInvalidations);
  }
  co_return std::make_shared<Verdict>();
}

// An address that became known only now (a policy's NSIP rule).
bool Asker::isRefused(const Round& round, const base::Address& server, Walk& walk) {
  const bool isOperators = round.asking.recurse || (round.asking.zone->fixed && !round.zone().isRoot());
  return walk.judging.isWanted() && walk.flight == nullptr && !isOperators && walk.judging.refuses(server);
}

std::optional<ServerChoice> Asker::choose(const Round& round) const {
  auto choice = d_parts.selector.choose(round.candidates, round.tried, round.zone(), d_parts.loop.now());
  const std::size_t throttled = d_parts.selector.passedOver();
  d_parts.counters.add(Metric::ThrottledOut, throttled);
  d_parts.counters.add(Metric::ThrottledOutqueries, throttled);
  return choice;
}

// Not when one of the zone's server names that has this address is exempt (dont-throttle-names).
bool Asker::mayThrottle(const Round& round, const base::Address& server) const {
  const std::vector<dns::Name>& exempt = d_parts.options->nonResolving.exempt;
  if (exempt.empty()) {
    return true;
  }
  const auto isHere = [&](const std::vector<base::Address>& addresses) {
    return std::find(addresses.begin(), addresses.end(), server) != addresses.end();
  };
  const std::vector<NameServer>& servers = round.asking.zone->servers;
  return std::none_of(servers.begin(), servers.end(), [&](const NameServer& known) {
    const bool named =
        std::any_of(exempt.begin(), exempt.end(), [&](const dns::Name& n) { return known.name.isWithin(n); });
    return named && (isHere(known.glue) || isHere(d_addresses.cached(known.name).addresses));
  });
}

// Whether the server is one that is told clients' networks.
bool Asker::isListed(const Round& round, const base::Address& server) const {
  return d_parts.options->subnets.lists(round.asking.question.name, server, round.zone(), round.asking.recurse);
}

ServerQuestion Asker::questionTo(const Round& round, const ServerChoice& choice, const Walk& walk) const {
  ServerQuestion question;
  question.server = choice.server;
  question.question = round.asking.question;
  question.recursionDesired = round.asking.recurse;
  question.configured = round.asking.recurse || (round.asking.zone->fixed && !round.zone().isRoot()); // forward-zones
  question.dnssecOk = walk.dnssecOk;
  question.checkingDisabled = round.asking.recurse && walk.dnssecOk; // RFC 6840 5.9: we check for ourselves
  question.mayThrottle = mayThrottle(round, choice.server);
  if (round.asking.subnet && isListed(round, choice.server)) {
    question.subnet = round.asking.subnet;
  }
  if (d_parts.options->signalAnchors && question.question.type == RRType::DNSKEY) {
    const TrustAnchors::Snapshot anchors = d_parts.anchors.snapshot();
    const auto own = anchors->positive.find(question.question.name);
    if (own != anchors->positive.end()) {
      question.keyTags = keyTagOption(own->second); // RFC 8145 4
    }
  }
  // A recursive server has to ask others in turn.
  const auto patience =
      round.asking.recurse ? std::max(choice.timeout, d_parts.options->networkTimeout) : choice.timeout;
  question.deadline = std::min(d_parts.loop.now() + patience, walk.work->deadline);
  encrypt(question, round, choice, walk);
  return question;
}

// The exchange with one server, none of whose packets has left yet. `late` is no earlier than the time at which it ends
// by itself.
coro::Task<ReplyPtr> Asker::exchangeWith(const ServerChoice& choice, StepKind kind, const Round& round, Walk& walk,
                                         base::MonoTime& late) const {
  ServerQuestion question = questionTo(round, choice, walk);
  if (question.subnet) {
    walk.tell(question.server);
  }
  noteAsking(kind, question, round, walk);
  late = std::max(late, question.deadline);
  Exchange& exchange = exchangeFor(question);
  return exchange.ask(std::move(question), *walk.work);
}

bool Asker::startSecond(Round& round, const ServerChoice& first, Walk& walk, Replies& replies, base::MonoTime& late) {
  const base::MonoTime now = d_parts.loop.now();
  const auto second = choose(round);
  if (!second || d_parts.caches.speeds.get(second->server, now).down || !d_parts.selector.mayHedge()) {
    return false;
  }
  d_parts.caches.speeds.reportLate(first.server, first.hedgeAfter, now);
  round.tried.push_back(second->server);
  d_parts.counters.add(Metric::HedgedOutqueries);
  ++walk.work->hedges;
  replies.start(exchangeWith(*second, StepKind::Hedge, round, walk, late));
  return true;
}

// One server, and a second one beside it when it is later than it usually is (within the budget of extra questions).
coro::Task<ReplyPtr> Asker::hedged(Round& round, ServerChoice choice, Walk& walk) {
  constexpr std::chrono::milliseconds kGrace{50}; // an exchange ends itself at its deadline
  base::MonoTime late;                            // when the last of those that run has ended
  auto first = exchangeWith(choice, StepKind::Ask, round, walk, late);
  if (round.tried.size() >= round.candidates.size() || choice.hedgeAfter >= choice.timeout) {
    co_return co_await first;
  }
  Replies replies(d_parts.loop);
  base::MonoTime until = d_parts.loop.now() + choice.hedgeAfter;
  replies.start(std::move(first));
  for (bool mayStart = true, second = false;;) {
    auto reply = co_await replies.next(until);
    if (!reply && !mayStart) {
      break;
    }
    if (!reply) {
      second = startSecond(round, choice, walk, replies, late);
    } else if (replies.running() == 0 || isOfUse(**reply, round)) {
      d_parts.counters.add(Metric::HedgeWins, second && (*reply)->server != choice.server ? 1 : 0);
      co_return std::move(*reply);
    } else {
      examine(**reply, round, walk);
    }
    mayStart = false;
    until = late + kGrace;
  }
  auto silent = std::make_unique<ServerReply>();
  silent->server = choice.server;
  silent->told = true; // or not: who knows
  silent->detail = "timed out";
  co_return silent;
}

bool Asker::isOfUse(const ServerReply& reply, const Round& round) const {
  return reply.status == ExchangeStatus::Answered &&
         judge(reply.message, round.asking.question, round.zone(), verdictOptions(round)).kind < VerdictKind::Lame;
}

VerdictOptions Asker::verdictOptions(const Round& round) const {
  VerdictOptions options = d_parts.options->verdict;
  options.fromForwarder = round.asking.recurse;
  return options;
}

VerdictPtr Asker::noAnswer(const ServerReply& reply, Round& round, Walk& walk) {
  walk.untell(reply);
  const FailureKind kind = failureKind(reply.status);
  if (kind == FailureKind::Silent && reply.status != ExchangeStatus::OverLimit) {
    round.silent.push_back(reply.server);
    d_parts.selector.reportFamily(reply.server, false, d_parts.loop.now());
  }
  if (reply.status != ExchangeStatus::OverLimit) {
    walk.fail(kind, round.zone(), reply.server.text(), reply.detail);
  }
  const dns::Question& question = round.asking.question;
  walk.note({StepKind::BadServer, 0, question.name, question.type, round.zone(), reply.server, reply.detail,
             d_parts.loop.now()});
  return std::make_shared<Verdict>();
}

void Asker::countLimits(const Verdict& verdict) const {
  if (verdict.tooManyServers) {
    d_parts.counters.add(Metric::MaxNsPerResolveExceeded);
  }
  if (verdict.tooManyRecords) {
    d_parts.counters.add(Metric::MaxRrsetSizeExceeded);
  }
}

VerdictPtr Asker::examine(const ServerReply& reply, Round& round, Walk& walk) {
  noteTlsTrouble(reply, round, walk);
  if (reply.status != ExchangeStatus::Answered) {
    return noAnswer(reply, round, walk);
  }
  const base::MonoTime now = d_parts.loop.now();
  const dns::Question& question = round.asking.question;
  d_parts.selector.reportFamily(reply.server, true, now);
  const auto shared = std::make_shared<Verdict>(judge(reply.message, question, round.zone(), verdictOptions(round)));
  Verdict& verdict = *shared;
  countLimits(verdict);
  verdict.from = {reply.server, reply.withoutEdns};
  noteSubnet(verdict, reply, round.asking.subnet, *d_parts.options);
  verdict.untold = !round.asking.subnet && isListed(round, reply.server);
  if (reply.message.edns && reply.message.edns->reportChannel) {
    verdict.reportTo = std::make_shared<const dns::Name>(*reply.message.edns->reportChannel);
  }
  if (verdict.kind < VerdictKind::Lame) {
    walk.noteAnswer(verdict, question, now);
    return shared;
  }
  walk.untell(reply);
  if (verdict.onlyRecursive && !round.recursiveAnswer) {
    keepRecursiveAnswer(reply, round);
  }
  const bool isLame = verdict.kind == VerdictKind::Lame;
  const bool refuses = reply.message.header.rcode == dns::RCode::Refused;
  if (isLame) {
    d_parts.counters.add(Metric::LameAnswers);
  }
  if ((isLame || refuses) && !round.asking.recurse && mayThrottle(round, reply.server)) {
    d_parts.caches.speeds.reportLame(reply.server, round.zone(), now);
  }
  walk.fail(isLame ? FailureKind::Lame : FailureKind::Refusing, round.zone(), reply.server.text(), verdict.why);
  walk.note({StepKind::BadServer, 0, question.name, question.type, round.zone(), reply.server, verdict.why, now});
  return std::make_shared<Verdict>();
}

// A zone whose servers are all behind a recursive one still has an answer, if not an authoritative one.
void Asker::keepRecursiveAnswer(const ServerReply& reply, Round& round) const {
  VerdictOptions options = verdictOptions(round);
  options.fromForwarder = true;
  Verdict verdict = judge(reply.message, round.asking.question, round.zone(), options);
  noteSubnet(verdict, reply, round.asking.subnet, *d_parts.options);
  verdict.untold = !round.asking.subnet && isListed(round, reply.server);
  verdict.chain.clear();
  if (verdict.kind < VerdictKind::Lame) {
    round.recursiveAnswer = std::make_shared<Verdict>(std::move(verdict));
  }
}

} // namespace rec
