// The course of a question: reading it, the stages in order, the hand-over to its home worker, waiting, finishing. The
// stages themselves are in stages.cc.
#include "recursor/query/pipeline.hh"

#include <algorithm>

#include "lib/base/log.hh"
#include "lib/dns/message.hh"
#include "recursor/query/hotpath.hh"
#include "recursor/query/querylogging.hh"

namespace rec {
namespace {

using std::chrono::milliseconds;

// Every client has its answer within 5 s, whatever max-total-msec says.
constexpr milliseconds kLongestResolution{4500};
// The resolution ends itself with a better explanation than ours when we give it this much longer.
constexpr milliseconds kGrace{200};

milliseconds resolutionTime(const Settings& settings) {
  const bool limited = settings.maxTotalMsec.count() > 0;
  return limited ? std::min(settings.maxTotalMsec, kLongestResolution) : kLongestResolution;
}

// PowerDNS's modes: who has answers validated, and what becomes of those that fail (RFC 6840 5.7: AD in a question is
// the wish to know).
Checking checkingFor(const Query& query, std::string_view mode) {
  const bool none = query.header.cd || mode == "off" || mode == "process-no-validate";
  if (none) {
    return Checking::None;
  }
  if (mode == "validate" || query.dnssecOk() || query.header.ad) {
    return Checking::Enforce;
  }
  return mode == "log-fail" ? Checking::Report : Checking::None;
}

Outcome failure(dns::EdeCode code, std::string text) {
  Outcome outcome;
  outcome.cacheable = false;
  outcome.errors.push_back({code, std::move(text)});
  return outcome;
}

} // namespace

const Pipeline::Stage Pipeline::kBeforeResolving[] = {
    {"opcode", &Pipeline::checkOpcode},
    {"edns", &Pipeline::checkEdns},
    {"chaos and other classes", &Pipeline::answerChaos},
    {"type", &Pipeline::checkType},
    {"any", &Pipeline::answerAny},
    {"our own question", &Pipeline::checkLoop},
    {"recursion desired", &Pipeline::checkRecursionDesired},
    {"lua: prerpz", &Pipeline::preRpz},
    {"policy on client and question", &Pipeline::judgeQuestion},
    {"lua: preresolve", &Pipeline::preResolve},
    {"local data and caches", &Pipeline::askCaches},
    {"limits on clients", &Pipeline::checkLimits},
};

const Pipeline::Stage Pipeline::kAfterResolving[] = {
    {"DNS rebinding", &Pipeline::checkRebinding},
    {"policy on the servers", &Pipeline::judgeServers},
    {"lua: nodata, nxdomain, postresolve", &Pipeline::postResolve},
    {"root key sentinel", &Pipeline::checkSentinel},
    {"policy on the answer", &Pipeline::judgeAnswer},
    {"order of addresses", &Pipeline::sortAddresses},
    {"compose", &Pipeline::compose},
    {"packet cache", &Pipeline::keep},
    {"send", &Pipeline::send},
    {"log", &Pipeline::log},
};

std::size_t Pipeline::FlightHash::operator()(const FlightKey& key) const {
  const auto type = static_cast<std::size_t>(key.question.type);
  const std::size_t subnet = key.subnet ? key.subnet->network.hash() + key.subnet->bits : 0;
  return key.question.name.hash() ^
         ((type << 1 | (key.checking == Checking::None ? 1U : 0U)) + subnet) * 0x9E3779B97F4A7C15ULL;
}

Pipeline::Waiting::Waiting(Pipeline& owner, const Query& query) : d_owner(owner) {
  d_at = d_owner.d_waiting.insert(d_owner.d_waiting.end(), &query);
  d_owner.d_counters.add(Metric::ConcurrentQueries);
}

Pipeline::Waiting::~Waiting() {
  d_owner.d_waiting.erase(d_at);
  d_owner.d_counters.subtract(Metric::ConcurrentQueries);
}

Pipeline::Pipeline(const Parts& parts)
    : d_parts(parts), d_settings(parts.settings), d_counters(parts.counters), d_subnets(parts.settings),
      d_composer(parts.settings), d_denials(parts.settings), d_flights(parts.loop, parts.roots),
      d_additionals(parts.resolver, parts.loop, parts.roots), d_rebinding(parts.settings) {
  if (parts.anchors != nullptr) {
    d_anchors.emplace(*parts.anchors);
  }
}

void Pipeline::adoptSettings() {
  d_subnets = SubnetPolicy(d_settings);
  d_rebinding = RebindGuard(d_settings);
  d_composer.adoptSettings();
}

void Pipeline::accept(std::span<const std::byte> packet, const Client& client, base::MonoTime received,
                      std::shared_ptr<LuaQuestion> tagged, const RawQuestion* read) {
  const auto header = dns::parseHeader(packet);
  if (!header || header->qr) {
    d_parts.host.reply(client, {});
    return;
  }
  if (d_lua != nullptr && isFiltered(*header, client)) {
    return d_parts.host.reply(client, {});
  }
  if (header->opcode == dns::Opcode::Notify && toldListener(*header, packet, client)) {
    return;
  }
  const AtOnce atOnce = denyAtOnce(packet, client, received, read);
  if (atOnce == AtOnce::Denied) {
    return;
  }
  auto query = std::make_shared<Query>();
  const bool isRead = read != nullptr && !d_subnets.isOn(); // a client subnet is not in it
  if (isRead) {
    query->question = read->question();
    if (read->hasEdns) query->edns = read->edns();
  } else {
    auto message = dns::parseMessage(packet);
    if (!message || !message->question) {
      return refuseUnread(*header, message.ok(), client);
    }
    query->question = std::move(*message->question);
    query->edns = std::move(message->edns);
  }
  query->client = client;
  query->isUnlisted = atOnce == AtOnce::Unlisted;
  query->header = *header;
  query->received = received;
  query->deadline = received + resolutionTime(d_settings) + kGrace;
  countQuestion(*query);
  if (d_lua != nullptr) {
    beginLua(packet, *query, std::move(tagged));
  }
  runBefore(query, isRead ? kReadInPlace : 0);
}

void Pipeline::runBefore(const QueryPtr& query, std::size_t from) {
  for (const Stage& stage : std::span(kBeforeResolving).subspan(from)) {
    const Step step = (this->*stage.run)(*query);
    if (step == Step::Answer) {
      return finish(query);
    }
    if (step != Step::Next && isLeft(query, step)) {
      return;
    }
  }
  beginWaiting(query);
}

// Whether the stages end here: there will be no answer, or a script wants something first.
bool Pipeline::isLeft(const QueryPtr& query, Step step) {
  if (step == Step::Drop) {
    d_parts.host.reply(query->client, {});
    if (isLogged(*query)) logAnswer(*d_parts.queryLog, *query, {}, d_parts.loop.now() - query->received);
  } else if (step == Step::AskUdp) {
    beginUdp(query);
  }
  return step == Step::Drop || step == Step::AskUdp;
}

void Pipeline::beginWaiting(const QueryPtr& query) {
  d_counters.add(Metric::CacheMisses);
  const std::uint32_t home = homeOf(*query);
  if (home == d_parts.host.self()) {
    receive(query);
  } else {
    query->missed = false; // by then somebody else may have asked for it
    d_parts.host.handOver(home, query);
  }
}

void Pipeline::refuseUnread(const dns::Header& header, bool empty, const Client& client) {
  d_counters.add(empty ? Metric::EmptyQueries : Metric::ClientParseErrors);
  if (d_settings.logCommonErrors) {
    base::log(base::LogLevel::Info, "a packet of " + client.source.textWithPort() + " cannot be read");
  }
  const bool known = header.opcode == dns::Opcode::Query || header.opcode == dns::Opcode::Notify;
  const dns::RCode rcode = known ? dns::RCode::FormErr : dns::RCode::NotImp;
  countRCode(d_counters, rcode);
  d_parts.host.reply(client, d_composer.headerOnly(header, rcode));
  if (d_parts.queryLog != nullptr && d_parts.queryLog->isOn()) logUnread(*d_parts.queryLog, header, rcode, client);
}

void Pipeline::countQuestion(const Query& query) {
  d_counters.add(Metric::DnssecQueries, query.dnssecOk() ? 1 : 0);
  d_counters.add(Metric::DnssecAuthenticDataQueries, query.header.ad ? 1 : 0);
  d_counters.add(Metric::DnssecCheckDisabledQueries, query.header.cd ? 1 : 0);
  if (d_parts.types != nullptr) {
    d_parts.types->add(query.question.type);
  }
  if (d_mapping) {
    d_mapping->noteQuestion(query.client.source, query.question.name);
  }
  if (d_parts.top != nullptr) {
    d_parts.top->note(TopEvent::Asked, query.question.name.wire(), query.question.type, query.client.source);
  }
}

std::uint32_t Pipeline::homeOf(const Query& query) const {
  const std::size_t hash = FlightHash{}({query.wanted(), Checking::Enforce});
  return static_cast<std::uint32_t>((hash >> 16) % d_parts.host.workers());
}

void Pipeline::receive(const QueryPtr& query) {
  if (query->errand == Errand::Renew) {
    return d_parts.roots.spawn(resolveRenewal(query));
  }
  if (query->errand == Errand::Renewed) {
    return endRenewal(*query);
  }
  if (query->errand == Errand::Landed) {
    query->errand = Errand::Answer;
    return finish(query);
  }
  if (d_waiting.size() >= d_settings.maxOutstandingQueries) {
    d_counters.add(Metric::OverCapacityDrops);
    d_parts.host.reply(query->client, {});
    return;
  }
  d_parts.roots.spawn(serve(query));
}

// ANY is answered with one type that the name has (RFC 8482 4.1): the commonest one.
Request Pipeline::requestFor(const Query& query) const {
  Request request;
  request.question = query.wanted();
  if (request.question.type == dns::RRType::ANY) {
    request.question.type = dns::RRType::A;
  }
  request.client = query.client.source;
  request.dnssecOk = query.dnssecOk();
  request.checkingDisabled = query.header.cd;
  request.checking = query.validated ? Checking::Enforce : checkingFor(query, d_settings.dnssec);
  request.cacheOnly = !query.header.rd;
  request.allowStale = false;
  request.asItIs = request.checkingDisabled && request.dnssecOk;
  request.subnet = subnetOf(query);
  request.deadline = query.received + resolutionTime(d_settings);
  haveServersJudged(query, request);
  if (d_parts.tracer != nullptr) {
    request.trace = d_parts.tracer->begin(request.question, query.received);
  }
  return request;
}

std::optional<base::Netmask> Pipeline::subnetOf(const Query& query) const {
  if (!d_subnets.isOn()) {
    return std::nullopt;
  }
  const base::Address& source = query.client.source;
  const base::Address& client = d_mapping ? d_mapping->forServers(source, query.question.name) : source;
  return d_subnets.networkFor(client, query.edns ? query.edns->clientSubnet : std::nullopt);
}

// Where servers are told the network, questions for several of them are several questions. An alias may lead there
// without anybody knowing yet: see isForOthers().
Pipeline::FlightKey Pipeline::keyOf(const Request& request) const {
  return {request.question, request.checking, request.asItIs,
          d_subnets.lists(request.question) ? request.subnet : std::nullopt, request.judgement};
}

// The outcome turned out to be for one network, and this client is not in it.
bool Pipeline::isForOthers(const coro::Flight<Outcome>& flight, const Query& query) const {
  if (flight.failed() || !flight.value().scope) {
    return false;
  }
  const auto subnet = subnetOf(query);
  return subnet && !flight.value().scope->covers(*subnet);
}

// The outcome has signatures and proofs, whoever asked first: composing leaves out what a client did not ask for.
Pipeline::Flights::FlightPtr Pipeline::join(const Query& query, bool apart) {
  const bool isRenewal = query.errand != Errand::Answer;
  Request request = isRenewal ? renewalOf(query) : requestFor(query);
  request.dnssecOk = true;
  request.allowStale = d_settings.serveStaleExtensions > 0;
  request.missed = query.missed && !isRenewal && !apart;
  FlightKey key = keyOf(request);
  if (apart) {
    key.subnet = request.subnet;
  }
  const auto existing = d_flights.find(key);
  if (existing && d_settings.maxChainLength != 0 && existing->joined > d_settings.maxChainLength) {
    d_counters.add(Metric::ChainLimits);
    return nullptr;
  }
  const bool more = d_additionals.wants(request.question.type);
  auto flight =
      d_flights.join(key, [&] { return more ? resolveWithMore(std::move(request)) : resolve(std::move(request)); });
  d_counters.raise(Metric::MaxChainLength, flight->joined - 1);
  d_counters.add(Metric::MergedQuestions, flight->joined > 1 && !isRenewal ? 1 : 0);
  return flight;
}

coro::Task<Outcome> Pipeline::resolve(Request request) {
  const dns::Question question = request.question;
  const std::shared_ptr<Trace> trace = request.trace;
  auto outcome = co_await d_parts.resolver.resolve(std::move(request));
  if (trace) {
    d_parts.tracer->end(question, *trace, outcome);
  }
  co_return outcome;
}

// With what comes along with it.
coro::Task<Outcome> Pipeline::resolveWithMore(Request request) {
  Request like = request;
  auto outcome = co_await resolve(std::move(request));
  co_return co_await d_additionals.complete(std::move(like), std::move(outcome));
}

coro::Task<void> Pipeline::serve(QueryPtr query) {
  const Waiting waiting(*this, *query);
  const base::MonoTime begun = d_parts.loop.now();
  auto flight = join(*query);
  if (!flight) {
    land(*query, flight, true);
    finish(query);
    co_return;
  }
  const bool isFirst = flight->joined == 1;
  coro::Gate& gate = flight->gate;
  if (d_settings.serveStaleExtensions > 0) {
    const base::MonoTime patience = query->received + d_settings.serveStaleClientTimeout;
    const bool fresh = co_await coro::GateWait(gate, patience);
    if (!fresh && answerStale(*query)) {
      finish(query);
      co_return;
    }
  }
  const base::MonoTime deadline = query->deadline;
  bool inTime = co_await coro::GateWait(gate, deadline);
  if (isFirst) {
    noteResolved(*query, *flight, inTime);
  }
  if (inTime && isForOthers(*flight, *query)) {
    flight = join(*query, true);
    if (flight) {
      coro::Gate& own = flight->gate;
      inTime = co_await coro::GateWait(own, deadline);
    }
  }
  query->waited = d_parts.loop.now() - begun;
  land(*query, flight, inTime);
  finish(query);
}

void Pipeline::land(Query& query, const Flights::FlightPtr& flight, bool inTime) {
  if (!flight) {
    adopt(query, failure(dns::EdeCode::Other, "too many questions wait for this name"));
  } else if (!inTime) {
    d_counters.add(Metric::MaxTotalMsecExceeded);
    adopt(query, failure(dns::EdeCode::NetworkError,
                         "no answer within " + std::to_string(resolutionTime(d_settings).count()) + " ms"));
  } else if (flight->failed()) {
    adopt(query, failure(dns::EdeCode::Other, "internal error"));
  } else {
    adopt(query, Outcome(flight->value()));
  }
}

// RFC 8767 5: the client does not wait longer than the client response timer when expired data is there.
bool Pipeline::answerStale(Query& query) {
  Request request = requestFor(query);
  request.allowStale = true;
  auto outcome = d_parts.resolver.fromCache(request);
  if (!outcome) {
    return false;
  }
  adopt(query, std::move(*outcome));
  return true;
}

void Pipeline::finish(const QueryPtr& query) {
  if (query->lua && needsReturn(*query)) {
    query->errand = Errand::Landed;
    return d_parts.host.handOver(query->client.worker, query);
  }
  for (const Stage& stage : kAfterResolving) {
    const Step step = (this->*stage.run)(*query);
    if (step != Step::Next && isLeft(query, step)) {
      return;
    }
    if (step == Step::Follow) {
      return followAlias(query);
    }
  }
}

// Once for a question at most: what is followed is not judged again.
void Pipeline::followAlias(const QueryPtr& query) {
  if (askCaches(*query) == Step::Answer) {
    return finish(query);
  }
  beginWaiting(query);
}

std::size_t Pipeline::mergedWith(const Query& query) const {
  const auto flight = d_flights.find(keyOf(requestFor(query)));
  return flight ? flight->joined - 1 : 0;
}

} // namespace rec
