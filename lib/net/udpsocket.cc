// Opening UDP sockets: the options of listeners, the random ports of outgoing ones.
#include "lib/net/udpsocket.hh"

#include <linux/filter.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "lib/base/random.hh"
#include "lib/net/socketoptions.hh"

namespace net {

namespace {

// Ports may be taken by other sockets of this machine; so many are tried before giving up.
constexpr unsigned kPortTries = 64;

bool setWildcardOptions(int fd, const base::Address& address) {
  if (!address.isWildcard()) return true;
  return address.isV6() ? setOption(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) : setOption(fd, IPPROTO_IP, IP_PKTINFO, 1);
}

// IP_PMTUDISC_OMIT: neither "fragmentation needed" messages nor their caches make us send fragments.
bool ignorePathMtu(int fd, const base::Address& address) {
  return address.isV6() ? setOption(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_OMIT)
                        : setOption(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_OMIT);
}

// Also errors that the kernel takes for passing ones: no route, host down (ip(7), IP_RECVERR).
void reportAllErrors(int fd, int family) {
  if (family == AF_INET6) {
    setOption(fd, IPPROTO_IPV6, IPV6_RECVERR, 1);
  } else {
    setOption(fd, IPPROTO_IP, IP_RECVERR, 1);
  }
}

} // namespace

base::Result<base::Fd> bindUdp(const base::Address& address, const BindOptions& options) {
  base::Fd fd(::socket(address.family(), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return socketError("cannot open a UDP socket for", address);
  if (!setListenerOptions(fd.get(), address, options) || !setWildcardOptions(fd.get(), address)) {
    return socketError("cannot set up a UDP socket for", address);
  }
  ignorePathMtu(fd.get(), address); // an old kernel without it still serves
  growBuffer(fd.get(), SO_RCVBUFFORCE, SO_RCVBUF, options.receiveBuffer);
  growBuffer(fd.get(), SO_SNDBUFFORCE, SO_SNDBUF, options.sendBuffer);
  if (options.busyPoll > 0 && !setOption(fd.get(), SOL_SOCKET, SO_BUSY_POLL, options.busyPoll)) {
    return socketError("cannot set SO_BUSY_POLL for", address);
  }
  if (::bind(fd.get(), address.raw(), address.rawSize()) != 0) return socketError("cannot bind UDP", address);
  return fd;
}

unsigned grantedBuffers(int fd, const BindOptions& options) {
  const auto percent = [fd](int name, int asked) {
    int granted = 0;
    socklen_t size = sizeof granted;
    if (asked <= 0 || ::getsockopt(fd, SOL_SOCKET, name, &granted, &size) != 0) return 100U;
    // The kernel counts its own overhead, too, and doubles what is asked for (socket(7)).
    return static_cast<unsigned>(std::min<std::int64_t>(100, std::int64_t{granted} * 50 / asked));
  };
  return std::min(percent(SO_RCVBUF, options.receiveBuffer), percent(SO_SNDBUF, options.sendBuffer));
}

std::uint64_t droppedPackets(int fd) {
  std::array<std::uint32_t, SK_MEMINFO_VARS> info{};
  socklen_t size = sizeof info;
  if (::getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info.data(), &size) != 0) return 0;
  return info[SK_MEMINFO_DROPS];
}

bool steerByCpu(int fd, unsigned count) {
  std::array<sock_filter, 3> program{{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_CPU)),
      BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, count),
      BPF_STMT(BPF_RET | BPF_A, 0),
  }};
  const sock_fprog given{static_cast<unsigned short>(program.size()), program.data()};
  return ::setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &given, sizeof given) == 0;
}

std::uint16_t pickPort(const PortRange& range) {
  const auto width = static_cast<std::uint32_t>(range.last - range.first) + 1;
  for (unsigned tries = 0; tries < 10 * kPortTries; ++tries) {
    const auto port = static_cast<std::uint16_t>(range.first + base::randomBelow(width));
    if (!std::binary_search(range.avoid.begin(), range.avoid.end(), port)) return port;
  }
  return 0;
}

OutgoingUdp openOutgoingUdp(const base::Address& local, const base::Address& server, const PortRange& ports) {
  OutgoingUdp opened{base::Fd(::socket(server.family(), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)), 0};
  if (!opened.fd.valid()) return {base::Fd(), errno};
  opened.error = EADDRINUSE;
  for (unsigned tries = 0; tries < kPortTries && opened.error == EADDRINUSE; ++tries) {
    const base::Address source = local.withPort(pickPort(ports));
    opened.error = ::bind(opened.fd.get(), source.raw(), source.rawSize()) == 0 ? 0 : errno;
  }
  reportAllErrors(opened.fd.get(), server.family());
  if (opened.error == 0 && ::connect(opened.fd.get(), server.raw(), server.rawSize()) != 0) opened.error = errno;
  if (opened.error != 0) opened.fd.reset();
  return opened;
}

OutgoingUdp openPortlessUdp(int family) {
  OutgoingUdp opened{base::Fd(::socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)), 0};
  if (!opened.fd.valid()) return {base::Fd(), errno};
  reportAllErrors(opened.fd.get(), family);
  return opened;
}

// Dissolving the association of a socket that was never bound unhashes it (udp(7), connect(2)).
bool givePortUp(int fd) {
  const sockaddr none{.sa_family = AF_UNSPEC, .sa_data = {}};
  return ::connect(fd, &none, sizeof none) == 0;
}

const char* networkErrorText(int error) {
  switch (error) {
  case ECONNREFUSED: return "connection refused";
  case ECONNRESET: return "connection reset";
  case EPIPE: return "connection closed";
  case ENETUNREACH: return "network unreachable";
  case EHOSTUNREACH: return "host unreachable";
  case ENETDOWN: return "network down";
  case EHOSTDOWN: return "host down";
  case EACCES:
  case EPERM: return "forbidden by this machine";
  case EADDRINUSE: return "no free source port";
  case EADDRNOTAVAIL: return "source address not available";
  case EAFNOSUPPORT: return "address family not supported";
  case EMFILE:
  case ENFILE: return "too many open files";
  case EMSGSIZE: return "message too long";
  case ENOBUFS:
  case ENOMEM: return "no memory for packets";
  case ETIMEDOUT: return "connection timed out";
  case EPROTO: return "protocol error";
  default: return "network error";
  }
}

} // namespace net
