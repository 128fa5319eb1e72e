// One query over UDP: borrow a socket, send, wait, read, judge, until an answer or the deadline.
#include "recursor/upstream/udp.hh"

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

UdpTransport::UdpTransport(coro::Loop& loop, LocalAddresses local, net::PortRange ports, bool kernelPorts)
    : d_loop(loop), d_local(std::move(local)), d_pool(loop, std::move(ports), kernelPorts),
      d_buffer(dns::kMaxMessageSize) {}

coro::Task<WireOutcome> UdpTransport::exchange(WireQuery query, ReplyJudge& judge) {
  net::UdpLoan loan(d_pool, d_local.pick(query.server.family()), query.server);
  if (loan.error() != 0) co_return failedOutcome(loan.error());
  const base::MonoTime sent = d_loop.clock().mono();
  if (const int error = loan.send(query.packet); error != 0) co_return failedOutcome(error);

  Course course;
  while (d_loop.now() < query.deadline) {
    bool arrived = co_await net::UdpArrival(loan, query.deadline);
    if (!arrived) break;
    if (!readAll(loan, judge, course)) continue;
    if (course.outcome.status == WireStatus::Accepted && course.clean) loan.settled();
    course.outcome.rtt = std::chrono::duration_cast<std::chrono::microseconds>(d_loop.clock().mono() - sent);
    co_return std::move(course.outcome);
  }
  co_return WireOutcome();
}

bool UdpTransport::readAll(net::UdpLoan& loan, ReplyJudge& judge, Course& course) {
  for (unsigned reads = 0; reads < kReadsPerTurn; ++reads) {
    const net::UdpReceived got = loan.receive(d_buffer);
    if (got.nothingLeft()) return false;
    if (got.error != 0) {
      course.outcome = failedOutcome(got.error);
      return true;
    }
    const ReplyVerdict verdict = got.foreign ? ReplyVerdict::Ignore : judge.take(std::span(d_buffer).first(got.size));
    if (verdict != ReplyVerdict::Ignore) {
      course.outcome.status = verdict == ReplyVerdict::Accept ? WireStatus::Accepted : WireStatus::Abandoned;
      return true;
    }
    course.clean = false;
  }
  return false;
}

} // namespace rec
