// Batched UDP: arrays of mmsghdr over fixed buffers, and the control messages that tell and set local addresses.
#include "lib/net/udpbatch.hh"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cassert>
#include <cerrno>
#include <cstring>
#include <vector>

namespace net {

namespace {

constexpr std::size_t kControlSize = CMSG_SPACE(sizeof(in6_pktinfo));
static_assert(sizeof(in6_pktinfo) >= sizeof(in_pktinfo));

struct alignas(cmsghdr) Control {
  std::byte octets[kControlSize];
};

// The address the packet was sent to, with the port of the socket (RFC 3542 6.1).
base::Address localOf(msghdr& header, const base::Address& bound) {
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

template <typename Info> void putControl(msghdr& header, Control& control, int level, int type, const Info& info) {
  control = {};
  header.msg_control = &control;
  header.msg_controllen = CMSG_SPACE(sizeof info);
  cmsghdr* item = CMSG_FIRSTHDR(&header);
  item->cmsg_level = level;
  item->cmsg_type = type;
  item->cmsg_len = CMSG_LEN(sizeof info);
  std::memcpy(CMSG_DATA(item), &info, sizeof info);
}

// Makes the packet leave from `local`, whatever route it takes.
void setSource(msghdr& header, Control& control, const base::Address& local) {
  if (local.isV6()) {
    in6_pktinfo info{};
    const auto* from = reinterpret_cast<const sockaddr_in6*>(local.raw());
    info.ipi6_addr = from->sin6_addr;
    info.ipi6_ifindex = from->sin6_scope_id;
    putControl(header, control, IPPROTO_IPV6, IPV6_PKTINFO, info);
  } else {
    in_pktinfo info{};
    info.ipi_spec_dst = reinterpret_cast<const sockaddr_in*>(local.raw())->sin_addr;
    putControl(header, control, IPPROTO_IP, IP_PKTINFO, info);
  }
}

} // namespace

struct UdpBatch::Buffers {
  Buffers(std::size_t count, std::size_t receiveSize, std::size_t sendSize)
      : inSize(receiveSize), outSize(sendSize), in(count * receiveSize), out(count * sendSize), inHeaders(count),
        outHeaders(count), inVectors(count), outVectors(count), inControl(count), outControl(count), peers(count),
        targets(count), datagrams(count) {
    for (std::size_t i = 0; i < count; ++i) {
      inVectors[i] = {&in[i * inSize], inSize};
      outVectors[i] = {&out[i * outSize], 0};
      inHeaders[i].msg_hdr.msg_iov = &inVectors[i];
      outHeaders[i].msg_hdr.msg_iov = &outVectors[i];
      inHeaders[i].msg_hdr.msg_iovlen = outHeaders[i].msg_hdr.msg_iovlen = 1;
    }
  }
  void prepare(std::size_t i, bool withLocal) {
    msghdr& header = inHeaders[i].msg_hdr;
    header.msg_name = peers[i].raw();
    header.msg_namelen = sizeof(base::Address);
    header.msg_control = withLocal ? &inControl[i] : nullptr;
    header.msg_controllen = withLocal ? sizeof(Control) : 0;
  }

  std::size_t inSize, outSize;
  std::vector<std::byte> in, out;
  std::vector<mmsghdr> inHeaders, outHeaders;
  std::vector<iovec> inVectors, outVectors;
  std::vector<Control> inControl, outControl;
  std::vector<base::Address> peers, targets;
  std::vector<Datagram> datagrams;
  bool wildcard = false;    // of the socket read last
  std::size_t lastRead = 0; // headers to prepare again
  std::size_t queued = 0;
  int outFd = -1;
};

UdpBatch::UdpBatch(std::size_t count, std::size_t receiveSize, std::size_t sendSize)
    : d_buffers(std::make_unique<Buffers>(count, receiveSize, sendSize)) {
  d_buffers->lastRead = count;
}

UdpBatch::~UdpBatch() = default;

std::span<const Datagram> UdpBatch::receive(int fd, const base::Address& bound) {
  Buffers& b = *d_buffers;
  const bool wildcard = bound.isWildcard();
  const std::size_t stale = wildcard == b.wildcard ? b.lastRead : b.inHeaders.size();
  for (std::size_t i = 0; i < stale; ++i) b.prepare(i, wildcard);
  b.wildcard = wildcard;
  const int got = ::recvmmsg(fd, b.inHeaders.data(), static_cast<unsigned>(b.inHeaders.size()), MSG_DONTWAIT, nullptr);
  b.lastRead = got > 0 ? static_cast<std::size_t>(got) : 0;
  for (std::size_t i = 0; i < b.lastRead; ++i) {
    msghdr& header = b.inHeaders[i].msg_hdr;
    Datagram& datagram = b.datagrams[i];
    datagram.peer = b.peers[i];
    datagram.local = wildcard ? localOf(header, bound) : bound;
    datagram.bytes = {&b.in[i * b.inSize], b.inHeaders[i].msg_len};
    datagram.cut = (header.msg_flags & MSG_TRUNC) != 0;
  }
  return {b.datagrams.data(), b.lastRead};
}

std::span<std::byte> UdpBatch::answerSpace() {
  return {&d_buffers->out[d_buffers->queued * d_buffers->outSize], d_buffers->outSize};
}

void UdpBatch::queueAnswer(int fd, const Datagram& question, std::size_t size) {
  Buffers& b = *d_buffers;
  assert(size <= b.outSize && (b.queued == 0 || b.outFd == fd));
  b.outFd = fd;
  b.targets[b.queued] = question.peer;
  b.outVectors[b.queued].iov_len = size;
  msghdr& header = b.outHeaders[b.queued].msg_hdr;
  header.msg_name = b.targets[b.queued].raw();
  header.msg_namelen = b.targets[b.queued].rawSize();
  header.msg_control = nullptr;
  header.msg_controllen = 0;
  if (b.wildcard) setSource(header, b.outControl[b.queued], question.local);
  if (++b.queued == b.outHeaders.size()) flush();
}

void UdpBatch::flush() {
  Buffers& b = *d_buffers;
  std::size_t sent = 0;
  while (sent < b.queued) {
    const int taken =
        ::sendmmsg(b.outFd, &b.outHeaders[sent], static_cast<unsigned>(b.queued - sent), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (taken < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS)) break;
    sent += taken > 0 ? static_cast<std::size_t>(taken) : 1; // the first one cannot be sent: pass it over
  }
  b.queued = 0;
}

bool sendUdp(int fd, bool wildcard, const base::Address& peer, const base::Address& local,
             std::span<const std::byte> bytes) {
  base::Address target = peer;
  iovec vector{const_cast<std::byte*>(bytes.data()), bytes.size()};
  Control control;
  msghdr header{};
  header.msg_name = target.raw();
  header.msg_namelen = target.rawSize();
  header.msg_iov = &vector;
  header.msg_iovlen = 1;
  if (wildcard) setSource(header, control, local);
  return ::sendmsg(fd, &header, MSG_DONTWAIT | MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
}

} // namespace net
