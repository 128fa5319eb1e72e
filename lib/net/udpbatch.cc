// Batched UDP: arrays of mmsghdr over fixed buffers, and the control messages that tell local addresses.
#include "lib/net/udpbatch.hh"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

namespace net {

namespace {

// Not a multiple of a page, so that the fronts of the buffers, which are what is used of them, do not all compete for
// the same few lines of the processor's cache.
std::size_t strideFor(std::size_t size) {
  constexpr std::size_t page = 4096, lines = 256;
  return (size + page - 1) / page * page + lines;
}

// The address the packet was sent to, with the port of the socket (RFC 3542 6.1).
base::Address localOf(const msghdr& given, const base::Address& bound) {
  msghdr header = given; // CMSG_NXTHDR wants one that may be changed
  for (cmsghdr* item = CMSG_FIRSTHDR(&header); item != nullptr; item = CMSG_NXTHDR(&header, item)) {
    if (item->cmsg_level == IPPROTO_IP && item->cmsg_type == IP_PKTINFO) {
      in_pktinfo info{};
      std::memcpy(&info, CMSG_DATA(item), sizeof info);
      return base::Address::v4(std::as_bytes(std::span<const in_addr, 1>(&info.ipi_addr, 1)), bound.port());
    }
    if (item->cmsg_level == IPPROTO_IPV6 && item->cmsg_type == IPV6_PKTINFO) {
      in6_pktinfo info{};
      std::memcpy(&info, CMSG_DATA(item), sizeof info);
      base::Address local =
          base::Address::v6(std::as_bytes(std::span<const in6_addr, 1>(&info.ipi6_addr, 1)), bound.port());
      if (IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr)) {
        reinterpret_cast<sockaddr_in6*>(local.raw())->sin6_scope_id = info.ipi6_ifindex;
      }
      return local;
    }
  }
  return bound;
}

} // namespace

// What tells an address, of either family.
struct alignas(cmsghdr) UdpBatch::Control {
  std::byte octets[CMSG_SPACE(sizeof(in6_pktinfo))];
};
static_assert(sizeof(in6_pktinfo) >= sizeof(in_pktinfo));

UdpBatch::UdpBatch(UdpOutbox& outbox, std::size_t count, std::size_t receiveSize, std::size_t sendSize)
    : d_outbox(outbox), d_inSize(receiveSize), d_outSize(sendSize),
      d_stride(strideFor(std::max(receiveSize, sendSize))), d_octets(count * d_stride), d_inHeaders(count),
      d_inVectors(count), d_control(std::make_unique<Control[]>(count)), d_peers(count), d_sizes(count),
      d_lastRead(count) {
  for (std::size_t i = 0; i < count; ++i) {
    d_inVectors[i] = {&d_octets[i * d_stride], d_inSize};
    d_inHeaders[i].msg_hdr.msg_name = d_peers[i].raw();
    d_inHeaders[i].msg_hdr.msg_iov = &d_inVectors[i];
    d_inHeaders[i].msg_hdr.msg_iovlen = 1;
  }
}

UdpBatch::~UdpBatch() = default;

void UdpBatch::prepare(std::size_t i, bool withLocal) {
  msghdr& header = d_inHeaders[i].msg_hdr;
  header.msg_namelen = sizeof(base::Address);
  header.msg_control = withLocal ? &d_control[i] : nullptr;
  header.msg_controllen = withLocal ? sizeof(Control) : 0;
}

std::size_t UdpBatch::receive(int fd, const base::Address& bound) {
  const bool wildcard = bound.isWildcard();
  const std::size_t stale = wildcard != d_wildcard ? d_inHeaders.size() : d_lastRead;
  for (std::size_t i = 0; i < stale; ++i) prepare(i, wildcard);
  d_wildcard = wildcard;
  d_bound = bound;
  const int got = ::recvmmsg(fd, d_inHeaders.data(), static_cast<unsigned>(d_inHeaders.size()), MSG_DONTWAIT, nullptr);
  d_lastRead = got > 0 ? static_cast<std::size_t>(got) : 0;
  if (got > 0) d_outbox.leaveBy(fd);
  return d_lastRead;
}

void UdpBatch::dropFront(std::size_t i, std::size_t octets) {
  assert(octets <= d_inHeaders[i].msg_len);
  d_inHeaders[i].msg_len -= static_cast<unsigned>(octets);
  std::byte* front = &d_octets[i * d_stride];
  std::memmove(front, front + octets, d_inHeaders[i].msg_len);
}

base::Address UdpBatch::local(std::size_t i) const {
  return d_wildcard ? localOf(d_inHeaders[i].msg_hdr, d_bound) : d_bound;
}

void UdpBatch::queueFrom(std::size_t i) {
  const base::Address from = local(i);
  d_outbox.add(d_peers[i], std::span(&d_octets[i * d_stride], d_sizes[i]), &from);
}

} // namespace net
