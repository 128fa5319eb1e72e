// The way of one question to one server: see the steps in wireexchange.hh.
#include "recursor/upstream/wireexchange.hh"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "lib/base/hash.hh"
#include "lib/base/random.hh"
#include "lib/dns/fold.hh"
#include "recursor/upstream/https.hh"
#include "recursor/upstream/tls.hh"
#include "recursor/upstream/udp.hh"

namespace rec {

namespace {

constexpr std::size_t kMaxQuerySize = 1024; // header, name, OPT with a cookie: less than 400 octets; padded
constexpr std::size_t kPaddedTo = 128;      // queries are a multiple of that long (RFC 8467 4.1)

// Of each kind besides all-outqueries; by TransportKind.
constexpr std::array<std::optional<Metric>, kTransportCount> kOutqueries{std::nullopt, Metric::TcpOutqueries,
                                                                         Metric::DotOutqueries, Metric::DohOutqueries};

bool hasSubnet(const dns::Message& message) { return message.edns && message.edns->clientSubnet; }

// Of an answer that stands.
SubnetEcho echoIn(const Attempt& attempt, const Progress& progress, const dns::Message& message) {
  if (!attempt.edns || !attempt.subnet) {
    if (progress.subnetWithheld) return SubnetEcho::Withheld;
    return progress.subnetDropped ? SubnetEcho::Dropped : SubnetEcho::NotSent;
  }
  return hasSubnet(message) ? SubnetEcho::Echoed : SubnetEcho::Missing;
}

std::string timedOutText(std::chrono::nanoseconds after) {
  return "timed out after " + std::to_string(std::chrono::round<std::chrono::milliseconds>(after).count()) + " ms";
}

} // namespace

WireExchange::WireExchange(coro::Loop& loop, NsSpeeds& speeds, Counters& counters, Latencies& latencies,
                           TransportTable transports, const Options& options)
    : d_loop(loop), d_speeds(speeds), d_counters(counters), d_latencies(latencies), d_transports(std::move(transports)),
      d_options(options), d_local(options.localAddresses), d_scratch(kMaxQuerySize) {}

void WireExchange::adopt(const Options& options) {
  d_options = options;
  for (const auto& transport : d_transports) {
    if (transport) transport->limit(options.tcp);
  }
}

coro::Task<ReplyPtr> WireExchange::ask(ServerQuestion question, Work& work) {
  std::string refusal = whyNot(question);
  Session session = begin(question);
  if (!refusal.empty()) {
    session.reply->status = ExchangeStatus::NotAllowed;
    session.reply->detail = std::move(refusal);
    co_return std::move(session.reply);
  }
  for (;;) {
    if (!work.chargeQuery()) {
      session.reply->status = ExchangeStatus::OverLimit;
      session.reply->detail = work.exceeded;
      co_return std::move(session.reply);
    }
    ReplyMatcher matcher(prepare(session), session.reply->message, d_counters);
    WireQuery query;
    query.server = session.question.server;
    query.endpoint = session.question.endpoint;
    query.id = matcher.query().id;
    query.packet = write(session, matcher.query());
    query.deadline = deadlineOf(session, work);
    countQuery(session);
    Transport& transport = *d_transports[static_cast<std::size_t>(session.attempt.via)];
    LateWatch watch(*this, session);
    auto outcome = co_await transport.exchange(query, matcher);
    watch.over();
    work.chargeBytes(matcher.size());
    work.timeouts += outcome.status == WireStatus::TimedOut ? 1 : 0;
    learn(session, matcher, outcome);
    const Finding finding = examine(session, outcome, matcher);
    const auto next = nextAttempt(session.attempt, finding, session.known.edns, session.progress);
    const bool tooLate = next && d_loop.now() >= work.deadline;
    if (tooLate && outcome.status == WireStatus::Accepted) outcome.status = WireStatus::TimedOut; // it was not enough
    if (!next || tooLate) co_return finish(session, outcome);
    countFallback(session, finding, *next);
    if (next->via == TransportKind::Udp) session.reply->detail.clear(); // what was said about TCP
    session.attempt = *next;
    session.reply->message = dns::Message();
  }
}

std::string WireExchange::whyNot(const ServerQuestion& question) {
  if (!question.configured && d_options.dontQuery.contains(question.server)) {
    d_counters.add(Metric::DontOutqueries);
    return "dont-query";
  }
  const TransportKind kind = question.endpoint ? transportFor(question.endpoint->scheme) : TransportKind::Udp;
  if (d_transports[static_cast<std::size_t>(kind)] == nullptr) return "no such transport";
  if (d_local.has(question.server.family())) return {};
  return question.server.isV6() ? "no local IPv6 address" : "no local IPv4 address";
}

WireExchange::Session WireExchange::begin(const ServerQuestion& question) {
  Session session{.question = question};
  session.started = d_loop.now();
  const Scheme scheme = question.endpoint ? question.endpoint->scheme : Scheme::Udp;
  session.path = ServerPath(question.server, scheme);
  session.known = d_speeds.get(session.path, session.started);
  session.reply->server = question.server;
  const ServerState& known = session.known;
  const bool stream = scheme != Scheme::Udp; // nobody off the path can answer: no 0x20, no cookies
  session.progress.suspected = !stream && !question.forceTcp && known.spoofSuspected;
  const bool tcp = !stream && (question.forceTcp || known.spoofSuspected);
  session.attempt.via = tcp ? TransportKind::Tcp : transportFor(scheme);
  // Never heard of with EDNS and silent: every other time without (RFC 6891 6.2.2 allows for such firewalls). Nothing
  // is remembered from that, since silence is mostly something else.
  const bool probePlain = !stream && known.edns == EdnsStatus::Unknown && known.timeoutsInARow % 2 == 1;
  session.attempt.edns = known.edns != EdnsStatus::Broken && !probePlain;
  // Never heard of and silent twice: perhaps it drops questions in mixed case. Nothing is remembered from that either.
  const bool probeCase = known.usual.count() == 0 && known.timeoutsInARow >= 2;
  session.attempt.mixCase = !stream && d_options.mixCase && !d_options.lowercase && known.keepsCase && !probeCase;
  const auto sameHost = [&](const base::Address& a) { return a.withPort(0) == question.server.withPort(0); };
  session.attempt.cookie =
      !stream && d_options.cookies && !known.cookiesUnsupported &&
      std::none_of(d_options.cookiesUnsupported.begin(), d_options.cookiesUnsupported.end(), sameHost);
  const bool knowsEdns = known.edns != EdnsStatus::Ignorant && known.edns != EdnsStatus::Broken;
  // Silent twice: perhaps questions with the option do not get through. Nothing is remembered from that either.
  session.attempt.subnet = question.subnet && session.attempt.edns && knowsEdns && known.timeoutsInARow % 3 != 2;
  session.progress.subnetWithheld = question.subnet && knowsEdns && !session.attempt.subnet;
  return session;
}

// A server that has answered is alive: what it is asked next gets the time that a question gets.
base::MonoTime WireExchange::deadlineOf(const Session& session, const Work& work) const {
  base::MonoTime deadline = session.question.deadline;
  if (session.progress.answeredOnce) deadline = std::max(deadline, d_loop.now() + d_options.networkTimeout);
  return std::min(deadline, work.deadline);
}

ReplyMatcher::Query WireExchange::prepare(const Session& session) const {
  ReplyMatcher::Query query;
  // Over HTTPS equal questions shall look equal to caches on the way (RFC 8484 4.1).
  query.id = session.attempt.via == TransportKind::Https ? std::uint16_t{0} : base::randomU16();
  query.question = session.question.question;
  const dns::Name& name = query.question.name;
  query.sentName = session.attempt.mixCase ? mixedCase(name) : d_options.lowercase ? name.lowercased() : name;
  query.caseMatters = session.attempt.mixCase;
  query.overTcp = session.attempt.via != TransportKind::Udp;
  query.cookie = cookieFor(session);
  query.cookieExpected = query.cookie && session.known.cookie;
  query.nearMissMax = session.attempt.passNearMisses ? 0 : d_options.spoofNearMissMax;
  return query;
}

std::optional<dns::Cookie> WireExchange::cookieFor(const Session& session) const {
  if (!session.attempt.edns || !session.attempt.cookie) return std::nullopt;
  if (session.known.cookie) return session.known.cookie;
  dns::Cookie fresh;
  base::randomBytes(fresh.client);
  return fresh;
}

std::span<const std::byte> WireExchange::write(const Session& session, const ReplyMatcher::Query& query) {
  dns::Header header;
  header.id = query.id;
  header.rd = session.question.recursionDesired;
  header.cd = session.question.checkingDisabled;
  const dns::Question sent{query.sentName, query.question.type, query.question.rrclass};
  std::optional<dns::Edns> edns = ednsFor(session, query);
  std::size_t size = dns::writeQuery(d_scratch, header, sent, edns);
  if (edns && edns->paddingSize && size % kPaddedTo != 0) {
    edns->paddingSize = static_cast<std::uint16_t>(kPaddedTo - size % kPaddedTo);
    size = dns::writeQuery(d_scratch, header, sent, edns);
  }
  return {d_scratch.data(), size};
}

std::optional<dns::Edns> WireExchange::ednsFor(const Session& session, const ReplyMatcher::Query& query) const {
  if (!session.attempt.edns) return std::nullopt;
  dns::Edns edns;
  edns.udpSize = d_options.ednsSize;
  edns.dnssecOk = session.question.dnssecOk;
  edns.cookie = query.cookie;
  edns.keyTags = session.question.keyTags;
  if (session.attempt.subnet) edns.clientSubnet = dns::ClientSubnet{*session.question.subnet};
  const bool encrypted = session.question.endpoint && session.question.endpoint->isEncrypted();
  const bool kept = session.attempt.via == TransportKind::Tcp || session.attempt.via == TransportKind::Tls;
  edns.keepaliveRequested = kept && session.question.endpoint; // RFC 7828 3.2.1: never over UDP
  if (encrypted && d_options.padding) edns.paddingSize = 0;    // its length follows when that of the rest is known
  return edns;
}

void WireExchange::countQuery(const Session& session) {
  d_counters.add(Metric::AllOutqueries);
  if (session.question.server.isV6()) d_counters.add(Metric::Ipv6Outqueries);
  if (const auto counted = kOutqueries[static_cast<std::size_t>(session.attempt.via)]) d_counters.add(*counted);
  if (!session.attempt.edns) d_counters.add(Metric::NoednsOutqueries);
  if (session.attempt.edns && session.attempt.subnet) d_counters.add(Metric::EcsQueries);
}

ReplyPtr WireExchange::finish(Session& session, const WireOutcome& outcome) {
  ServerReply& reply = *session.reply;
  reply.overTcp = session.attempt.via != TransportKind::Udp;
  reply.withoutEdns = !session.attempt.edns;
  reply.told = session.attempt.edns && session.attempt.subnet;
  reply.rtt = outcome.rtt;
  if (outcome.status != WireStatus::Accepted) reply.message = dns::Message();
  switch (outcome.status) {
  case WireStatus::Accepted:
    reply.status = ExchangeStatus::Answered;
    reply.detail.clear();
    reply.subnet = echoIn(session.attempt, session.progress, reply.message);
    break;
  case WireStatus::Abandoned:
    reply.status = ExchangeStatus::Malformed;
    reply.detail = "malformed answer";
    break;
  case WireStatus::TimedOut:
    reply.status = session.progress.malformed ? ExchangeStatus::Malformed : ExchangeStatus::TimedOut;
    reply.detail += timedOutText(d_loop.now() - session.started);
    break;
  case WireStatus::LocalFailure: reply.ownFault = true; [[fallthrough]];
  case WireStatus::Unreachable:
    reply.status = session.progress.malformed ? ExchangeStatus::Malformed : ExchangeStatus::Unreachable;
    reply.detail += outcome.detail;
    break;
  }
  return std::move(session.reply);
}

std::unique_ptr<WireExchange> makeWireExchange(coro::Loop& loop, NsSpeeds& speeds, Counters& counters,
                                               Latencies& latencies, const WireExchange::Options& options) {
  const LocalAddresses local(options.localAddresses);
  TransportTable table;
  table[static_cast<std::size_t>(TransportKind::Udp)] =
      std::make_unique<UdpTransport>(loop, local, options.ports, options.kernelPorts);
  table[static_cast<std::size_t>(TransportKind::Tcp)] =
      std::make_unique<TcpTransport>(loop, counters, options.tcp, plainTcp(loop, local, options.fastOpen));
  table[static_cast<std::size_t>(TransportKind::Tls)] =
      makeTlsTransport(loop, counters, options.tcp, local, options.fastOpen);
  table[static_cast<std::size_t>(TransportKind::Https)] =
      makeHttpsTransport(loop, counters, options.tcp, local, options.fastOpen);
  return std::make_unique<WireExchange>(loop, speeds, counters, latencies, std::move(table), options);
}

dns::Name mixedCase(const dns::Name& name) {
  constexpr std::size_t word = sizeof(std::uint64_t);
  std::array<std::byte, dns::kMaxNameSize + 1> wire{};
  const auto from = name.wire();
  std::ranges::copy(from, wire.begin());
  std::uint64_t coins = 0; // a bit for each octet of eight words, turned so that each has its own
  for (std::size_t at = 0; at < from.size(); at += word) {
    coins = at % (word * 8) == 0 ? base::randomU64() : std::rotr(coins, 1);
    const std::uint64_t mixed = base::load64(&wire[at]) ^ (dns::letterBits(base::load64(&wire[at])) & coins);
    std::memcpy(&wire[at], &mixed, word);
  }
  return dns::Name::fromWire(std::span(wire).first(from.size()));
}

} // namespace rec
