// A socket's life: open -> lent (the first send gives it a port) -> settled: the port is given up by dissolving the
// association (connect(2), AF_UNSPEC) -> rests one turn of the loop, in which a late packet would be noticed -> ready.
#include "lib/net/udppool.hh"

#include <event2/event.h>
#include <event2/event_struct.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "lib/coro/wait.hh"
#include "lib/net/socketoptions.hh"

namespace net {

namespace {

constexpr std::size_t kMaxIdle = 1024; // sockets without a port that are kept, of each family
// Given back in one turn, noticed to be unclean in the next at the latest, used in the one after that.
constexpr std::uint64_t kRestingTurns = 2;

} // namespace

struct UdpPool::Socket {
  Socket(UdpPool& owner, base::Fd descriptor, int addressFamily, bool bound)
      : pool(owner), fd(std::move(descriptor)), family(addressFamily), isBound(bound) {
    // Level triggered, so that whatever is left unread is noticed.
    event_assign(&readable, pool.d_loop.base(), fd.get(), EV_READ | EV_PERSIST, &Socket::onReadable, this);
    event_add(&readable, nullptr);
    event_assign(&timer, pool.d_loop.base(), -1, 0, &Socket::onTimeout, this);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() {
    event_del(&timer);
    event_del(&readable);
  }

  static void onReadable(int /*fd*/, short /*what*/, void* self) {
    auto* socket = static_cast<Socket*>(self);
    if (!socket->lent) {
      socket->pool.discard(*socket);
      return;
    }
    socket->arrived = true;
    socket->wake();
  }
  static void onTimeout(int /*fd*/, short /*what*/, void* self) { static_cast<Socket*>(self)->wake(); }
  void wake() {
    if (waiter) {
      pool.d_loop.beforeResume();
      std::exchange(waiter, nullptr).resume();
    }
  }

  UdpPool& pool;
  base::Fd fd;
  int family;
  bool isBound; // and connected
  bool lent = true;
  std::uint64_t since = 0; // turn of the loop in which it was given back
  bool arrived = false;
  std::coroutine_handle<> waiter;
  event readable{}, timer{};
};

UdpPool::UdpPool(coro::Loop& loop, PortRange ports, bool kernelPorts)
    : d_loop(loop), d_ports(std::move(ports)), d_kernelPorts(kernelPorts) {}

UdpPool::~UdpPool() = default;

bool UdpPool::mayChoose(const base::Address& local) const {
  return d_kernelPorts && local.isWildcard() && local.port() == 0;
}

UdpPool::SocketPtr UdpPool::take(int family) {
  Shelf& from = shelf(family);
  if (from.empty() || d_loop.turn() < from.front()->since + kRestingTurns) return nullptr;
  SocketPtr socket = std::move(from.front());
  from.pop_front();
  socket->lent = true;
  socket->arrived = false;
  return socket;
}

UdpPool::SocketPtr UdpPool::open(int family, int& error) {
  OutgoingUdp opened = openPortlessUdp(family);
  error = opened.error;
  return opened.fd.valid() ? std::make_unique<Socket>(*this, std::move(opened.fd), family, false) : nullptr;
}

UdpPool::SocketPtr UdpPool::openBound(const base::Address& local, const base::Address& server, int& error) {
  OutgoingUdp opened = openOutgoingUdp(local, server, d_ports);
  error = opened.error;
  return opened.fd.valid() ? std::make_unique<Socket>(*this, std::move(opened.fd), server.family(), true) : nullptr;
}

void UdpPool::giveBack(SocketPtr socket) {
  Shelf& to = shelf(socket->family);
  if (socket->isBound || to.size() >= kMaxIdle || !givePortUp(socket->fd.get())) return;
  socket->lent = false;
  socket->since = d_loop.turn();
  to.push_back(std::move(socket));
}

// Something came after the answer: perhaps a second copy of it. The socket is not to bring it into another exchange.
void UdpPool::discard(const Socket& socket) {
  std::erase_if(shelf(socket.family), [&](const SocketPtr& other) { return other.get() == &socket; });
}

UdpLoan::UdpLoan(UdpPool& pool, const base::Address& local, const base::Address& server)
    : d_pool(pool), d_server(server) {
  if (pool.mayChoose(local)) {
    d_socket = pool.take(server.family());
    if (!d_socket) d_socket = pool.open(server.family(), d_error);
  } else {
    d_socket = pool.openBound(local, server, d_error);
  }
}

UdpLoan::~UdpLoan() {
  if (d_socket && d_settled) d_pool.giveBack(std::move(d_socket));
}

int UdpLoan::send(std::span<const std::byte> packet) {
  const int fd = d_socket->fd.get();
  const bool bound = d_socket->isBound;
  const ssize_t sent = ::sendto(fd, packet.data(), packet.size(), MSG_NOSIGNAL, bound ? nullptr : d_server.raw(),
                                bound ? 0 : d_server.rawSize());
  if (sent >= 0) return 0;
  return errno == EAGAIN ? EADDRINUSE : errno; // the kernel had no port left
}

UdpReceived UdpLoan::receive(std::span<std::byte> buffer) {
  UdpReceived got;
  base::Address from;
  socklen_t size = sizeof from;
  const bool bound = d_socket->isBound;
  const ssize_t read = ::recvfrom(d_socket->fd.get(), buffer.data(), buffer.size(), 0, bound ? nullptr : from.raw(),
                                  bound ? nullptr : &size);
  if (read < 0) {
    got.error = errno;
    return got;
  }
  got.size = static_cast<std::size_t>(read);
  got.foreign = !bound && from != d_server;
  return got;
}

bool UdpArrival::await_ready() const noexcept { return d_loan.d_socket->arrived; }

void UdpArrival::await_suspend(std::coroutine_handle<> waiter) {
  d_loan.d_socket->waiter = waiter;
  const timeval timeout = coro::timeLeft(d_loan.d_pool.d_loop, d_deadline);
  event_add(&d_loan.d_socket->timer, &timeout);
}

bool UdpArrival::await_resume() noexcept { return std::exchange(d_loan.d_socket->arrived, false); }

UdpArrival::~UdpArrival() {
  d_loan.d_socket->waiter = nullptr;
  event_del(&d_loan.d_socket->timer);
}

} // namespace net
