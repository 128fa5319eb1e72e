// ask(): 1. gather known addresses  2. choose one, ask it (hedged), judge the answer  3. of use: done  4. none left:
// learn more addresses, first of servers without glue, at last also of those whose glue failed and of the child's own
// name servers
// 5. once more the silent ones: packets get lost  6. give up.
#include "recursor/resolve/asker.hh"

#include <algorithm>
#include <deque>

#include "lib/base/random.hh"
#include "lib/coro/race.hh"
#include "lib/dns/rdata.hh"
#include "recursor/resolve/cached.hh"
#include "recursor/trust/keytags.hh"

namespace rec {
namespace {

using dns::RRType;
// How long one name server's address is waited for while there are others to look up; the look-up goes on meanwhile.
constexpr std::chrono::milliseconds kPatience{1000};
constexpr unsigned kMaxRounds = 3; // times a silent server is asked

template <typename T> void shuffle(std::vector<T>& items) {
  for (std::size_t i = items.size(); i > 1; --i) {
    std::swap(items[i - 1], items[base::randomBelow(static_cast<std::uint32_t>(i))]);
  }
}

FailureKind kindOf(ExchangeStatus status) {
  switch (status) {
  case ExchangeStatus::Unreachable:
  case ExchangeStatus::NotAllowed: return FailureKind::Network;
  case ExchangeStatus::Malformed: return FailureKind::Malformed;
  default: return FailureKind::Silent;
  }
}

} // namespace

// Where addresses come from, the better sources first.
enum class Sources : std::uint8_t {
  Parent,       // glue, and look-ups of the names that came without
  ChildAndZone, // the zone's own NS set, and what the servers' own zones say of names that had glue
  All           // what the parents of those zones say of them
};

struct Asker::Round {
  explicit Round(Asking what) : asking(std::move(what)) {}
  [[nodiscard]] const dns::Name& zone() const { return asking.zone->zone; }
  [[nodiscard]] bool has(const base::Address& address) const {
    return std::find(candidates.begin(), candidates.end(), address) != candidates.end();
  }
  void addAll(const std::vector<base::Address>& addresses) {
    for (const base::Address& address : addresses) {
      if (!has(address)) {
        candidates.push_back(address);
      }
    }
  }

  Asking asking;
  std::vector<base::Address> candidates;
  std::vector<base::Address> tried;
  std::vector<base::Address> silent; // tried, no answer
  std::deque<AddressKey> missing;    // addresses that could be looked up
  std::vector<AddressKey> slow;      // looked up, but not found within kPatience
  VerdictPtr recursiveAnswer;        // of a recursive server that should be authoritative: when nothing else is
  Sources sources = Sources::Parent;
  std::vector<dns::Name> glueless; // name servers whose addresses were looked up
  bool patient = false;            // the slow ones are waited for now
  unsigned round = 1;
};

void Asker::queueMissing(Round& round, const NameServer& server) const {
  round.glueless.push_back(server.name);
  const Addresses::Cached cached = d_addresses.cached(server.name);
  round.addAll(cached.addresses);
  if (!cached.v4Known) {
    round.missing.push_front(AddressKey{server.name, RRType::A});
  }
  if (!cached.v6Known) {
    round.missing.push_back(AddressKey{server.name, RRType::AAAA});
  }
}

// What the server's own zone says of its address, even where its parent has given one.
void Asker::queueAuthoritative(Round& round, const dns::Name& server) const {
  const Addresses::Cached cached = d_addresses.cached(server);
  round.addAll(cached.addresses);
  round.glueless.push_back(server);
  if (cached.fromGlue || !cached.v4Known) {
    round.missing.push_back(AddressKey{server, RRType::A});
  }
  if (cached.fromGlue || !cached.v6Known) {
    round.missing.push_back(AddressKey{server, RRType::AAAA});
  }
}

void Asker::gather(Round& round) const {
  std::vector<const NameServer*> servers;
  for (const NameServer& server : round.asking.zone->servers) {
    round.addAll(server.glue);
    if (server.glue.empty()) {
      servers.push_back(&server);
    }
  }
  shuffle(servers);
  for (const NameServer* server : servers) {
    queueMissing(round, *server);
  }
}

// The parent's word failed: what the zone itself says of its servers, and what their own zones say of their addresses.
void Asker::queueLastResort(Round& round) const {
  if (round.asking.recurse || round.zone().isRoot()) {
    return;
  }
  for (const NameServer& server : round.asking.zone->servers) {
    if (server.name.isWithin(round.zone())) {
      round.addAll(d_addresses.cached(server.name).addresses); // the zone itself would have to be asked
    } else {
      queueAuthoritative(round, server.name);
    }
  }
  const auto child = d_parts.caches.records.find(round.zone(), RRType::NS, d_parts.loop.wall(), Rank::AuthorityAuth);
  if (!child || !d_parts.options->saveParentNsSet) {
    return;
  }
  std::size_t left = d_parts.options->verdict.maxNameservers;
  for (const dns::Rdata rdata : child->rrset.rdatas()) {
    if (left-- == 0) {
      d_parts.counters.add(Metric::MaxNsPerResolveExceeded);
      return;
    }
    const auto name = dns::readNameRdata(rdata);
    const auto& known = round.asking.zone->servers;
    const bool isNew = name && std::none_of(known.begin(), known.end(),
                                            [&](const NameServer& server) { return server.name == *name; });
    if (isNew) {
      queueMissing(round, NameServer{*name, {}});
    }
  }
}

void Asker::openNextSource(Round& round) const {
  if (round.sources == Sources::Parent) {
    round.sources = Sources::ChildAndZone;
    queueLastResort(round);
    return;
  }
  round.sources = Sources::All;
  for (const dns::Name& server : round.glueless) {
    round.addAll(d_addresses.parentGlue(server));
  }
}

// Looks up one more missing address at a time. True when there is a new candidate.
coro::Task<bool> Asker::learnAddresses(Round& round, Walk& walk) {
  const std::size_t before = round.candidates.size();
  while (round.candidates.size() == before) {
    if (round.missing.empty() && !round.slow.empty()) {
      round.missing.assign(round.slow.begin(), round.slow.end());
      round.slow.clear();
      round.patient = true;
    }
    if (round.missing.empty()) {
      if (round.sources == Sources::All) {
        co_return false;
      }
      openNextSource(round);
      continue;
    }
    const AddressKey wanted = round.missing.front();
    round.missing.pop_front();
    dns::Name server = wanted.name;
    const bool impatient = !round.patient && !round.missing.empty();
    const base::MonoTime until = impatient ? d_parts.loop.now() + kPatience : walk.work->deadline;
    auto found = co_await d_addresses.find(server, wanted.type, until, walk);
    if (found.empty() && impatient && d_parts.loop.now() >= until) {
      round.slow.push_back(wanted);
    } else if (found.empty()) {
      walk.fail(FailureKind::NoAddress, round.zone(), wanted.name.text(), "has no usable " + dns::text(wanted.type));
    }
    round.addAll(found);
    if (walk.work->exhausted() || d_parts.loop.now() >= walk.work->deadline) {
      co_return false;
    }
  }
  co_return true;
}

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

std::vector<base::Address> Asker::knownAddressesOf(const Delegation& zone) const {
  std::vector<base::Address> known;
  for (const NameServer& server : zone.servers) {
    const std::vector<base::Address> cached = d_addresses.cached(server.name).addresses;
    known.insert(known.end(), server.glue.begin(), server.glue.end());
    known.insert(known.end(), cached.begin(), cached.end());
  }
  return known;
}

bool Asker::knowsAddressOf(const Delegation& zone) const {
  return std::any_of(zone.servers.begin(), zone.servers.end(), [&](const NameServer& server) {
    return !server.glue.empty() || !d_addresses.cached(server.name).addresses.empty();
  });
}

coro::Task<VerdictPtr> Asker::ask(Asking asking, Walk& walk) {
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
    auto verdict = co_await askOne(round, chosen, walk);
    if (walk.work->exhausted()) {
      break; // the answer itself was too much (max-bytesperq)
    }
    if (verdict->kind != VerdictKind::ServerError) {
      co_return verdict;
    }
  }
  if (round.recursiveAnswer && !walk.work->exhausted()) {
    co_return round.recursiveAnswer;
  }
  if (!walk.work->exhausted() && !round.asking.onlyKnown && d_parts.loop.now() < walk.work->deadline) {
    d_parts.counters.add(Metric::NssetInvalidations);
  }
  co_return std::make_shared<Verdict>();
}

coro::Task<VerdictPtr> Asker::askOne(Round& round, ServerChoice choice, Walk& walk) {
  const dns::Question& question = round.asking.question;
  round.tried.push_back(choice.server);
  walk.note({StepKind::Ask, 0, question.name, question.type, round.zone(), choice.server, {}, d_parts.loop.now()});
  auto reply = co_await hedged(round, choice, walk);
  co_return examine(reply, round, walk);
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

ServerQuestion Asker::questionTo(const Round& round, const ServerChoice& choice, const Walk& walk) const {
  ServerQuestion question;
  question.server = choice.server;
  question.question = round.asking.question;
  question.recursionDesired = round.asking.recurse;
  question.configured = round.asking.recurse || (round.asking.zone->fixed && !round.zone().isRoot()); // forward-zones
  question.dnssecOk = walk.dnssecOk;
  question.checkingDisabled = round.asking.recurse && walk.dnssecOk; // RFC 6840 5.9: we check for ourselves
  question.mayThrottle = mayThrottle(round, choice.server);
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
  return question;
}

// One server, and a second one beside it when it is later than it usually is (within the budget of extra questions).
class Hedge {
 public:
  Hedge(coro::Loop& loop, std::shared_ptr<Work> account) : race(loop), work(std::move(account)) {}
  coro::Race<ServerReply> race;
  std::shared_ptr<Work> work;
  base::MonoTime late; // when the last of the running exchanges has ended by itself
};

bool Asker::startSecond(Round& round, const ServerChoice& first, Walk& walk, Hedge& hedge) {
  const base::MonoTime now = d_parts.loop.now();
  const auto second = choose(round);
  if (!second || d_parts.caches.speeds.get(second->server, now).down || !d_parts.selector.mayHedge()) {
    return false;
  }
  d_parts.caches.speeds.reportLate(first.server, first.hedgeAfter, now);
  round.tried.push_back(second->server);
  ServerQuestion question = questionTo(round, *second, walk);
  hedge.late = std::max(hedge.late, question.deadline);
  walk.note(
      {StepKind::Hedge, 0, question.question.name, question.question.type, round.zone(), second->server, {}, now});
  d_parts.counters.add(Metric::HedgedOutqueries);
  ++walk.work->hedges;
  hedge.race.start(d_parts.exchange.ask(std::move(question), *hedge.work));
  return true;
}

coro::Task<ServerReply> Asker::hedged(Round& round, ServerChoice choice, Walk& walk) {
  ServerQuestion question = questionTo(round, choice, walk);
  Work& work = *walk.work;
  if (round.tried.size() >= round.candidates.size() || choice.hedgeAfter >= choice.timeout) {
    co_return co_await d_parts.exchange.ask(std::move(question), work);
  }
  constexpr std::chrono::milliseconds kGrace{50}; // an exchange ends itself at its deadline
  Hedge hedge(d_parts.loop, walk.work);
  hedge.late = question.deadline;
  const base::MonoTime hedgeAt = d_parts.loop.now() + choice.hedgeAfter;
  hedge.race.start(d_parts.exchange.ask(std::move(question), work));
  auto reply = co_await hedge.race.next(hedgeAt);
  if (!reply) {
    const bool second = startSecond(round, choice, walk, hedge);
    const base::MonoTime late = hedge.late + kGrace;
    reply = co_await hedge.race.next(late);
    if (second && reply && reply->server != choice.server) {
      d_parts.counters.add(Metric::HedgeWins);
    }
  }
  while (reply && hedge.race.running() > 0) {
    const bool useless =
        reply->status != ExchangeStatus::Answered ||
        judge(reply->message, round.asking.question, round.zone(), verdictOptions(round)).kind >= VerdictKind::Lame;
    if (!useless) {
      break;
    }
    examine(*reply, round, walk);
    const base::MonoTime late = hedge.late + kGrace;
    reply = co_await hedge.race.next(late);
  }
  if (!reply) {
    ServerReply silent;
    silent.server = choice.server;
    silent.detail = "timed out";
    co_return silent;
  }
  co_return std::move(*reply);
}

VerdictOptions Asker::verdictOptions(const Round& round) const {
  VerdictOptions options = d_parts.options->verdict;
  options.fromForwarder = round.asking.recurse;
  return options;
}

VerdictPtr Asker::noAnswer(const ServerReply& reply, Round& round, Walk& walk) {
  const FailureKind kind = kindOf(reply.status);
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

// What a server said; referrals are noted by whoever follows them.
void Asker::noteAnswer(const Verdict& verdict, const ServerReply& reply, const dns::Question& question,
                       const Walk& walk) const {
  if (!walk.trace || verdict.kind == VerdictKind::Referral) {
    return;
  }
  StepKind kind = StepKind::Records;
  switch (verdict.kind) {
  case VerdictKind::Alias: kind = StepKind::Alias; break;
  case VerdictKind::NoData: kind = StepKind::NoData; break;
  case VerdictKind::NxDomain: kind = StepKind::NxDomain; break;
  default: break;
  }
  std::string detail = kind == StepKind::Alias ? verdict.target.text() : std::string();
  walk.note({kind, 0, question.name, question.type, {}, reply.server, std::move(detail), d_parts.loop.now()});
}

VerdictPtr Asker::examine(const ServerReply& reply, Round& round, Walk& walk) {
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
  if (reply.message.edns && reply.message.edns->reportChannel) {
    verdict.reportTo = std::make_shared<const dns::Name>(*reply.message.edns->reportChannel);
  }
  if (verdict.kind < VerdictKind::Lame) {
    noteAnswer(verdict, reply, question, walk);
    return shared;
  }
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
  verdict.chain.clear();
  if (verdict.kind < VerdictKind::Lame) {
    round.recursiveAnswer = std::make_shared<Verdict>(std::move(verdict));
  }
}

} // namespace rec
