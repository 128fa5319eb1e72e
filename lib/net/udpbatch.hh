// UdpBatch: reads and sends datagrams of listening sockets many at a time (recvmmsg, sendmmsg) through buffers made
// once. One per worker, used by its UDP listeners on the hit path: allocates nothing after construction. An answer is
// written over its question and leaves from the same buffer, to the address that the kernel wrote there.
#pragma once

#include <sys/socket.h>

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "lib/base/address.hh"
#include "lib/net/udpoutbox.hh"

namespace net {

class UdpBatch {
 public:
  // `count` datagrams a call, of at most `receiveSize` octets in and `sendSize` octets out. The outbox has room for as
  // many, whatever else is in it.
  UdpBatch(UdpOutbox& outbox, std::size_t count, std::size_t receiveSize, std::size_t sendSize);
  ~UdpBatch();
  UdpBatch(const UdpBatch&) = delete;
  UdpBatch& operator=(const UdpBatch&) = delete;

  // Reads what has arrived on `fd`, a socket bound to `bound`, and returns how many datagrams it was, 0 when none. What
  // follows is about them, numbered from 0, until the next receive().
  [[nodiscard]] std::size_t receive(int fd, const base::Address& bound);
  [[nodiscard]] std::span<const std::byte> packet(std::size_t i) const {
    return {&d_octets[i * d_stride], d_inHeaders[i].msg_len};
  }
  // Takes the first `octets` of it away, which are somebody else's: packet() and room() begin behind them.
  void dropFront(std::size_t i, std::size_t octets);
  // It was longer than the buffer.
  [[nodiscard]] bool isCut(std::size_t i) const { return (d_inHeaders[i].msg_hdr.msg_flags & MSG_TRUNC) != 0; }
  [[nodiscard]] const base::Address& peer(std::size_t i) const { return d_peers[i]; }
  // Where it was sent to; on a listener of one address that address.
  [[nodiscard]] base::Address local(std::size_t i) const;

  // Room for its answer of at most `sendSize` octets: the buffer that packet() is at the front of.
  [[nodiscard]] std::span<std::byte> room(std::size_t i) { return {&d_octets[i * d_stride], d_outSize}; }
  // Its answer is the first `size` octets there; it leaves when the outbox is sent, which has to be before
  // the next receive().
  [[gnu::always_inline]] void queueAnswer(std::size_t i, std::size_t size) {
    assert(size <= d_outSize);
    d_sizes[i] = static_cast<std::uint32_t>(size);
    if (d_wildcard) return queueFrom(i);
    d_outbox.add(d_peers[i], std::span(&d_octets[i * d_stride], size), nullptr);
  }
  // The answer, once queued, also when it has been sent.
  [[nodiscard]] std::span<const std::byte> answer(std::size_t i) const { return {&d_octets[i * d_stride], d_sizes[i]}; }

 private:
  struct Control;
  void prepare(std::size_t i, bool withLocal);
  void queueFrom(std::size_t i);

  UdpOutbox& d_outbox;
  // By number of the datagram.
  std::size_t d_inSize, d_outSize, d_stride;
  std::vector<std::byte> d_octets;
  std::vector<mmsghdr> d_inHeaders;
  std::vector<iovec> d_inVectors;
  std::unique_ptr<Control[]> d_control;
  std::vector<base::Address> d_peers;
  std::vector<std::uint32_t> d_sizes; // of the answers
  base::Address d_bound;              // of the socket read last
  bool d_wildcard = false;            // whether that is no single address
  std::size_t d_lastRead = 0;         // headers to prepare again
};

} // namespace net
