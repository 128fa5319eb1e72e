// TCP from clients. A connection is shared by its two roots and the table; whoever finds it broken marks it so, and the
// others leave at their next step.
#include "recursor/ingress/tcpconnection.hh"

#include <event2/event.h>

#include <cerrno>

#include "lib/coro/wait.hh"
#include "lib/dns/message.hh"
#include "lib/net/tcpstream.hh"
#include "recursor/query/querylogging.hh"

namespace rec {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kAcceptsPerRound = 64;    // connections taken before other work has its turn
constexpr milliseconds kRest{100};              // of a listener, when descriptors have run out
constexpr std::chrono::seconds kLastAnswers{5}; // a client that closed its side still waits for them

} // namespace

struct TcpIngress::Listener {
  TcpIngress& owner;
  base::Fd socket;
  base::Address bound;
  event* readable = nullptr;
  ~Listener() {
    if (readable != nullptr) {
      event_free(readable);
    }
  }
};

// In the table and counted as long as serve() runs.
class TcpIngress::Registered {
 public:
  Registered(TcpIngress& owner, const ConnectionPtr& connection) : d_owner(owner), d_connection(connection) {
    d_owner.d_connections.emplace(connection->client.connection, connection);
    d_owner.d_parts.counters.add(Metric::TcpClients);
  }
  Registered(const Registered&) = delete;
  Registered& operator=(const Registered&) = delete;
  ~Registered() {
    d_connection->broken = true;
    d_owner.d_connections.erase(d_connection->client.connection);
    d_owner.d_parts.counters.subtract(Metric::TcpClients);
    d_owner.d_parts.quota.leave(d_connection->counted);
  }

 private:
  TcpIngress& d_owner;
  ConnectionPtr d_connection;
};

TcpIngress::TcpIngress(const Parts& parts)
    : d_parts(parts), d_proxies(parts.settings, parts.counters), d_answer(dns::kMaxMessageSize) {}

TcpIngress::~TcpIngress() = default;

void TcpIngress::listen(base::Fd socket, const base::Address& bound) {
  const int fd = socket.get();
  auto& listener = d_listeners.emplace_back(new Listener{*this, std::move(socket), bound});
  listener->readable =
      event_new(d_parts.loop.base(), fd, EV_READ | EV_PERSIST, &TcpIngress::onReadable, listener.get());
  event_add(listener->readable, nullptr);
}

void TcpIngress::onReadable(int /*fd*/, short /*what*/, void* self) {
  auto* listener = static_cast<Listener*>(self);
  listener->owner.d_parts.loop.beginWork();
  for (std::size_t i = 0; i < kAcceptsPerRound && listener->owner.acceptOne(*listener); ++i) {
  }
}

// False when there is no further one for now.
bool TcpIngress::acceptOne(Listener& listener) {
  net::Accepted accepted = net::acceptTcp(listener.socket.get());
  if (!accepted.fd.valid()) {
    if (accepted.error == EMFILE || accepted.error == ENFILE || accepted.error == ENOBUFS || accepted.error == ENOMEM) {
      d_parts.counters.add(Metric::TcpClientOverflow);
      d_parts.roots.spawn(rest(listener));
      return false;
    }
    return accepted.error == ECONNABORTED || accepted.error == EINTR;
  }
  const bool proxied = d_proxies.any() && d_proxies.expects(accepted.peer, listener.bound);
  if (!proxied && !d_parts.hotPath.isAllowed(accepted.peer)) {
    d_parts.counters.add(Metric::UnauthorizedTcp);
    return true;
  }
  welcome(std::make_unique<net::TcpStream>(d_parts.loop, std::move(accepted.fd)), accepted.peer, accepted.local,
          proxied);
  return true;
}

coro::Task<void> TcpIngress::rest(Listener& listener) {
  event_del(listener.readable);
  co_await coro::Sleep(d_parts.loop, kRest);
  event_add(listener.readable, nullptr);
}

void TcpIngress::welcome(std::unique_ptr<net::Stream> stream, const base::Address& peer, const base::Address& local,
                         bool proxied) {
  const base::Address counted = proxied ? base::Address() : peer;
  const TcpQuota::Verdict verdict = d_parts.quota.enter(counted);
  if (verdict != TcpQuota::Verdict::Welcome) {
    const bool perClient = verdict == TcpQuota::Verdict::TooManyOfClient;
    d_parts.counters.add(perClient ? Metric::MaxTcpPerClientExceeded : Metric::TcpClientOverflow);
    return;
  }
  auto connection = std::make_shared<Connection>();
  connection->stream = std::move(stream);
  connection->counted = counted;
  connection->awaitsHeader = proxied;
  connection->client.source = peer;
  connection->client.local = local;
  connection->client.tcp = true;
  connection->client.worker = d_parts.worker;
  connection->client.connection = ++d_lastId;
  connection->idleAt = d_parts.loop.now() + d_parts.settings.clientTcpTimeout;
  d_parts.roots.spawn(serve(std::move(connection)));
}

coro::Task<void> TcpIngress::serve(ConnectionPtr connection) {
  const Registered registered(*this, connection);
  bool open = true;
  if (connection->awaitsHeader) {
    open = co_await readHeader(connection);
  }
  while (open && !connection->broken) {
    while (auto frame = open && !connection->broken ? connection->frames.next() : std::nullopt) {
      open = handle(*connection, *frame);
      if (connection->isCrowded(d_parts.settings)) {
        startWriting(connection);
        co_await calmDown(connection, false);
      }
    }
    connection->frames.releaseIdle();
    startWriting(connection);
    if (!open || connection->broken) {
      break;
    }
    const std::span<std::byte> space = connection->frames.space();
    const base::MonoTime deadline = connection->idleAt;
    const auto read = co_await connection->stream->readSome(space, deadline);
    if (read.done()) {
      connection->frames.filled(read.count);
    } else {
      open = goesOn(*connection, read.status == net::StreamResult::Status::TimedOut);
    }
  }
  co_await calmDown(connection, true);
}

// After a read that brought nothing: whether there is something to wait for yet.
bool TcpIngress::goesOn(Connection& connection, bool timedOut) {
  if (!timedOut) {
    return false;
  }
  if (connection.pending > 0 && !connection.frames.midMessage()) {
    connection.idleAt = d_parts.loop.now() + d_parts.settings.clientTcpTimeout;
    return true;
  }
  d_parts.counters.add(Metric::TcpClientTimeouts);
  return false;
}

void TcpIngress::logHit(const Client& client, std::span<const std::byte> question, std::size_t size,
                        std::chrono::nanoseconds took) {
  if (const auto raw = parseRawQuestion(question, d_parts.settings.useIncomingEdnsSubnet)) {
    const auto answer = std::span<const std::byte>(d_answer).first(size);
    rec::logHit(d_parts.queryLog, *raw, answer, client.source, true, took, LogTap::now());
    d_parts.queryLog.publish();
  }
}

// False when the connection is to be closed.
bool TcpIngress::handle(Connection& connection, std::span<const std::byte> question) {
  d_parts.loop.beginWork();
  const base::MonoTime begun = d_parts.loop.now();
  connection.idleAt = begun + d_parts.settings.clientTcpTimeout;
  HotPath::Tagged tagged; // with a script that has gettag
  HotPath::Result& result = tagged.result;
  const Client& client = connection.client;
  if (d_parts.hotPath.isTagging()) {
    tagged = d_parts.hotPath.handleTagged(question, client, d_answer, d_parts.loop.wall());
  } else {
    result = d_parts.hotPath.handle(question, client.source, true, d_answer, d_parts.loop.wall());
  }
  if (result.verdict == HotPath::Verdict::Drop) {
    return false; // no client of ours sends such things
  }
  if (result.verdict == HotPath::Verdict::Answer) {
    net::appendFrame(connection.unsent, std::span<const std::byte>(d_answer).first(result.size));
    const auto took = d_parts.loop.clock().mono() - begun;
    d_parts.hotPath.countHits(1);
    d_parts.hotPath.answered(1, took);
    if (d_parts.queryLog.isOn()) {
      logHit(client, question, result.size, took);
    }
  } else {
    ++connection.pending;
    d_parts.pipeline.accept(question, client, begun, std::move(tagged.lua));
  }
  const std::size_t most = d_parts.settings.maxTcpQueriesPerConnection;
  if (++connection.questions == most) {
    d_parts.counters.add(Metric::MaxTcpQueriesPerConnectionExceeded);
    return false;
  }
  return true;
}

// Waits until the client may send more, or, `untilDone`, has all its answers. Breaks the connection when it takes too
// long.
coro::Task<void> TcpIngress::calmDown(ConnectionPtr connection, bool untilDone) {
  const auto patience = untilDone ? std::chrono::seconds(kLastAnswers)
                                  : d_parts.settings.clientTcpTimeout + std::chrono::seconds(kLastAnswers);
  const base::MonoTime deadline = d_parts.loop.now() + patience;
  if (!untilDone && connection->pending >= d_parts.settings.maxConcurrentRequestsPerTcpConnection) {
    d_parts.counters.add(Metric::MaxConcurrentRequestsPerTcpConnectionExceeded);
  }
  while (!connection->broken && (untilDone ? !connection->isDone() : connection->isCrowded(d_parts.settings))) {
    connection->calmer.emplace(d_parts.loop);
    coro::Gate& gate = *connection->calmer;
    const bool changed = co_await coro::GateWait(gate, deadline);
    connection->calmer.reset();
    connection->broken = connection->broken || !changed;
  }
}

void TcpIngress::answer(std::uint64_t id, std::span<const std::byte> message) {
  const auto it = d_connections.find(id);
  if (it == d_connections.end()) {
    return; // the client has gone
  }
  const ConnectionPtr connection = it->second;
  --connection->pending;
  if (!message.empty()) {
    net::appendFrame(connection->unsent, message);
    startWriting(connection);
  }
  connection->notice();
}

void TcpIngress::startWriting(const ConnectionPtr& connection) {
  if (!connection->unsent.empty() && !connection->writing && !connection->broken) {
    d_parts.roots.spawn(write(connection));
  }
}

coro::Task<void> TcpIngress::write(ConnectionPtr connection) {
  connection->writing = true;
  while (!connection->unsent.empty() && !connection->broken) {
    connection->sending.swap(connection->unsent);
    const std::span<const std::byte> octets = connection->sending;
    const base::MonoTime deadline = d_parts.loop.now() + d_parts.settings.clientTcpTimeout;
    const auto written = co_await connection->stream->writeAll(octets, deadline);
    connection->sending.clear();
    connection->broken = connection->broken || !written.done();
    connection->idleAt = d_parts.loop.now() + d_parts.settings.clientTcpTimeout;
    connection->notice();
  }
  connection->writing = false;
  std::vector<std::byte>().swap(connection->sending); // idle connections hold no memory
  connection->notice();
}

} // namespace rec
