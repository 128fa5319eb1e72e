// One query over UDP: open, send, wait, read, judge, until an answer or the deadline.
#include "recursor/upstream/udp.hh"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "lib/coro/wait.hh"
#include "lib/dns/message.hh"

namespace rec {

namespace {

// Reads before other coroutines have their turn: a flood at our port must not hold the worker.
constexpr unsigned kReadsPerTurn = 16;

bool isLocal(int error) {
  switch (error) {
  case EMFILE:
  case ENFILE:
  case ENOBUFS:
  case ENOMEM:
  case EADDRINUSE:
  case EADDRNOTAVAIL:
  case EAFNOSUPPORT: return true;
  default: return false;
  }
}

} // namespace

WireOutcome failedOutcome(int error) {
  return {isLocal(error) ? WireStatus::LocalFailure : WireStatus::Unreachable, std::chrono::microseconds(0),
          net::networkErrorText(error)};
}

UdpTransport::UdpTransport(coro::Loop& loop, LocalAddresses local, net::PortRange ports)
    : d_loop(loop), d_local(std::move(local)), d_ports(std::move(ports)), d_buffer(dns::kMaxMessageSize) {}

coro::Task<WireOutcome> UdpTransport::exchange(WireQuery query, ReplyJudge& judge) {
  const base::Address local = d_local.pick(query.server.family());
  const net::OutgoingUdp socket = net::openOutgoingUdp(local, query.server, d_ports);
  if (!socket.fd.valid()) co_return failedOutcome(socket.error);
  const int fd = socket.fd.get();
  const base::MonoTime sent = d_loop.now();
  if (::send(fd, query.packet.data(), query.packet.size(), MSG_NOSIGNAL) < 0) co_return failedOutcome(errno);

  while (d_loop.now() < query.deadline) {
    bool arrived = co_await coro::Readable(d_loop, fd, query.deadline);
    if (!arrived) break;
    std::optional<WireOutcome> outcome = readAll(fd, judge);
    if (!outcome) continue;
    outcome->rtt = std::chrono::duration_cast<std::chrono::microseconds>(d_loop.now() - sent);
    co_return std::move(*outcome);
  }
  co_return WireOutcome();
}

std::optional<WireOutcome> UdpTransport::readAll(int fd, ReplyJudge& judge) {
  for (unsigned reads = 0; reads < kReadsPerTurn; ++reads) {
    const ssize_t got = ::recv(fd, d_buffer.data(), d_buffer.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return std::nullopt;
    if (got < 0) return failedOutcome(errno);
    const ReplyVerdict verdict = judge.take(std::span(d_buffer.data(), static_cast<std::size_t>(got)));
    if (verdict == ReplyVerdict::Accept) return WireOutcome{WireStatus::Accepted, {}, {}};
    if (verdict == ReplyVerdict::Abandon) return WireOutcome{WireStatus::Abandoned, {}, {}};
  }
  return std::nullopt;
}

} // namespace rec
