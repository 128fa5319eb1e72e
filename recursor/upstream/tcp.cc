// The pool: finds or opens a connection for a query, waits for the answer, tries once more when a kept connection turns
// out dead.
#include "recursor/upstream/tcp.hh"

#include <algorithm>
#include <utility>

#include "lib/base/log.hh"
#include "lib/net/tcpstream.hh"
#include "recursor/upstream/udp.hh"

namespace rec {

namespace {

WireOutcome failure(const net::StreamResult& result) {
  if (result.status == net::StreamResult::Status::TimedOut) return {};
  if (!result.detail.empty()) return {WireStatus::Unreachable, std::chrono::microseconds(0), result.detail};
  if (result.status == net::StreamResult::Status::Failed) return failedOutcome(result.error);
  return {WireStatus::Unreachable, std::chrono::microseconds(0), "connection closed by server"};
}

constexpr unsigned kMaxTries = 3;
constexpr std::size_t kShare = 4; // of all connections a server gets one part in so many, and one more

// A whole message with the right id has come over a connection: whatever is not the answer is no answer.
WireStatus judged(ReplyVerdict verdict) {
  return verdict == ReplyVerdict::Accept ? WireStatus::Accepted : WireStatus::Abandoned;
}

} // namespace

TcpTransport::TcpTransport(coro::Loop& loop, Counters& counters, const Options& options, StreamMaker makeStream,
                           DialectMaker makeDialect)
    : d_loop(loop), d_counters(counters), d_options(options), d_makeStream(std::move(makeStream)),
      d_makeDialect(std::move(makeDialect)),
      d_roots([](const std::string& what) { base::log(base::LogLevel::Error, "TCP to servers: " + what); }) {}

coro::Task<WireOutcome> TcpTransport::exchange(WireQuery query, ReplyJudge& judge) {
  const std::vector<std::byte> packet(query.packet.begin(), query.packet.end()); // for a second try
  query.packet = packet;
  std::uint64_t lost = 0; // with that connection
  for (unsigned tries = 1;; ++tries) {
    TcpConnection::Waiter waiter(d_loop, query.id);
    Sent how = send(waiter, query, lost);
    if (!how.ok) co_return std::move(how.refusal);
    coro::Gate& gate = waiter.gate();
    bool ended = co_await coro::GateWait(gate, query.deadline);
    if (!ended) {
      waiter.giveUp();
      co_return WireOutcome();
    }
    if (waiter.answer()) {
      const WireStatus status = judged(judge.take(*waiter.answer()));
      if (status == WireStatus::Accepted) heed(judge, Upstream{query.server, query.endpoint}, how.serial);
      const auto took = std::chrono::duration_cast<std::chrono::microseconds>(d_loop.clock().mono() - waiter.sent());
      co_return WireOutcome{status, took, {}};
    }
    const bool again = waiter.unprocessed() || (how.reused && waiter.wasConnected());
    if (!again || tries == kMaxTries) co_return failure(waiter.failure());
    d_counters.add(Metric::TcpOutReconnects);
    lost = how.serial;
  }
}

TcpTransport::Sent TcpTransport::send(TcpConnection::Waiter& waiter, const WireQuery& query, std::uint64_t after) {
  TcpConnection* connection = find(Upstream{query.server, query.endpoint}, query.id, after);
  if (connection == nullptr) return open(waiter, query);
  if (d_options.reuses) d_counters.add(*d_options.reuses);
  connection->ask(waiter, query.packet);
  return {true, true, connection->serial(), {}};
}

TcpConnection* TcpTransport::find(const Upstream& upstream, std::uint16_t id, std::uint64_t after) const {
  const auto known = d_servers.find(upstream);
  if (known == d_servers.end()) return nullptr;
  TcpConnection* best = nullptr;
  for (TcpConnection* connection : known->second) {
    if (connection->serial() <= after || !connection->accepts(id)) continue;
    if (best == nullptr || connection->waiting() < best->waiting()) best = connection;
  }
  return best;
}

TcpTransport::Sent TcpTransport::open(TcpConnection::Waiter& waiter, const WireQuery& query) {
  const Upstream upstream{query.server, query.endpoint};
  if (!mayOpen(upstream)) {
    d_counters.add(Metric::TcpOverflow);
    return {false, false, 0, {WireStatus::LocalFailure, {}, "too many TCP connections"}};
  }
  if (const std::string* why = d_reconnects.tooSoon(upstream, d_loop.now())) {
    d_counters.add(Metric::TcpOutBackoffs);
    return {false, false, 0, {WireStatus::Unreachable, {}, *why}};
  }
  const std::uint64_t serial = ++d_opened;
  if (d_options.opens) d_counters.add(*d_options.opens);
  auto connection =
      std::make_unique<TcpConnection>(d_loop, static_cast<TcpConnection::Owner&>(*this), upstream,
                                      d_makeStream(upstream), d_makeDialect(upstream), d_options.connection, serial);
  ++d_count;
  d_servers[upstream].push_back(connection.get());
  connection->ask(waiter, query.packet);
  d_roots.spawn(serve(std::move(connection))); // may fail and be gone at once
  return {true, false, serial, {}};
}

// One that answers nothing, or slowly, must not take the connections of all others.
bool TcpTransport::mayOpen(const Upstream& upstream) const {
  const auto known = d_servers.find(upstream);
  const std::size_t here = known == d_servers.end() ? 0 : known->second.size();
  const std::size_t own = upstream.endpoint ? upstream.endpoint->maxConnections : 0;
  const std::size_t all = d_options.maxPerServer > 0 ? d_options.maxPerServer : d_options.maxConnections / kShare + 1;
  return d_count < d_options.maxConnections && here < (own > 0 ? own : all);
}

// What the server says of the connection that its answer came over.
void TcpTransport::heed(const ReplyJudge& judge, const Upstream& upstream, std::uint64_t serial) {
  const auto idle = judge.idleAllowed();
  const auto known = idle ? d_servers.find(upstream) : d_servers.end();
  if (known == d_servers.end()) return;
  const auto at = std::ranges::find(known->second, serial, &TcpConnection::serial);
  if (at != known->second.end()) (*at)->shortenIdle(*idle);
}

std::unique_ptr<Dialect> TcpTransport::plainDns(const Upstream& /*upstream*/) { return std::make_unique<DnsDialect>(); }

coro::Task<void> TcpTransport::serve(std::unique_ptr<TcpConnection> connection) { co_await connection->run(); }

bool TcpTransport::mayIdle(const TcpConnection& connection) {
  const std::vector<TcpConnection*>& here = d_servers[connection.upstream()];
  const auto idleHere = std::count_if(here.begin(), here.end(), [](const TcpConnection* c) { return c->kept(); });
  if (static_cast<std::size_t>(idleHere) >= d_options.maxIdlePerServer || d_idle >= d_options.maxIdle) return false;
  ++d_idle;
  d_counters.add(Metric::IdleTcpoutConnections);
  return true;
}

void TcpTransport::idleEnds() {
  --d_idle;
  d_counters.subtract(Metric::IdleTcpoutConnections);
}

void TcpTransport::unexpectedMessage() { d_counters.add(Metric::UnexpectedPackets); }

void TcpTransport::connected(const TcpConnection& connection) {
  const auto& endpoint = connection.upstream().endpoint;
  d_reconnects.worked(connection.upstream());
  d_counters.add(Metric::TcpOutConnects);
  if (!endpoint || !endpoint->isEncrypted()) return;
  d_counters.add(Metric::TlsOutHandshakes);
  d_counters.add(Metric::TlsOutResumptions, connection.resumed() ? 1 : 0);
}

void TcpTransport::closed(const TcpConnection& connection) {
  if (!connection.connected() && connection.end().status == net::StreamResult::Status::Failed) {
    WireOutcome why = failure(connection.end());
    if (why.status == WireStatus::Unreachable) { // what failed here is not the server's trouble
      d_reconnects.failed(connection.upstream(), std::move(why.detail), d_loop.now());
    }
  }
  const auto known = d_servers.find(connection.upstream());
  if (known == d_servers.end() || std::erase(known->second, &connection) == 0) return;
  --d_count;
  if (known->second.empty()) d_servers.erase(known);
}

TcpTransport::StreamMaker plainTcp(coro::Loop& loop, LocalAddresses local, bool fastOpen) {
  return [&loop, local = std::move(local), fastOpen](const Upstream& upstream) -> std::unique_ptr<net::Stream> {
    const base::Address& server = upstream.address;
    return std::make_unique<net::TcpStream>(loop, local.pick(server.family()), server, fastOpen);
  };
}

} // namespace rec
