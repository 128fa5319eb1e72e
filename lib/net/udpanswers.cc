// A ring is not needed: all that is queued leaves at once, and the slots begin anew.
#include "lib/net/udpanswers.hh"

#include <algorithm>
#include <utility>

namespace net {

UdpAnswers::UdpAnswers(std::size_t count, std::size_t size)
    : d_size(size), d_octets(count * size), d_peers(count), d_outbox(count) {}

void UdpAnswers::add(int fd, bool wildcard, const base::Address& peer, const base::Address& local,
                     std::span<const std::byte> message) {
  if (d_outbox.full() || (!empty() && fd != d_fd)) d_sent = flush();
  d_fd = fd;
  const std::size_t at = d_outbox.count();
  const std::span slot = std::span(d_octets).subspan(at * d_size, std::min(message.size(), d_size));
  std::copy_n(message.begin(), slot.size(), slot.begin());
  d_peers[at] = peer;
  d_outbox.add(d_peers[at], slot, wildcard ? &local : nullptr);
}

UdpOutbox::Sent UdpAnswers::flush() {
  UdpOutbox::Sent sent = std::exchange(d_sent, {});
  sent += d_outbox.flush(d_fd);
  return sent;
}

} // namespace net
