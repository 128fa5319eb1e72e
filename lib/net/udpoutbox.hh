// UdpOutbox: datagrams of one socket that leave in one system call (sendmmsg). Those to one receiver become few
// messages, each of which goes down the kernel's stack once and is cut up again at its end, or by the network card
// (UDP_SEGMENT, udp(7)): all pieces of a message are as long as the first, only the last one may be shorter. Filled by
// UdpBatch and UdpAnswers, whose datagrams leave together; allocates nothing after construction.
#pragma once

#include <sys/socket.h>

#include <array>
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
  };

  // Of at most `count` datagrams at a time.
  explicit UdpOutbox(std::size_t count);
  ~UdpOutbox();
  UdpOutbox(const UdpOutbox&) = delete;
  UdpOutbox& operator=(const UdpOutbox&) = delete;

  // Whether datagrams may be joined, from the next one on; where the kernel cannot cut them up they are not.
  void setJoining(bool on);
  // What is added from now on leaves by this socket. What is queued for another one is sent first.
  void leaveBy(int fd) {
    if (fd != d_fd) send();
    d_fd = fd;
  }
  [[nodiscard]] bool empty() const { return d_end == d_datagrams.data(); }
  // One more, to `peer`. With `local` it leaves from that address, whatever route it takes (RFC 3542 6.2); else from
  // the one that the socket is bound to: all of one socket have one, or none. `octets` and `peer` are left alone until
  // it is sent.
  void add(const base::Address& peer, std::span<std::byte> octets, const base::Address* local) {
    assert(d_end != d_datagrams.data() + d_datagrams.size());
    if (d_run == nullptr || !isOf(*d_run, peer, local)) beginRun(peer, local);
    insert(d_begin, d_end++, {octets.data(), octets.size()});
  }
  // Sends what is queued.
  void send();
  // The same, and says what became of all since the flush() before.
  Sent flush();

 private:
  using Place = std::uint8_t; // of a run
  static constexpr Place kNone = 255;
  struct Control;
  // Datagrams that came one after the other, have one receiver and leave from one address; the longest first.
  struct Run {
    const base::Address* peer;
    base::Address local;
    bool hasLocal;
    bool goesOn; // an earlier one
    iovec *begin, *end;
    Place next; // that goes on
    Place last; // of those that go on, when it does not
  };

  [[nodiscard]] static bool isOf(const Run& run, const base::Address& peer, const base::Address* local) {
    return *run.peer == peer && (local == nullptr || *local == run.local);
  }
  // The longest first. There is room at `at`, behind what has come so far.
  static void insert(const iovec* first, iovec* at, iovec datagram) {
    for (; at != first && at[-1].iov_len < datagram.iov_len; --at) at[0] = at[-1];
    *at = datagram;
  }
  void beginRun(const base::Address& peer, const base::Address* local);
  void endRun();
  [[nodiscard]] std::span<iovec> gather(const Run& run);
  void pack(const Run& run, std::span<iovec> datagrams);
  void addMessage(const Run& run, std::span<iovec> pieces);
  void passOver(msghdr message);
  void drop(const msghdr& message);

  int d_fd = -1;
  std::vector<iovec> d_datagrams; // in the order in which runs began
  iovec* d_begin;                 // of the last run
  iovec* d_end;                   // of all
  std::vector<Run> d_runs;
  const Run* d_run = nullptr;     // the last one, while it may be added to
  std::array<Place, 64> d_latest; // by port of the receiver, the run that began last and goes on none
  std::vector<iovec> d_gathered;  // datagrams of runs that others go on
  std::size_t d_countGathered = 0;
  std::vector<mmsghdr> d_headers;        // what they are for the kernel
  std::unique_ptr<Control[]> d_controls; // one per header
  std::size_t d_messages = 0;
  Sent d_sent;
  bool d_joining = false;
  std::size_t d_apart = 0; // datagrams that are still to leave by themselves
};

} // namespace net
