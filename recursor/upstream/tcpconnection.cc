// The life of a connection, in the order of its functions:
// 1. run: connect, then read until closed; each whole message goes to the waiter with its id (handOut).
// 2. ask: registers a waiter and appends its query to what is to be written; write() sends all that has come together.
// 3. Without waiters it stays open while its owner allows and for maxIdle at most.
// 4. The destructor tells the waiters that are left how it ended.
#include "recursor/upstream/tcpconnection.hh"

#include <utility>

namespace rec {

namespace {

constexpr std::size_t kMaxPipelined = 64; // questions at once; more open another connection
// While questions wait, how often it is looked whether they still do.
constexpr std::chrono::seconds kLookAgain{1};
constexpr std::chrono::seconds kWriteTimeout{5};

std::uint16_t idOf(std::span<const std::byte> message) {
  return static_cast<std::uint16_t>(std::to_integer<unsigned>(message[0]) << 8 | std::to_integer<unsigned>(message[1]));
}

} // namespace

void TcpConnection::Waiter::leave() {
  if (d_connection == nullptr) return;
  std::exchange(d_connection, nullptr)->d_waiters.erase(d_id);
}

void TcpConnection::Waiter::giveUp() {
  if (d_connection == nullptr) return;
  d_connection->d_suspect = true;
  leave();
}

TcpConnection::TcpConnection(coro::Loop& loop, Owner& owner, Upstream upstream, std::unique_ptr<net::Stream> stream,
                             const Limits& limits)
    : d_loop(loop), d_owner(owner), d_upstream(std::move(upstream)), d_stream(std::move(stream)), d_limits(limits),
      d_lastUse(loop.now()) {}

TcpConnection::~TcpConnection() {
  for (auto& [id, waiter] : d_waiters) {
    waiter->d_connection = nullptr;
    waiter->d_failure = d_end;
    waiter->d_gate.open();
  }
  if (d_kept) d_owner.idleEnds();
  d_owner.closed(*this);
}

coro::Task<void> TcpConnection::run() {
  const base::MonoTime connectDeadline = d_loop.now() + d_limits.connectTimeout;
  d_end = co_await d_stream->connect(connectDeadline);
  d_connected = d_end.done();
  if (!d_connected) co_return;
  startWriting();
  while (stays()) {
    const std::span<std::byte> into = d_frames.space();
    const base::MonoTime deadline = readDeadline();
    d_end = co_await d_stream->readSome(into, deadline);
    if (d_end.status == net::StreamResult::Status::TimedOut) continue;
    if (!d_end.done()) co_return;
    d_frames.filled(d_end.count);
    handOut();
  }
}

void TcpConnection::ask(Waiter& waiter, std::span<const std::byte> packet) {
  if (std::exchange(d_kept, false)) d_owner.idleEnds();
  waiter.d_connection = this;
  d_waiters.emplace(waiter.d_id, &waiter);
  ++d_asked;
  d_lastUse = d_loop.now();
  net::appendFrame(d_out, packet);
  startWriting();
}

bool TcpConnection::accepts(std::uint16_t id) const {
  return !d_suspect && !usedUp() && d_waiters.size() < kMaxPipelined && !d_waiters.contains(id);
}

bool TcpConnection::stays() {
  if (!d_waiters.empty()) return true;
  if (d_suspect || usedUp() || d_loop.now() >= d_lastUse + d_limits.maxIdle) return false;
  d_kept = d_kept || d_owner.mayIdle(*this);
  return d_kept;
}

base::MonoTime TcpConnection::readDeadline() const {
  return d_waiters.empty() ? d_lastUse + d_limits.maxIdle : d_loop.now() + kLookAgain;
}

void TcpConnection::startWriting() {
  if (!d_connected || d_busyWriting || d_out.empty()) return;
  d_busyWriting = true;
  d_writer = write();
  d_writer.start();
}

coro::Task<void> TcpConnection::write() {
  while (!d_out.empty() && !d_suspect) {
    d_writing.clear();
    d_writing.swap(d_out);
    const std::span<const std::byte> octets(d_writing);
    const base::MonoTime deadline = d_loop.now() + kWriteTimeout;
    auto result = co_await d_stream->writeAll(octets, deadline);
    d_suspect = d_suspect || !result.done(); // the reader finds out why, or the questions time out
  }
  d_busyWriting = false;
}

void TcpConnection::handOut() {
  while (const auto message = d_frames.next()) {
    const auto found = message->size() < 2 ? d_waiters.end() : d_waiters.find(idOf(*message));
    if (found == d_waiters.end()) {
      d_owner.unexpectedMessage();
      continue;
    }
    Waiter& waiter = *found->second;
    waiter.leave();
    waiter.d_answer.emplace(message->begin(), message->end());
    waiter.d_gate.open();
  }
  d_lastUse = d_loop.now();
  if (d_waiters.empty()) d_frames.releaseIdle();
}

} // namespace rec
