// UdpBatch: reads and sends datagrams of listening sockets many at a time (recvmmsg, sendmmsg) through buffers made
// once. One per worker, used by its UDP listeners on the hit path: allocates nothing after construction.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "lib/base/address.hh"

namespace net {

struct Datagram {
  base::Address peer;
  base::Address local; // where the packet was sent to; on a listener of one address that address
  std::span<const std::byte> bytes;
  bool cut = false; // it was longer than the buffer
};

class UdpBatch {
 public:
  // `count` datagrams a call, of at most `receiveSize` octets in and `sendSize` octets out.
  UdpBatch(std::size_t count, std::size_t receiveSize, std::size_t sendSize);
  ~UdpBatch();
  UdpBatch(const UdpBatch&) = delete;
  UdpBatch& operator=(const UdpBatch&) = delete;

  // What has arrived on `fd`, a socket bound to `bound`; empty when nothing has. Valid until the next receive().
  [[nodiscard]] std::span<const Datagram> receive(int fd, const base::Address& bound);

  // Room for the next answer of `sendSize` octets: write it there, then queueAnswer(). Answers leave with flush(), or
  // by themselves when `count` are queued. All of one flush go through one socket.
  [[nodiscard]] std::span<std::byte> answerSpace();
  void queueAnswer(int fd, const Datagram& question, std::size_t size);
  // Sends what is queued; what the kernel does not take is dropped, as UDP may.
  void flush();

 private:
  struct Buffers;
  std::unique_ptr<Buffers> d_buffers;
};

// One answer, off the hit path: from `local` (where the question was sent to) to `peer`. `wildcard`: the socket is
// bound to a wildcard address. False when the kernel did not take it.
bool sendUdp(int fd, bool wildcard, const base::Address& peer, const base::Address& local,
             std::span<const std::byte> bytes);

} // namespace net
