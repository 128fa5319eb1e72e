// TlsServer: the certificate and key of a TLS server (OpenSSL 3), read again when their files have changed; and
// TlsServerStream, a Stream over an accepted connection. Used by the web server. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "lib/net/tcpstream.hh"
#include "lib/net/tlsclient.hh"

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

class TlsServerStream final : public Stream {
 public:
  TlsServerStream(coro::Loop& loop, TlsServer& server, std::unique_ptr<TcpStream> tcp);
  TlsServerStream(const TlsServerStream&) = delete;
  TlsServerStream& operator=(const TlsServerStream&) = delete;
  ~TlsServerStream() override;

  coro::Task<StreamResult> connect(base::MonoTime deadline) override; // the handshake
  coro::Task<StreamResult> readSome(std::span<std::byte> into, base::MonoTime deadline) override;
  coro::Task<StreamResult> writeAll(std::span<const std::byte> octets, base::MonoTime deadline) override;

 private:
  struct Waiting {
    bool goesOn = false; // OpenSSL wants `event` of the socket
    short event = 0;
    StreamResult result;
  };
  [[nodiscard]] Waiting judge(int code); // an operation that did not succeed

  coro::Loop& d_loop;
  std::unique_ptr<TcpStream> d_tcp;
  TlsServer::Connection d_tls;
  bool d_greeted = false, d_broken = false;
};

} // namespace net
