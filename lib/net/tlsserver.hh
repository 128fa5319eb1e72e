// TlsServer: the certificate and key of a TLS server (OpenSSL 3), read again when their files have changed; and
// TlsServerStream, a Stream over an accepted connection. Used by the web server. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "lib/net/tlsclient.hh"
#include "lib/net/tlssocket.hh"

namespace net {

class TlsServer {
 public:
  using Context = TlsClient::Context;
  using Connection = TlsClient::Connection;

  // Reads both PEM files; the error says which one is wrong and why.
  static base::Result<std::unique_ptr<TlsServer>> make(const std::string& certificate, const std::string& key);

  // A connection that waits for its client's handshake. Looks first whether the files have changed; files that cannot
  // be used leave the old ones in force.
  [[nodiscard]] Connection accept();

 private:
  TlsServer(std::string certificate, std::string key) : d_certificate(std::move(certificate)), d_key(std::move(key)) {}
  base::Result<Context> read() const;
  [[nodiscard]] std::int64_t changed() const;

  std::string d_certificate, d_key;
  Context d_context;
  std::int64_t d_changed = 0; // when the files were read
};

class TlsServerStream final : public TlsSocket {
 public:
  TlsServerStream(coro::Loop& loop, TlsServer& server, std::unique_ptr<TcpStream> tcp);
  ~TlsServerStream() override { end(); }

  coro::Task<StreamResult> connect(base::MonoTime deadline) override { return handshake(deadline); }
};

} // namespace net
