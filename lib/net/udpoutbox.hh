// UdpOutbox: datagrams that leave in one system call (sendmmsg). Those to one receiver that come one after the other
// become few messages, each of which goes down the kernel's stack once and is cut up again at its end, or by the
// network card (UDP_SEGMENT, udp(7)): all pieces of a message are as long as the first, only the last one may be
// shorter. Used by UdpBatch and UdpAnswers; allocates nothing after construction.
#pragma once

#include <sys/socket.h>

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "lib/base/address.hh"

namespace net {

class UdpOutbox {
 public:
  // What flush() did with the datagrams.
  struct Sent {
    std::size_t dropped = 0; // the kernel did not take them, as is its right with UDP
    std::size_t joined = 0;  // left in one message with others
    std::size_t refused = 0; // messages of several that the kernel did not take, whose pieces left by themselves
    Sent& operator+=(const Sent& more) {
      dropped += more.dropped;
      joined += more.joined;
      refused += more.refused;
      return *this;
    }
  };

  // Of at most `count` datagrams at a time: no more than what the kernel cuts one message into (UDP_MAX_SEGMENTS), and
  // than what fits into one.
  explicit UdpOutbox(std::size_t count);
  ~UdpOutbox();
  UdpOutbox(const UdpOutbox&) = delete;
  UdpOutbox& operator=(const UdpOutbox&) = delete;

  // Whether datagrams may be joined, from the next receiver on; where the kernel cannot cut them up they are not.
  void setJoining(bool on);
  [[nodiscard]] std::size_t count() const { return d_count; }
  [[nodiscard]] bool empty() const { return d_count == 0; }
  [[nodiscard]] bool full() const { return d_count == d_vectors.size(); }
  // One more, to `peer`. With `local` it leaves from that address, whatever route it takes (RFC 3542 6.2); else from
  // the one that the socket is bound to; all of one flush() have one, or none. `octets` and `peer` are left alone until
  // then.
  void add(const base::Address& peer, std::span<std::byte> octets, const base::Address* local) {
    assert(!full());
    if (!continuesRun(peer, local)) beginRun(peer, local);
    const iovec datagram{octets.data(), octets.size()};
    const iovec* const first = &d_vectors[d_run];
    iovec* at = &d_vectors[d_count++];
    for (; at != first && at[-1].iov_len < datagram.iov_len; --at) at[0] = at[-1];
    *at = datagram;
  }
  Sent flush(int fd);

 private:
  struct Control;

  [[nodiscard]] bool continuesRun(const base::Address& peer, const base::Address* local) const {
    return d_open && *d_peer == peer && (local == nullptr || *local == d_local);
  }
  void beginRun(const base::Address& peer, const base::Address* local);
  void endRun();
  void addMessage(std::span<iovec> pieces);
  void passOver(int fd, msghdr message, Sent& sent);
  static void drop(const msghdr& message, Sent& sent);

  std::vector<iovec> d_vectors; // one per datagram
  std::vector<mmsghdr> d_headers;
  std::unique_ptr<Control[]> d_controls; // one per header
  std::size_t d_count = 0;               // datagrams queued
  std::size_t d_messages = 0;            // what they became, but for the run
  std::size_t d_joined = 0;              // datagrams in messages of several
  bool d_joining = false;
  std::size_t d_apart = 0; // datagrams that are still to leave by themselves
  // The run: datagrams from here on have one receiver and leave from one address, the longest first.
  std::size_t d_run = 0;
  bool d_open = false; // it may go on
  const base::Address* d_peer = nullptr;
  base::Address d_local;
  bool d_hasLocal = false;
};

} // namespace net
