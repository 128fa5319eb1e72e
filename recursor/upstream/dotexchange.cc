// DNS over TLS to authoritative servers: see the steps in dotexchange.hh.
#include "recursor/upstream/dotexchange.hh"

#include <algorithm>
#include <utility>

#include "lib/base/log.hh"
#include "lib/coro/wait.hh"
#include "recursor/upstream/selector.hh"

namespace rec {

namespace {

constexpr std::uint16_t kDnsPort = 53;
constexpr std::uint16_t kTlsPort = 853; // RFC 7858 3.1
// A server that was silent over TLS for so long does not speak it; after less it is probed.
constexpr std::chrono::seconds kFairTrial{1};

bool isAnswer(const ServerReply& reply) { return reply.status == ExchangeStatus::Answered; }

// Whether it is TLS, or the server, that failed, and not this resolver that would or could not ask.
bool isFailure(const ServerReply& reply) {
  switch (reply.status) {
  case ExchangeStatus::TimedOut:
  case ExchangeStatus::Unreachable:
  case ExchangeStatus::Malformed: return !reply.ownFault;
  default: return false;
  }
}

// Of a server that serves the zone: not one that has lost it, nor a resolver that happens to be at the same address.
bool isProper(const ServerReply& reply) {
  const dns::Header& header = reply.message.header;
  const bool good = header.rcode == dns::RCode::NoError || header.rcode == dns::RCode::NXDomain;
  return isAnswer(reply) && good && (header.aa || !header.ra);
}

// The question says nothing, or nothing good, about what is at the server's port.
bool isUseless(const ServerReply& reply) { return isFailure(reply) || (isAnswer(reply) && !isProper(reply)); }

} // namespace

// Stands beside a wait for an answer over TLS. A server that is given up because another one was quicker would never be
// found out otherwise: connections that hang, answers that drip.
class DotExchange::Watch {
 public:
  Watch(DotExchange& exchange, const base::Address& server, Encryption how, bool mayThrottle)
      : d_exchange(exchange), d_server(server), d_how(how), d_mayThrottle(mayThrottle),
        d_since(exchange.d_parts.loop.clock().mono()) {}
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  ~Watch() {
    Parts& parts = d_exchange.d_parts;
    const base::MonoTime now = parts.loop.clock().mono();
    if (d_over || now - d_since < usualWait(parts.speeds.get(d_server, now))) return;
    if (d_how == Encryption::Required)
      parts.speeds.reportTimeout(d_server, now, d_mayThrottle);
    else
      d_exchange.doubt(d_server);
  }
  void over() { d_over = true; }

 private:
  DotExchange& d_exchange;
  base::Address d_server;
  Encryption d_how;
  bool d_mayThrottle;
  base::MonoTime d_since;
  bool d_over = false;
};

// Of a probe: ended without a result when its coroutine goes before.
class DotExchange::Claim {
 public:
  Claim(const Parts& parts, const base::Address& server) : d_parts(parts), d_server(server) {}
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;
  ~Claim() { d_parts.servers.endProbe(d_server, d_good, d_parts.loop.now()); }
  void settle(bool good) { d_good = good; }

 private:
  const Parts& d_parts;
  base::Address d_server;
  std::optional<bool> d_good;
};

DotExchange::DotExchange(const Parts& parts, const Options& options) : d_parts(parts) { adopt(options); }

void DotExchange::adopt(const Options& options) {
  d_options = options;
  Endpoint endpoint;
  endpoint.scheme = Scheme::Tls;
  endpoint.unchecked = true;
  endpoint.maxConnections = options.maxConnections;
  d_endpoint = std::make_shared<const Endpoint>(std::move(endpoint));
}

Encryption DotExchange::wayTo(const base::Address& server) const {
  if (!d_parts.servers.probes() || server.port() != kDnsPort) return Encryption::None;
  switch (d_parts.servers.get(server, d_parts.loop.now())) {
  case DotState::Unknown: return d_parts.servers.mayProbe() ? Encryption::Probe : Encryption::None;
  case DotState::Good: return Encryption::Preferred;
  case DotState::Busy: // RFC 9539 4.6.1: nobody waits for the probe
  case DotState::Bad: break;
  }
  return Encryption::None;
}

coro::Task<ReplyPtr> DotExchange::ask(ServerQuestion question, Work& work) {
  switch (question.encryption) {
  case Encryption::None: break;
  case Encryption::Probe: return askAndProbe(std::move(question), work);
  case Encryption::Preferred: return askTlsFirst(std::move(question), work);
  case Encryption::Required: return askTlsOnly(std::move(question), work);
  }
  return d_parts.exchange.ask(std::move(question), work);
}

// A server that is alive and serves the zone is worth a probe.
coro::Task<ReplyPtr> DotExchange::askAndProbe(ServerQuestion question, Work& work) {
  const base::Address server = question.server;
  const auto zone = std::exchange(question.zone, nullptr);
  const bool configured = question.configured;
  auto reply = co_await d_parts.exchange.ask(std::move(question), work);
  if (!zone || !isProper(*reply)) co_return reply;
  const DotProbe what{*zone, configured};
  if (d_parts.servers.beginProbe(server, what, d_parts.loop.now())) {
    d_parts.roots.spawn(probe(server, what));
  }
  co_return reply;
}

coro::Task<ReplyPtr> DotExchange::askTlsFirst(ServerQuestion question, Work& work) {
  const base::Address server = question.server;
  const base::MonoTime started = d_parts.loop.now();
  ServerQuestion encrypted = overTls(question);
  encrypted.deadline = question.deadline - question.inClear;
  Watch watch(*this, server, Encryption::Preferred, false);
  auto reply = co_await d_parts.exchange.ask(std::move(encrypted), work);
  watch.over();
  reply->server = server;
  if (isProper(*reply)) tookAnswer(server, *reply);
  const base::MonoTime now = d_parts.loop.now();
  const bool mayAsk = (isUseless(*reply) || reply->ownFault) && now < work.deadline;
  if (!mayAsk) co_return reply;
  const bool wasFair = isFailure(*reply) && (reply->status != ExchangeStatus::TimedOut || now - started >= kFairTrial);
  question.deadline = std::min(now + question.inClear, work.deadline);
  co_return co_await askClearly(std::move(question), std::move(reply), wasFair, work);
}

// After TLS failed, or brought nothing of use; an answer over TLS stands when there is none in clear.
coro::Task<ReplyPtr> DotExchange::askClearly(ServerQuestion question, ReplyPtr overTls, bool wasFair, Work& work) {
  const base::Address server = question.server;
  d_parts.counters.add(Metric::DotFallbacks);
  auto reply = co_await d_parts.exchange.ask(std::move(question), work);
  if (isAnswer(*overTls) && !isAnswer(*reply)) co_return overTls;
  if (isFailure(*overTls) ? isAnswer(*reply) : isUseless(*overTls) && isProper(*reply)) lostTls(server, wasFair);
  reply->tlsTrouble = std::move(overTls->detail);
  co_return reply;
}

// It answers without TLS (RFC 9539 4.6.6), or better. Where neither works it is the server or the network that is down,
// and nothing is learned about TLS.
void DotExchange::lostTls(const base::Address& server, bool wasFair) {
  if (wasFair)
    d_parts.servers.failed(server, d_parts.loop.now());
  else
    doubt(server);
}

coro::Task<ReplyPtr> DotExchange::askTlsOnly(ServerQuestion question, Work& work) {
  const base::Address server = question.server;
  const bool mayThrottle = question.mayThrottle;
  ServerQuestion encrypted = overTls(question);
  Watch watch(*this, server, Encryption::Required, mayThrottle);
  auto reply = co_await d_parts.exchange.ask(std::move(encrypted), work);
  watch.over();
  reply->server = server;
  if (isAnswer(*reply))
    tookAnswer(server, *reply);
  else if (isFailure(*reply) || reply->ownFault)
    complain(server, *reply, mayThrottle);
  co_return reply;
}

// The session is resumed where there is one, data is never sent early, and no name is told (RFC 9539 4.6.3).
ServerQuestion DotExchange::overTls(const ServerQuestion& question) const {
  ServerQuestion encrypted = question;
  encrypted.server = question.server.withPort(kTlsPort);
  encrypted.endpoint = d_endpoint;
  encrypted.encryption = Encryption::None; // it is the endpoint that says so from here on
  return encrypted;
}

// The selector chooses by what it knows of the plain server: once a connection is up both take one round trip.
void DotExchange::tookAnswer(const base::Address& server, const ServerReply& reply) {
  const base::MonoTime now = d_parts.loop.now();
  d_parts.speeds.reportRtt(server, reply.rtt, now);
  d_parts.servers.answered(server, now);
}

void DotExchange::complain(const base::Address& server, ServerReply& reply, bool mayThrottle) {
  const base::MonoTime now = d_parts.loop.now();
  reply.detail = "over DoT, which is required: " + reply.detail;
  d_parts.counters.add(Metric::DotRequiredFailures);
  if (!reply.ownFault) d_parts.speeds.reportTimeout(server, now, mayThrottle);
  if (!d_parts.servers.mayComplain(server, now)) return;
  base::log(base::LogLevel::Warning, "name server " + server.text() + " does not answer " + reply.detail);
}

void DotExchange::doubt(const base::Address& server) {
  if (const auto what = d_parts.servers.beginDoubt(server, d_parts.loop.now())) {
    d_parts.roots.spawn(probe(server, *what));
  }
}

coro::Task<void> DotExchange::probe(base::Address server, DotProbe what) {
  Claim claim(d_parts, server);
  co_await coro::Yield(d_parts.loop); // the client's answer goes first
  d_parts.counters.add(Metric::DotProbes);
  ServerQuestion plain;
  plain.server = server;
  plain.question = {std::move(what.zone), dns::RRType::SOA, dns::RRClass::IN};
  plain.configured = what.configured;
  plain.deadline = d_parts.loop.now() + d_options.probeTimeout;
  Work work{WorkLimits()};
  work.deadline = plain.deadline;
  ServerQuestion encrypted = overTls(plain);
  auto reply = co_await d_parts.exchange.ask(std::move(encrypted), work);
  const bool good = isProper(*reply) && reply->message.header.aa;
  if (!good && !isAnswer(*reply) && !isFailure(*reply)) co_return; // it was not asked
  d_parts.counters.add(good ? Metric::DotProbeSuccesses : Metric::DotProbeFailures);
  claim.settle(good);
}

} // namespace rec
