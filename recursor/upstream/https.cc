// From an upstream to its HTTP target, and from HTTP answers to DNS answers.
#include "recursor/upstream/https.hh"

#include <utility>

#include "lib/dns/aging.hh"
#include "recursor/upstream/tls.hh"

namespace rec {

namespace {

constexpr std::size_t kReadSize = 16384; // a TLS record
constexpr std::uint16_t kHttpsPort = 443;

net::Http2Client::Target targetOf(const Upstream& upstream) {
  const Endpoint& endpoint = *upstream.endpoint;
  const std::uint16_t port = upstream.address.port();
  std::string host = endpoint.authName.empty() ? upstream.address.text() : endpoint.authName;
  if (host.find(':') != std::string::npos) host = "[" + host + "]";
  if (port != kHttpsPort) host += ":" + std::to_string(port);
  return {std::move(host), endpoint.path, "application/dns-message"};
}

// Tells a connection what its HTTP/2 says.
class Relay final : public net::Http2Client::Listener {
 public:
  explicit Relay(Dialect::Listener& to) : d_to(to) {}
  void answered(std::int32_t stream, std::span<std::byte> body, std::uint32_t age) override {
    if (age != 0) dns::ageTtls(body, age); // RFC 8484 5.1
    d_to.answered(stream, body);
  }
  void failed(std::int32_t stream, std::string why, bool unprocessed) override {
    d_to.failed(stream, std::move(why), unprocessed);
  }

 private:
  Dialect::Listener& d_to;
};

} // namespace

bool HttpDialect::hasRoom(std::size_t /*waiting*/) const { return d_client.hasRoom(); }

void HttpDialect::ask(Key /*key*/, std::span<const std::byte> packet) { d_client.post(packet); }

std::span<std::byte> HttpDialect::space() {
  d_in.resize(kReadSize);
  return d_in;
}

std::string HttpDialect::take(std::size_t octets, Listener& listener) {
  Relay relay(listener);
  return d_client.receive(std::span(d_in).first(octets), relay);
}

std::unique_ptr<Transport> makeHttpsTransport(coro::Loop& loop, Counters& counters,
                                              const TcpTransport::Options& options, LocalAddresses local,
                                              bool fastOpen) {
  return std::make_unique<TcpTransport>(
      loop, counters, options, tlsStreams(loop, std::move(local), fastOpen, "h2", true),
      [](const Upstream& upstream) { return std::make_unique<HttpDialect>(targetOf(upstream)); });
}

} // namespace rec
