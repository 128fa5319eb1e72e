// Blocking TCP with a deadline: see rpzconnection.hh.
#include "recursor/policy/rpzconnection.hh"

#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

namespace rec {
namespace {

using base::Error;
using base::Result;
using std::chrono::milliseconds;

Error systemError(const std::string& what) { return Error{what + ": " + std::strerror(errno)}; }

} // namespace

// Neither a peer that says nothing nor one that never ends keeps us beyond the deadline, or from ending.
Result<void> RpzConnection::goOn() const {
  if (d_options.meanwhile) d_options.meanwhile();
  pollfd stop{d_options.stop, POLLIN, 0};
  if (::poll(&stop, 1, 0) > 0) return Error{"we are to end"};
  if (d_clock->mono() >= d_options.deadline) return Error{"not done in time"};
  return {};
}

Result<void> RpzConnection::wait(short events) {
  for (;;) {
    if (const auto may = goOn(); !may) return may;
    const auto left = std::chrono::duration_cast<milliseconds>(d_options.deadline - d_clock->mono()) + milliseconds(1);
    std::array<pollfd, 2> watched{pollfd{d_fd.get(), events, 0}, pollfd{d_options.stop, POLLIN, 0}};
    const int ready =
        ::poll(watched.data(), watched.size(), static_cast<int>(std::clamp<milliseconds::rep>(left.count(), 1, 1000)));
    if (ready < 0 && errno != EINTR) return systemError("poll");
    if (ready > 0 && watched[0].revents != 0) return goOn();
  }
}

Result<std::unique_ptr<RpzLink>> RpzConnection::open(const base::Address& server, const Options& options,
                                                     const base::Clock& clock) {
  base::Fd fd(::socket(server.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return systemError("socket");
  if (options.from && ::bind(fd.get(), options.from->raw(), options.from->rawSize()) != 0) {
    return systemError("localAddress " + options.from->text());
  }
  const int on = 1;
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const int started = ::connect(fd.get(), server.raw(), server.rawSize());
  if (started != 0 && errno != EINPROGRESS) return systemError("cannot connect");
  RpzConnection connection(std::move(fd), options, clock);
  if (const auto ready = connection.wait(POLLOUT); !ready) return Error{"cannot connect: " + ready.error().message};
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(connection.d_fd.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return Error{std::string("cannot connect: ") + std::strerror(error)};
  return std::unique_ptr<RpzLink>(std::make_unique<RpzConnection>(std::move(connection)));
}

Result<void> RpzConnection::send(std::span<const std::byte> message) {
  std::vector<std::byte> framed;
  net::appendFrame(framed, message);
  for (std::size_t sent = 0; sent < framed.size();) {
    const ssize_t count = ::send(d_fd.get(), framed.data() + sent, framed.size() - sent, MSG_NOSIGNAL);
    if (count >= 0) {
      sent += static_cast<std::size_t>(count);
      continue;
    }
    if (errno != EAGAIN && errno != EINTR) return systemError("cannot send");
    if (const auto ready = wait(POLLOUT); !ready) return ready;
  }
  return {};
}

Result<std::span<const std::byte>> RpzConnection::receive() {
  if (const auto may = goOn(); !may) return may.error();
  for (;;) {
    if (const auto message = d_frames.next()) return std::span<const std::byte>(*message);
    const auto space = d_frames.space();
    const ssize_t count = ::recv(d_fd.get(), space.data(), space.size(), 0);
    if (count == 0) return Error{"the connection was closed before the end"};
    if (count > 0) {
      d_frames.filled(static_cast<std::size_t>(count));
      d_received += static_cast<std::size_t>(count);
      if (d_options.maxReceived != 0 && d_received > d_options.maxReceived) return Error{"more than maxReceivedMBytes"};
      continue;
    }
    if (errno != EAGAIN && errno != EINTR) return systemError("cannot receive");
    if (const auto ready = wait(POLLIN); !ready) return ready.error();
  }
}

} // namespace rec
