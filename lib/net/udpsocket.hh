// UDP sockets: listening ones that every worker binds for itself, and outgoing ones, for questions: fresh for each,
// on a random port and connected to one server, or without a port of their own (UdpPool). Opens and sets options;
// UdpBatch and the transports move the packets.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "lib/base/address.hh"
#include "lib/base/fd.hh"
#include "lib/base/result.hh"

namespace net {

struct BindOptions {
  bool reusePort = true;               // SO_REUSEPORT: several workers bind the same address
  bool nonLocal = false;               // IP_FREEBIND: an address that the machine does not have (yet)
  int receiveBuffer = 4 * 1024 * 1024; // octets asked of the kernel; it may grant less; 0: what it gives anyway
  int sendBuffer = 0;                  // the same
  int busyPoll = 0;                    // microseconds: SO_BUSY_POLL, 0 is off
  unsigned fastOpenQueue = 0;          // bindTcp: TCP Fast Open (RFC 7413), 0 is off
};

// A non-blocking listening socket. Never fragments and never believes in path MTUs that packets tell it, so that
// answers cannot be driven into fragments. On a wildcard address it reports where each packet was sent to. The error
// names the address.
base::Result<base::Fd> bindUdp(const base::Address& address, const BindOptions& options);

// The least of what a socket was granted in percent of what was asked for, of both its buffers; 100 when all was.
[[nodiscard]] unsigned grantedBuffers(int fd, const BindOptions& options);
// Packets that the kernel threw away because this socket's receive buffer was full.
[[nodiscard]] std::uint64_t droppedPackets(int fd);
// Of `count` sockets that share an address by SO_REUSEPORT, in the order in which they were bound, each gets the
// packets that arrive on the CPU of its number, modulo `count`. `fd` is any of them. False (errno) when the kernel
// refuses.
[[nodiscard]] bool steerByCpu(int fd, unsigned count);

// Source ports of questions: [first, last] without those in `avoid` (sorted).
struct PortRange {
  std::uint16_t first = 1024;
  std::uint16_t last = 65535;
  std::vector<std::uint16_t> avoid;
};

// A port of the range that nobody can guess (RFC 5452 9.2); 0 when all of them are to be avoided.
[[nodiscard]] std::uint16_t pickPort(const PortRange& range);

// A non-blocking socket bound to `local` (its port is not looked at) on a random port and connected to `server`: only
// packets from there arrive, and ICMP errors are reported. On failure the number is errno.
struct OutgoingUdp {
  base::Fd fd;
  int error = 0;
};
[[nodiscard]] OutgoingUdp openOutgoingUdp(const base::Address& local, const base::Address& server,
                                          const PortRange& ports);

// A non-blocking socket for questions that has no port before it sends: then the kernel gives it one at random. ICMP
// errors are reported.
[[nodiscard]] OutgoingUdp openPortlessUdp(int family);
// Takes the port that the kernel gave away from the socket, so that nothing arrives any more and the next packet it
// sends leaves from another one.
bool givePortUp(int fd);

// What errno means for an operator, in a few words: "connection refused", "network unreachable".
[[nodiscard]] const char* networkErrorText(int error);

} // namespace net
