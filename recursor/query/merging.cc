// Pipeline: what a question asks of the resolver, and waiting for it. Equal questions wait for one resolution (a
// flight); whoever has waited long enough has stale data or a failure.
#include <algorithm>

#include "recursor/query/pipeline.hh"

namespace rec {
namespace {

// Every client has its answer within 5 s, whatever max-total-msec says.
constexpr std::chrono::milliseconds kLongestResolution{4500};

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

} // namespace

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

std::chrono::milliseconds Pipeline::resolutionTime() const {
  const bool limited = d_settings.maxTotalMsec.count() > 0;
  return limited ? std::min(d_settings.maxTotalMsec, kLongestResolution) : kLongestResolution;
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
  request.deadline = query.received + resolutionTime();
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
  return request.trace ? resolveTraced(std::move(request)) : d_parts.resolver.resolve(std::move(request));
}

coro::Task<Outcome> Pipeline::resolveTraced(Request request) {
  const dns::Question question = request.question;
  const std::shared_ptr<Trace> trace = request.trace;
  auto outcome = co_await d_parts.resolver.resolve(std::move(request));
  d_parts.tracer->end(question, *trace, outcome);
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
    adopt(query, Outcome::failure(dns::EdeCode::Other, "too many questions wait for this name"));
  } else if (!inTime) {
    d_counters.add(Metric::MaxTotalMsecExceeded);
    adopt(query, Outcome::failure(dns::EdeCode::NetworkError,
                                  "no answer within " + std::to_string(resolutionTime().count()) + " ms"));
  } else if (flight->failed()) {
    adopt(query, Outcome::failure(dns::EdeCode::Other, "internal error"));
  } else {
    adopt(query, flight->take());
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

std::size_t Pipeline::mergedWith(const Query& query) const {
  const auto flight = d_flights.find(keyOf(requestFor(query)));
  return flight ? flight->joined - 1 : 0;
}

} // namespace rec
