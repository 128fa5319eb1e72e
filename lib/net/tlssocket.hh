// TlsSocket: what both ends of a TLS connection have in common (OpenSSL 3): reading, writing and shaking hands over a
// TCP connection as coroutines. TlsStream and TlsServerStream are one each; they know whom they speak with. Writing to
// a connection that the peer closed raises SIGPIPE, which the process ignores.
#pragma once

#include <memory>
#include <string>

#include "lib/coro/loop.hh"
#include "lib/net/tcpstream.hh"
#include "lib/net/tlsclient.hh"

namespace net {

class TlsSocket : public Stream {
 public:
  TlsSocket(const TlsSocket&) = delete;
  TlsSocket& operator=(const TlsSocket&) = delete;

  coro::Task<StreamResult> readSome(std::span<std::byte> into, base::MonoTime deadline) override;
  coro::Task<StreamResult> writeAll(std::span<const std::byte> octets, base::MonoTime deadline) override;

 protected:
  TlsSocket(coro::Loop& loop, std::unique_ptr<TcpStream> tcp) : d_loop(loop), d_tcp(std::move(tcp)) {}

  // Speaks over the connected socket from now on; what cannot be set up fails in the handshake.
  void begin(TlsClient::Connection tls);
  coro::Task<StreamResult> handshake(base::MonoTime deadline);
  // Says goodbye and lets go of the connection. Destructors of derived classes begin with it: what OpenSSL's callbacks
  // refer to is theirs.
  void end();

  // Why our own checks refused the peer; empty when they did not.
  [[nodiscard]] virtual std::string trouble() const { return {}; }
  [[nodiscard]] static StreamResult failedBecause(std::string detail);

  [[nodiscard]] coro::Loop& loop() const { return d_loop; }
  [[nodiscard]] TcpStream& tcp() const { return *d_tcp; }
  [[nodiscard]] ssl_st* tls() const { return d_tls.get(); }
  [[nodiscard]] bool hasGreeted() const { return d_greeted; } // the handshake is done

 private:
  struct Operation {
    enum class Kind : unsigned char { Handshake, Read, Write };
    Kind kind = Kind::Handshake;
    std::byte* into = nullptr;
    const std::byte* from = nullptr;
    std::size_t size = 0, moved = 0; // octets
  };
  coro::Task<StreamResult> carryOut(Operation operation, base::MonoTime deadline);
  [[nodiscard]] int attempt(Operation& operation); // an SSL_ERROR_*
  [[nodiscard]] int write(Operation& operation);
  void noteDone(Operation::Kind kind);
  [[nodiscard]] StreamResult failed(int reason);

  coro::Loop& d_loop;
  std::unique_ptr<TcpStream> d_tcp;
  TlsClient::Connection d_tls; // destroyed before what it speaks over
  bool d_greeted = false;
  bool d_heard = false;  // octets came after the handshake
  bool d_broken = false; // nothing more may be said
};

} // namespace net
