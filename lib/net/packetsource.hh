// What UdpBatch and UdpAnswers share: the control message that says where a packet is to leave from (RFC 3542 6.2), and
// sending many. Not for use outside of lib/net.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstddef>
#include <span>

#include "lib/base/address.hh"

namespace net {

constexpr std::size_t kControlSize = CMSG_SPACE(sizeof(in6_pktinfo));
static_assert(sizeof(in6_pktinfo) >= sizeof(in_pktinfo));

struct alignas(cmsghdr) ControlSpace {
  std::byte octets[kControlSize];
};

// Makes the packet leave from `local`, whatever route it takes. `control` must outlive the sending.
void setSource(msghdr& header, ControlSpace& control, const base::Address& local);

// Sends them through `fd`; what the kernel does not take is dropped, as UDP may. Returns how many were.
std::size_t sendAll(int fd, std::span<mmsghdr> headers);

} // namespace net
