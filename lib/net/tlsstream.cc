// The client's end of a TLS connection: connecting, and what it says of the server. See tlssocket.cc for the rest.
#include "lib/net/tlsstream.hh"

#include <openssl/ssl.h>

#include <utility>

namespace net {

TlsStream::TlsStream(coro::Loop& loop, TlsClient& client, std::unique_ptr<TcpStream> tcp, const base::Address& server,
                     TlsDemands demands)
    : TlsSocket(loop, std::move(tcp)), d_client(client) {
  d_peer.server = server;
  d_peer.demands = std::move(demands);
}

coro::Task<StreamResult> TlsStream::connect(base::MonoTime deadline) {
  auto result = co_await tcp().connect(deadline);
  if (!result.done()) co_return result;
  auto opened = d_client.open(d_peer, loop().wall());
  if (!opened) co_return failedBecause(opened.error().message);
  begin(std::move(*opened));
  result = co_await handshake(deadline);
  if (result.done()) result = checkProtocol();
  co_return result;
}

StreamResult TlsStream::checkProtocol() const {
  if (!d_peer.demands.alpnMust) return {StreamResult::Status::Done};
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(tls(), &chosen, &size);
  const std::string_view protocol(reinterpret_cast<const char*>(chosen), size);
  if (protocol == d_peer.demands.alpn) return {StreamResult::Status::Done};
  return failedBecause("server does not speak " + std::string(d_peer.demands.alpn));
}

std::string TlsStream::trouble() const {
  if (d_peer.trouble.empty()) return {};
  return "certificate of " + d_peer.server.textWithPort() + " " + d_peer.trouble;
}

bool TlsStream::resumed() const { return hasGreeted() && SSL_session_reused(tls()) == 1; }

} // namespace net
