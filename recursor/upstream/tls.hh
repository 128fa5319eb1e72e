// DNS over TLS (RFC 7858): the pool of tcp.hh over streams whose server has proven who it is (RFC 8310, the strict
// profile). A server that cannot is not asked: there is no way back to TCP or UDP. One per worker.
#pragma once

#include "lib/net/tlsclient.hh"
#include "recursor/upstream/tcp.hh"

namespace rec {

// `fastOpen` is tcp-fast-open-connect.
[[nodiscard]] std::unique_ptr<Transport> makeTlsTransport(coro::Loop& loop, Counters& counters,
                                                          const TcpTransport::Options& options, LocalAddresses local,
                                                          bool fastOpen);

// Opens TLS streams that offer `alpn`, a literal; with `alpnMust` the server has to take it.
[[nodiscard]] TcpTransport::StreamMaker tlsStreams(coro::Loop& loop, LocalAddresses local, bool fastOpen,
                                                   std::string_view alpn, bool alpnMust);

} // namespace rec
