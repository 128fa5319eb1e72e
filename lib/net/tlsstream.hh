// TlsStream: a Stream over TLS 1.2 or 1.3 to a server (OpenSSL 3), whose certificate is checked as TlsDemands say. A
// failed check is a failed connect() with the reason in words. Used by the upstream transports. Writing to a connection
// that the peer closed raises SIGPIPE, which the process ignores.
#pragma once

#include <memory>

#include "lib/coro/loop.hh"
#include "lib/net/tcpstream.hh"
#include "lib/net/tlsclient.hh"

namespace net {

class TlsStream final : public Stream {
 public:
  // `tcp` is to be connected to `server`, or is connected; `client` outlives this object.
  TlsStream(coro::Loop& loop, TlsClient& client, std::unique_ptr<TcpStream> tcp, const base::Address& server,
            TlsDemands demands);
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;
  ~TlsStream() override;

  coro::Task<StreamResult> connect(base::MonoTime deadline) override;
  coro::Task<StreamResult> readSome(std::span<std::byte> into, base::MonoTime deadline) override;
  coro::Task<StreamResult> writeAll(std::span<const std::byte> octets, base::MonoTime deadline) override;

  [[nodiscard]] bool resumed() const override; // no certificate was exchanged

 private:
  [[nodiscard]] StreamResult begin();   // TLS over the connected socket
  [[nodiscard]] StreamResult greeted(); // the handshake is done
  [[nodiscard]] StreamResult failed(int reason);
  [[nodiscard]] int outcome(int code) const; // SSL_get_error()

  coro::Loop& d_loop;
  TlsClient& d_client;
  std::unique_ptr<TcpStream> d_tcp;
  TlsClient::Peer d_peer;
  TlsClient::Connection d_tls; // destroyed before what it refers to
  bool d_greeted = false;
  bool d_heard = false; // octets came after the handshake
  bool d_broken = false;
};

} // namespace net
