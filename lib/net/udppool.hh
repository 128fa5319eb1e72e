// UdpPool: sockets for questions to servers, each question from a port of its own that nobody can guess (RFC 5452 9.2).
// Where the kernel may choose the port, sockets are used again and again: one has a port only while a question is on
// its way, and stays registered with the loop, so that an exchange costs three system calls instead of nine. One per
// worker, for its UDP transport; whoever asks for a socket tells how the exchange ended.
//   UdpLoan loan(pool, local, server);
//   int error = loan.send(packet);
//   bool arrived = co_await UdpArrival(loan, deadline);
//   UdpReceived got = loan.receive(buffer);               // again and again until got.nothingLeft()
//   loan.settled();
#pragma once

#include <cerrno>
#include <coroutine>
#include <cstdint>
#include <deque>
#include <memory>

#include "lib/coro/loop.hh"
#include "lib/net/udpsocket.hh"

namespace net {

struct UdpReceived {
  std::size_t size = 0;
  int error = 0;        // errno
  bool foreign = false; // from somebody else than the server
  [[nodiscard]] bool nothingLeft() const { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }
};

class UdpPool {
 public:
  // `kernelPorts`: the kernel chooses ports, from its own range, for questions without a source address of their own;
  // else, and for others, each question has a socket bound to a port of `ports`.
  UdpPool(coro::Loop& loop, PortRange ports, bool kernelPorts);
  ~UdpPool();
  UdpPool(const UdpPool&) = delete;
  UdpPool& operator=(const UdpPool&) = delete;

  [[nodiscard]] std::size_t idle() const { return d_v4.size() + d_v6.size(); }

 private:
  friend class UdpLoan;
  friend class UdpArrival;
  struct Socket;
  using SocketPtr = std::unique_ptr<Socket>;
  // Sockets without a port, in the order in which they were given back.
  using Shelf = std::deque<SocketPtr>;

  SocketPtr take(int family);
  SocketPtr open(int family, int& error);
  SocketPtr openBound(const base::Address& local, const base::Address& server, int& error);
  void giveBack(SocketPtr socket);
  void discard(const Socket& socket);
  [[nodiscard]] Shelf& shelf(int family) { return family == AF_INET6 ? d_v6 : d_v4; }
  [[nodiscard]] bool mayChoose(const base::Address& local) const;

  coro::Loop& d_loop;
  PortRange d_ports;
  bool d_kernelPorts;
  Shelf d_v4, d_v6;
};

// The socket of one exchange with `server`. Unless the exchange is settled() it is closed: something may come yet.
class UdpLoan {
 public:
  UdpLoan(UdpPool& pool, const base::Address& local, const base::Address& server);
  UdpLoan(const UdpLoan&) = delete;
  UdpLoan& operator=(const UdpLoan&) = delete;
  ~UdpLoan();

  [[nodiscard]] int error() const { return d_error; }        // errno when there is no socket
  [[nodiscard]] int send(std::span<const std::byte> packet); // errno, 0 when it is on its way
  [[nodiscard]] UdpReceived receive(std::span<std::byte> buffer);
  void settled() { d_settled = true; } // it ended with the one packet that was to come

 private:
  friend class UdpArrival;
  UdpPool& d_pool;
  const base::Address d_server;
  int d_error = 0;
  bool d_settled = false;
  UdpPool::SocketPtr d_socket;
};

// Waits until something has arrived, or the deadline passes (false).
class UdpArrival {
 public:
  UdpArrival(UdpLoan& loan, base::MonoTime deadline) : d_loan(loan), d_deadline(deadline) {}
  UdpArrival(const UdpArrival&) = delete;
  UdpArrival& operator=(const UdpArrival&) = delete;
  ~UdpArrival();

  [[nodiscard]] bool await_ready() const noexcept;
  void await_suspend(std::coroutine_handle<> waiter);
  bool await_resume() noexcept;

 private:
  UdpLoan& d_loan;
  base::MonoTime d_deadline;
};

} // namespace net
