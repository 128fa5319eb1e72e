// The life of a connection, in the order of its functions:
// 1. run: connect, then read until closed; the dialect finds the answers, each goes to its waiter.
// 2. ask: registers a waiter and gives its query to the dialect; write() sends all that has come together.
// 3. Without waiters it stays open while its owner allows and for maxIdle at most.
// 4. The destructor tells the waiters that are left how it ended.
#include "recursor/upstream/tcpconnection.hh"

#include <utility>

namespace rec {

namespace {

// How often it is looked whether questions still wait, or whether it has been idle for too long.
constexpr std::chrono::seconds kLookAgain{1};
constexpr std::chrono::seconds kWriteTimeout{5};
// A connection on which nothing came for so long after a question is not trusted with more of them, even if nobody
// waited that long: whoever asks several servers leaves as soon as one has answered.
constexpr std::chrono::seconds kSilence{2};

} // namespace

void TcpConnection::Waiter::leave() {
  if (d_connection == nullptr) return;
  TcpConnection& connection = *std::exchange(d_connection, nullptr);
  connection.d_waiters.erase(d_key);
  connection.d_dialect->forget(d_key);
}

void TcpConnection::Waiter::giveUp() {
  if (d_connection == nullptr) return;
  if (d_connection->d_lastHeard <= d_sent) d_connection->d_suspect = true;
  leave();
}

void TcpConnection::Waiter::fail(const net::StreamResult& why) {
  d_wasConnected = d_connection->d_connected;
  d_connection = nullptr;
  d_failure = why;
  d_gate.open();
}

TcpConnection::TcpConnection(coro::Loop& loop, Owner& owner, Upstream upstream, std::unique_ptr<net::Stream> stream,
                             std::unique_ptr<Dialect> dialect, const Limits& limits, std::uint64_t serial)
    : d_loop(loop), d_owner(owner), d_upstream(std::move(upstream)), d_stream(std::move(stream)),
      d_dialect(std::move(dialect)), d_limits(limits), d_serial(serial), d_lastUse(loop.now()) {}

TcpConnection::~TcpConnection() {
  for (auto& [key, waiter] : d_waiters) waiter->fail(d_end);
  if (d_kept) d_owner.idleEnds();
  d_owner.closed(*this);
}

coro::Task<void> TcpConnection::run() {
  const base::MonoTime connectDeadline = d_loop.now() + d_limits.connectTimeout;
  d_end = co_await d_stream->connect(connectDeadline);
  if (!d_end.done()) co_return;
  becomeConnected();
  while (stays()) {
    const std::span<std::byte> into = d_dialect->space();
    const base::MonoTime deadline = readDeadline();
    d_end = co_await d_stream->readSome(into, deadline);
    if (d_end.status == net::StreamResult::Status::TimedOut) continue;
    if (!d_end.done() || !takeIn(d_end.count)) co_return;
  }
}

void TcpConnection::becomeConnected() {
  d_connected = true;
  for (auto& [key, waiter] : d_waiters) waiter->d_sent = d_loop.clock().mono();
  if (d_unanswered) d_unanswered = d_loop.now();
  d_lastUse = d_loop.now();
  d_owner.connected(*this);
  startWriting();
}

void TcpConnection::ask(Waiter& waiter, std::span<const std::byte> packet) {
  if (std::exchange(d_kept, false)) d_owner.idleEnds();
  waiter.d_connection = this;
  waiter.d_key = d_dialect->keyFor(waiter.d_id);
  d_waiters.emplace(waiter.d_key, &waiter);
  ++d_asked;
  d_lastUse = d_loop.now();
  if (!d_unanswered) d_unanswered = d_lastUse;
  d_dialect->ask(waiter.d_key, packet);
  startWriting();
}

bool TcpConnection::accepts(std::uint16_t id) const {
  return !d_suspect && !usedUp() && !silentTooLong() && !(d_kept && idleTooLong()) &&
         d_dialect->hasRoom(d_waiters.size()) && !d_waiters.contains(d_dialect->keyFor(id));
}

bool TcpConnection::silentTooLong() const {
  return d_connected && d_unanswered && d_loop.now() - *d_unanswered > kSilence;
}

bool TcpConnection::stays() {
  if (!d_waiters.empty()) return true;
  const bool over = d_suspect || usedUp() || silentTooLong() || !d_dialect->hasRoom(0);
  if (over || idleTooLong()) return false;
  d_kept = d_kept || d_owner.mayIdle(*this);
  return d_kept;
}

base::MonoTime TcpConnection::readDeadline() const {
  const base::MonoTime lookAgain = d_loop.now() + kLookAgain; // the time to idle may become shorter meanwhile
  return d_waiters.empty() ? std::min(d_lastUse + d_limits.maxIdle, lookAgain) : lookAgain;
}

void TcpConnection::startWriting() {
  if (!d_connected || d_busyWriting) return;
  d_busyWriting = true;
  d_writer = write();
  d_writer.start();
}

coro::Task<void> TcpConnection::write() {
  for (;;) {
    d_writing.clear();
    if (!d_suspect) d_dialect->write(d_writing);
    if (d_writing.empty()) break;
    const std::span<const std::byte> octets(d_writing);
    const base::MonoTime deadline = d_loop.now() + kWriteTimeout;
    auto result = co_await d_stream->writeAll(octets, deadline);
    d_suspect = d_suspect || !result.done(); // the reader finds out why, or the questions time out
  }
  d_busyWriting = false;
}

bool TcpConnection::takeIn(std::size_t octets) {
  d_lastHeard = d_lastUse = d_loop.now();
  d_unanswered.reset();
  std::string trouble = d_dialect->take(octets, *this);
  startWriting(); // a dialect may have to say something by itself
  if (!trouble.empty()) {
    d_end = {net::StreamResult::Status::Failed, 0, 0, std::move(trouble)};
    return false;
  }
  if (d_waiters.empty()) d_dialect->rest();
  return true;
}

TcpConnection::Waiter* TcpConnection::release(Dialect::Key key) {
  const auto found = d_waiters.find(key);
  if (found == d_waiters.end()) return nullptr;
  Waiter* waiter = found->second;
  d_waiters.erase(found);
  return waiter;
}

void TcpConnection::answered(Dialect::Key key, std::span<std::byte> message) {
  Waiter* waiter = release(key);
  if (waiter == nullptr) {
    d_owner.unexpectedMessage();
    return;
  }
  waiter->d_connection = nullptr;
  waiter->d_answer.emplace(message.begin(), message.end());
  waiter->d_gate.open();
}

void TcpConnection::failed(Dialect::Key key, std::string why, bool unprocessed) {
  Waiter* waiter = release(key);
  if (waiter == nullptr) return;
  waiter->d_unprocessed = unprocessed;
  waiter->fail({net::StreamResult::Status::Failed, 0, 0, std::move(why)});
}

} // namespace rec
