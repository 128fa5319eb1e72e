// TCP by coroutines: each operation is tried first and waits only when the kernel says so.
#include "lib/net/tcpstream.hh"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>

#include "lib/coro/wait.hh"
#include "lib/net/socketoptions.hh"

namespace net {

namespace {

constexpr int kBacklog = 1024;

StreamResult failure(int error) { return {StreamResult::Status::Failed, 0, error, {}}; }
StreamResult timeout() { return {StreamResult::Status::TimedOut, 0, 0, {}}; }
bool wouldBlock(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

// How a connection attempt ended: 0 or errno.
int pendingError(int fd) {
  int error = 0;
  socklen_t size = sizeof error;
  return ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

} // namespace

const char* streamErrorText(const StreamResult& result) {
  switch (result.status) {
  case StreamResult::Status::Done: return "done";
  case StreamResult::Status::Closed: return "connection closed by peer";
  case StreamResult::Status::TimedOut: return "timed out";
  case StreamResult::Status::Failed: break;
  }
  return result.detail.empty() ? networkErrorText(result.error) : result.detail.c_str();
}

base::Result<base::Fd> bindTcp(const base::Address& address, const BindOptions& options) {
  base::Fd fd(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return socketError("cannot open a TCP socket for", address);
  if (!setListenerOptions(fd.get(), address, options) || !setOption(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1)) {
    return socketError("cannot set up a TCP socket for", address);
  }
  setOption(fd.get(), IPPROTO_TCP, TCP_NODELAY, 1); // inherited by accepted connections
  const auto queue = static_cast<int>(options.fastOpenQueue);
  if (queue > 0 && !setOption(fd.get(), IPPROTO_TCP, TCP_FASTOPEN, queue)) {
    return socketError("cannot enable TCP Fast Open for", address);
  }
  if (::bind(fd.get(), address.raw(), address.rawSize()) != 0) return socketError("cannot bind TCP", address);
  if (::listen(fd.get(), kBacklog) != 0) return socketError("cannot listen on TCP", address);
  return fd;
}

Accepted acceptTcp(int listener) {
  Accepted accepted;
  socklen_t size = sizeof accepted.peer;
  accepted.fd.reset(::accept4(listener, accepted.peer.raw(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!accepted.fd.valid()) {
    accepted.error = errno;
    return accepted;
  }
  size = sizeof accepted.local;
  if (::getsockname(accepted.fd.get(), accepted.local.raw(), &size) != 0) accepted.local = base::Address();
  return accepted;
}

int TcpStream::startConnecting() {
  d_fd.reset(::socket(d_server.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!d_fd.valid()) return errno;
  setOption(d_fd.get(), IPPROTO_TCP, TCP_NODELAY, 1);
  if (d_fastOpen) setOption(d_fd.get(), IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1);
  if (d_local.valid() && !d_local.isWildcard()) {
    setOption(d_fd.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
    const base::Address source = d_local.withPort(0);
    if (::bind(d_fd.get(), source.raw(), source.rawSize()) != 0) return errno;
  }
  return ::connect(d_fd.get(), d_server.raw(), d_server.rawSize()) == 0 ? 0 : errno;
}

coro::Task<StreamResult> TcpStream::connect(base::MonoTime deadline) {
  int error = d_fd.valid() ? 0 : startConnecting();
  if (error == EINPROGRESS) {
    const int fd = d_fd.get();
    bool writable = co_await coro::Writable(d_loop, fd, deadline);
    if (!writable) co_return timeout();
    error = pendingError(d_fd.get());
  }
  if (error != 0) co_return failure(error);
  co_return StreamResult{StreamResult::Status::Done, 0, 0, {}};
}

coro::Task<StreamResult> TcpStream::readSome(std::span<std::byte> into, base::MonoTime deadline) {
  for (;;) {
    const ssize_t got = ::recv(d_fd.get(), into.data(), into.size(), 0);
    if (got == 0) co_return StreamResult{StreamResult::Status::Closed, 0, 0, {}};
    if (got > 0) co_return StreamResult{StreamResult::Status::Done, static_cast<std::size_t>(got), 0, {}};
    if (!wouldBlock(errno)) co_return failure(errno);
    const int fd = d_fd.get();
    bool readable = co_await coro::Readable(d_loop, fd, deadline);
    if (!readable) co_return timeout();
  }
}

coro::Task<StreamResult> TcpStream::writeAll(std::span<const std::byte> octets, base::MonoTime deadline) {
  std::size_t sent = 0;
  while (sent < octets.size()) {
    const ssize_t taken = ::send(d_fd.get(), octets.data() + sent, octets.size() - sent, MSG_NOSIGNAL);
    if (taken >= 0) {
      sent += static_cast<std::size_t>(taken);
      continue;
    }
    if (!wouldBlock(errno)) co_return failure(errno);
    const int fd = d_fd.get();
    bool writable = co_await coro::Writable(d_loop, fd, deadline);
    if (!writable) co_return timeout();
  }
  co_return StreamResult{StreamResult::Status::Done, sent, 0, {}};
}

} // namespace net
