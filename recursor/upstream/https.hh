// DNS over HTTPS (RFC 8484): the pool of tcp.hh over HTTP/2 over TLS, each question a POST on a stream of its own.
// Answers come in any order; certificates are checked as for TLS (tls.hh), and nothing falls back from here. One per
// worker.
#pragma once

#include "lib/net/http2client.hh"
#include "recursor/upstream/tcp.hh"

namespace rec {

// `fastOpen` is tcp-fast-open-connect.
[[nodiscard]] std::unique_ptr<Transport> makeHttpsTransport(coro::Loop& loop, Counters& counters,
                                                            const TcpTransport::Options& options, LocalAddresses local,
                                                            bool fastOpen);

// Questions and answers as bodies in HTTP/2.
class HttpDialect final : public Dialect {
 public:
  explicit HttpDialect(net::Http2Client::Target target) : d_client(std::move(target)) {}
  [[nodiscard]] Key keyFor(std::uint16_t /*id*/) const override { return d_client.nextStream(); }
  [[nodiscard]] bool hasRoom(std::size_t waiting) const override;
  void ask(Key key, std::span<const std::byte> packet) override;
  // The answer is let come: servers count streams that are reset as an attack.
  void forget(Key /*key*/) override {}
  [[nodiscard]] std::span<std::byte> space() override;
  [[nodiscard]] std::string take(std::size_t octets, Listener& listener) override;
  void write(std::vector<std::byte>& out) override { d_client.output(out); }
  void rest() override { std::vector<std::byte>().swap(d_in); }

 private:
  net::Http2Client d_client;
  std::vector<std::byte> d_in;
};

} // namespace rec
