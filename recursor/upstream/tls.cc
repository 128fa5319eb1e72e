// From what the operator demands of an upstream to a stream that checks it.
#include "recursor/upstream/tls.hh"

#include <utility>

#include "lib/net/tlsstream.hh"

namespace rec {

std::unique_ptr<Transport> makeTlsTransport(coro::Loop& loop, Counters& counters, const TcpTransport::Options& options,
                                            LocalAddresses local, bool fastOpen) {
  TcpTransport::Options counted = options;
  counted.opens = Metric::DotConnections;
  counted.reuses = Metric::DotConnectionReuses;
  return std::make_unique<TcpTransport>(loop, counters, counted,
                                        tlsStreams(loop, std::move(local), fastOpen, "dot", false));
}

TcpTransport::StreamMaker tlsStreams(coro::Loop& loop, LocalAddresses local, bool fastOpen, std::string_view alpn,
                                     bool alpnMust) {
  auto client = std::make_shared<net::TlsClient>();
  return [=, &loop, local = std::move(local)](const Upstream& upstream) -> std::unique_ptr<net::Stream> {
    const Endpoint& endpoint = *upstream.endpoint;
    std::string name = endpoint.authName;
    if (name.ends_with('.')) name.pop_back(); // certificates and SNI have names without it (RFC 6066 3)
    net::TlsDemands demands{std::move(name), endpoint.pins, endpoint.caFile, alpn, alpnMust, endpoint.unchecked};
    const base::Address& server = upstream.address;
    auto tcp = std::make_unique<net::TcpStream>(loop, local.pick(server.family()), server, fastOpen);
    return std::make_unique<net::TlsStream>(loop, *client, std::move(tcp), server, std::move(demands));
  };
}

} // namespace rec
