// A ring is not needed: all that is in the outbox leaves at once, and the slots begin anew.
#include "lib/net/udpanswers.hh"

#include <algorithm>

namespace net {

UdpAnswers::UdpAnswers(UdpOutbox& outbox, std::size_t count, std::size_t size)
    : d_outbox(outbox), d_size(size), d_octets(count * size), d_peers(count) {}

void UdpAnswers::add(int fd, bool wildcard, const base::Address& peer, const base::Address& local,
                     std::span<const std::byte> message) {
  d_outbox.leaveBy(fd);
  if (d_used == d_peers.size()) d_outbox.send();
  if (d_outbox.empty()) d_used = 0;
  const std::span slot = std::span(d_octets).subspan(d_used * d_size, std::min(message.size(), d_size));
  std::copy_n(message.begin(), slot.size(), slot.begin());
  base::Address& to = d_peers[d_used++] = peer;
  d_outbox.add(to, slot, wildcard ? &local : nullptr);
}

} // namespace net
