// TcpStream: a Stream over one TCP connection, made by us or accepted; and the listening socket. Used by the upstream
// pool and the TCP listeners. Knows nothing of DNS.
#pragma once

#include "lib/coro/loop.hh"
#include "lib/net/stream.hh"
#include "lib/net/udpsocket.hh"

namespace net {

// A non-blocking listening socket with Nagle's algorithm off on what it accepts. The error names the address.
base::Result<base::Fd> bindTcp(const base::Address& address, const BindOptions& options);

// The next connection that waits at `listener`; invalid when there is none (or none that can be had).
struct Accepted {
  base::Fd fd;
  base::Address peer, local;
  int error = 0; // errno when there is none: EAGAIN when nobody waits
};
[[nodiscard]] Accepted acceptTcp(int listener);

class TcpStream final : public Stream {
 public:
  // Around a connected, non-blocking socket.
  TcpStream(coro::Loop& loop, base::Fd connected) : d_loop(loop), d_fd(std::move(connected)) {}
  // To be connected. `fastOpen`: the first data go with the SYN where the kernel has a cookie (RFC 7413).
  TcpStream(coro::Loop& loop, const base::Address& local, const base::Address& server, bool fastOpen)
      : d_loop(loop), d_local(local), d_server(server), d_fastOpen(fastOpen) {}

  coro::Task<StreamResult> connect(base::MonoTime deadline) override;
  coro::Task<StreamResult> readSome(std::span<std::byte> into, base::MonoTime deadline) override;
  coro::Task<StreamResult> writeAll(std::span<const std::byte> octets, base::MonoTime deadline) override;
  [[nodiscard]] int fd() const { return d_fd.get(); } // for what speaks over the connection instead (TlsStream)

 private:
  [[nodiscard]] int startConnecting(); // errno; EINPROGRESS while it goes on

  coro::Loop& d_loop;
  base::Fd d_fd;
  base::Address d_local, d_server;
  bool d_fastOpen = false;
};

} // namespace net
