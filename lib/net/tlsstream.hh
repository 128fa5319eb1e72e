// TlsStream: a Stream over TLS 1.2 or 1.3 to a server (OpenSSL 3), whose certificate is checked as TlsDemands say. A
// failed check is a failed connect() with the reason in words. Used by the upstream transports.
#pragma once

#include <memory>

#include "lib/net/tlsclient.hh"
#include "lib/net/tlssocket.hh"

namespace net {

class TlsStream final : public TlsSocket {
 public:
  // `tcp` is to be connected to `server`, or is connected; `client` outlives this object.
  TlsStream(coro::Loop& loop, TlsClient& client, std::unique_ptr<TcpStream> tcp, const base::Address& server,
            TlsDemands demands);
  ~TlsStream() override { end(); } // before d_peer goes

  coro::Task<StreamResult> connect(base::MonoTime deadline) override;

  [[nodiscard]] bool resumed() const override; // no certificate was exchanged

 private:
  [[nodiscard]] StreamResult checkProtocol() const; // that the server chose what is demanded
  [[nodiscard]] std::string trouble() const override;

  TlsClient& d_client;
  TlsClient::Peer d_peer;
};

} // namespace net
