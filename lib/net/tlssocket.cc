// TLS by coroutines: each operation is tried first and waits for what OpenSSL wants of the socket.
#include "lib/net/tlssocket.hh"

#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <cerrno>
#include <utility>

#include "lib/coro/wait.hh"
#include "lib/net/socketoptions.hh"

namespace net {

void TlsSocket::begin(TlsClient::Connection tls) {
  if (tls && SSL_set_fd(tls.get(), d_tcp->fd()) == 1) d_tls = std::move(tls);
}

// RFC 8446 6.1; without it OpenSSL would not resume the session either.
void TlsSocket::end() {
  if (d_greeted && !d_broken) {
    ERR_clear_error();
    SSL_shutdown(d_tls.get());
  }
  d_tls.reset();
}

coro::Task<StreamResult> TlsSocket::handshake(base::MonoTime deadline) { return carryOut(Operation{}, deadline); }

coro::Task<StreamResult> TlsSocket::readSome(std::span<std::byte> into, base::MonoTime deadline) {
  return carryOut({Operation::Kind::Read, into.data(), nullptr, into.size()}, deadline);
}

coro::Task<StreamResult> TlsSocket::writeAll(std::span<const std::byte> octets, base::MonoTime deadline) {
  return carryOut({Operation::Kind::Write, nullptr, octets.data(), octets.size()}, deadline);
}

coro::Task<StreamResult> TlsSocket::carryOut(Operation operation, base::MonoTime deadline) {
  if (!d_tls) co_return failedBecause("cannot set up TLS");
  for (;;) {
    const int reason = attempt(operation);
    if (reason == SSL_ERROR_NONE) {
      noteDone(operation.kind);
      co_return StreamResult{StreamResult::Status::Done, operation.moved};
    }
    if (reason != SSL_ERROR_WANT_READ && reason != SSL_ERROR_WANT_WRITE) co_return failed(reason);
    const int fd = d_tcp->fd();
    // What comes first (a server's tickets, a client's request) is acknowledged at once: a peer that holds small
    // segments back (Nagle) would send more only after our delayed acknowledgement, 40 ms later.
    if (operation.kind == Operation::Kind::Read && !d_heard) setOption(fd, IPPROTO_TCP, TCP_QUICKACK, 1);
    const short event = reason == SSL_ERROR_WANT_READ ? EV_READ : EV_WRITE;
    bool ready = co_await coro::EventWait(d_loop, fd, event, deadline);
    if (!ready) co_return StreamResult{StreamResult::Status::TimedOut};
  }
}

int TlsSocket::attempt(Operation& operation) {
  ERR_clear_error();
  errno = 0;
  int code = 0;
  switch (operation.kind) {
  case Operation::Kind::Handshake: code = SSL_do_handshake(d_tls.get()); break;
  case Operation::Kind::Read: code = SSL_read_ex(d_tls.get(), operation.into, operation.size, &operation.moved); break;
  case Operation::Kind::Write: code = write(operation); break;
  }
  return code == 1 ? SSL_ERROR_NONE : SSL_get_error(d_tls.get(), code);
}

int TlsSocket::write(Operation& operation) {
  while (operation.moved < operation.size) {
    std::size_t taken = 0;
    const int code =
        SSL_write_ex(d_tls.get(), operation.from + operation.moved, operation.size - operation.moved, &taken);
    operation.moved += taken;
    if (code != 1) return code;
  }
  return 1;
}

void TlsSocket::noteDone(Operation::Kind kind) {
  if (kind == Operation::Kind::Handshake) d_greeted = true;
  if (kind == Operation::Kind::Read) d_heard = true;
}

StreamResult TlsSocket::failed(int reason) {
  const int error = errno;
  d_broken = reason != SSL_ERROR_ZERO_RETURN;
  if (reason == SSL_ERROR_ZERO_RETURN || (reason == SSL_ERROR_SYSCALL && error == 0)) {
    return {StreamResult::Status::Closed};
  }
  if (reason == SSL_ERROR_SYSCALL) return {StreamResult::Status::Failed, 0, error};
  if (auto refused = trouble(); !refused.empty()) return failedBecause(std::move(refused));
  const char* what = ERR_reason_error_string(ERR_peek_last_error());
  return failedBecause(std::string("TLS failed: ") + (what != nullptr ? what : "unknown reason"));
}

StreamResult TlsSocket::failedBecause(std::string detail) {
  return {StreamResult::Status::Failed, 0, 0, std::move(detail)};
}

} // namespace net
