// TCP behind proxies: a connection begins with a header, which says whose all its questions are. Until it is there the
// connection is nobody's: it counts in max-tcp-clients only, and ends after client-tcp-timeout like an idle one.
#include "lib/coro/wait.hh"
#include "recursor/ingress/tcpconnection.hh"

namespace rec {

// False when the connection is to be closed.
coro::Task<bool> TcpIngress::readHeader(ConnectionPtr connection) {
  for (;;) {
    const auto reading = d_proxies.read(connection->frames.unread());
    if (reading.status != net::ProxyReading::Status::Partial) {
      co_return takeHeader(*connection, reading);
    }
    const std::span<std::byte> space = connection->frames.space();
    const base::MonoTime deadline = connection->idleAt;
    const auto read = co_await connection->stream->readSome(space, deadline);
    if (!read.done()) {
      d_parts.counters.add(Metric::TcpClientTimeouts, read.status == net::StreamResult::Status::TimedOut ? 1 : 0);
      if (connection->frames.midMessage()) d_proxies.countInvalid();
      co_return false;
    }
    connection->frames.filled(read.count);
  }
}

bool TcpIngress::takeHeader(Connection& connection, const net::ProxyReading& reading) {
  if (!reading.complete()) {
    d_proxies.countInvalid();
    return false;
  }
  const net::ProxyHeader& header = reading.header;
  if (header.named) {
    auto hop = std::make_shared<net::ProxyHop>();
    hop->peer = connection.client.source;
    hop->local = connection.client.local;
    hop->values = net::proxyValues(header.values);
    connection.client.proxy = std::move(hop);
    connection.client.source = header.source;
    connection.client.local = header.destination;
  }
  connection.frames.skip(header.size);
  return isWelcome(connection);
}

// What onReadable() asks of others when they connect.
bool TcpIngress::isWelcome(Connection& connection) {
  const base::Address& client = connection.client.source;
  if (!d_parts.hotPath.isAllowed(client)) {
    d_parts.counters.add(Metric::UnauthorizedTcp);
    return false;
  }
  if (!d_parts.quota.name(client)) {
    d_parts.counters.add(Metric::MaxTcpPerClientExceeded);
    return false;
  }
  connection.counted = client;
  return true;
}

} // namespace rec
