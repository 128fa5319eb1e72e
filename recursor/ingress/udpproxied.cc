// UDP behind proxies: the headers of a batch are read and taken away before anything else, so that hits and misses go
// the same way as ever, with another address for the client. Nothing of this runs without proxy-protocol-from.
#include "recursor/ingress/udp.hh"

namespace rec {

void UdpIngress::unwrap(const Listener& listener, std::size_t count) {
  d_unwrapped.resize(d_asked.size());
  d_proxyValues.clear();
  const base::Address bound = boundOf(listener);
  for (std::size_t i = 0; i < count; ++i) {
    unwrapOne(bound, i);
  }
}

// Values are copied: the packet moves over them.
void UdpIngress::unwrapOne(const base::Address& bound, std::size_t i) {
  Unwrapped& packet = d_unwrapped[i];
  packet = {};
  packet.source = d_batch->peer(i);
  if (d_batch->isCut(i) || !d_proxies.expects(packet.source, bound)) {
    return;
  }
  const auto reading = d_proxies.read(d_batch->packet(i));
  packet.dropped = !reading.complete();
  if (packet.dropped) {
    d_proxies.countInvalid();
    return;
  }
  const net::ProxyHeader& header = reading.header;
  packet.named = header.named;
  if (header.named) {
    packet.source = header.source;
    packet.local = header.destination;
    packet.valuesAt = d_proxyValues.size();
    packet.valuesSize = header.values.size();
    d_proxyValues.insert(d_proxyValues.end(), header.values.begin(), header.values.end());
  }
  d_batch->dropFront(i, header.size);
}

// The client that the header named; `client` is the proxy so far.
void UdpIngress::nameClient(Client& client, std::size_t i) const {
  const Unwrapped& packet = d_unwrapped[i];
  if (!packet.named) {
    return;
  }
  auto hop = std::make_shared<net::ProxyHop>();
  hop->peer = client.source;
  hop->local = client.local;
  hop->values = net::proxyValues(std::span(d_proxyValues).subspan(packet.valuesAt, packet.valuesSize));
  client.proxy = std::move(hop);
  client.source = packet.source;
  client.local = packet.local;
}

} // namespace rec
