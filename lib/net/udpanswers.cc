// A ring is not needed: all that is queued leaves at once, and the slots begin anew.
#include "lib/net/udpanswers.hh"

#include <algorithm>
#include <cerrno>

#include "lib/net/packetsource.hh"

namespace net {

struct UdpAnswers::Slot {
  base::Address peer;
  iovec octets{};
  ControlSpace control;
};

UdpAnswers::UdpAnswers(std::size_t count, std::size_t size)
    : d_size(size), d_octets(count * size), d_headers(count), d_slots(std::make_unique<Slot[]>(count)) {}

UdpAnswers::~UdpAnswers() = default;

void UdpAnswers::add(int fd, bool wildcard, const base::Address& peer, const base::Address& local,
                     std::span<const std::byte> message) {
  if (d_queued == d_headers.size() || (d_queued > 0 && fd != d_fd)) flush();
  d_fd = fd;
  const std::size_t size = std::min(message.size(), d_size);
  std::byte* const at = &d_octets[d_queued * d_size];
  std::copy_n(message.begin(), size, at);
  Slot& slot = d_slots[d_queued];
  slot.peer = peer;
  slot.octets = {at, size};
  msghdr& header = d_headers[d_queued].msg_hdr;
  header = {};
  header.msg_name = slot.peer.raw();
  header.msg_namelen = slot.peer.rawSize();
  header.msg_iov = &slot.octets;
  header.msg_iovlen = 1;
  if (wildcard) setSource(header, slot.control, local);
  ++d_queued;
}

std::size_t UdpAnswers::flush() {
  const std::size_t dropped = sendAll(d_fd, std::span(d_headers).first(d_queued));
  d_queued = 0;
  return dropped;
}

} // namespace net
