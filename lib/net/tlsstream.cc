// TLS by coroutines: each operation is tried first and waits for what OpenSSL wants of the socket.
#include "lib/net/tlsstream.hh"

#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <cerrno>
#include <utility>

#include "lib/coro/wait.hh"
#include "lib/net/socketoptions.hh"

namespace net {

namespace {

bool mustWait(int reason) { return reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE; }
short eventFor(int reason) { return reason == SSL_ERROR_WANT_READ ? EV_READ : EV_WRITE; }

StreamResult done(std::size_t count) { return {StreamResult::Status::Done, count, 0, {}}; }
StreamResult timeout() { return {StreamResult::Status::TimedOut, 0, 0, {}}; }
StreamResult failedBecause(std::string detail) { return {StreamResult::Status::Failed, 0, 0, std::move(detail)}; }

} // namespace

TlsStream::TlsStream(coro::Loop& loop, TlsClient& client, std::unique_ptr<TcpStream> tcp, const base::Address& server,
                     TlsDemands demands)
    : d_loop(loop), d_client(client), d_tcp(std::move(tcp)) {
  d_peer.server = server;
  d_peer.demands = std::move(demands);
}

// Says goodbye (RFC 8446 6.1); without it OpenSSL would not resume the session either.
TlsStream::~TlsStream() {
  if (!d_greeted || d_broken) return;
  ERR_clear_error();
  SSL_shutdown(d_tls.get());
}

StreamResult TlsStream::begin() {
  auto opened = d_client.open(d_peer, d_loop.wall());
  if (!opened) return failedBecause(opened.error().message);
  d_tls = std::move(*opened);
  if (SSL_set_fd(d_tls.get(), d_tcp->fd()) != 1) return failedBecause("cannot set up TLS");
  return done(0);
}

int TlsStream::outcome(int code) const { return SSL_get_error(d_tls.get(), code); }

coro::Task<StreamResult> TlsStream::connect(base::MonoTime deadline) {
  auto result = co_await d_tcp->connect(deadline);
  if (result.done()) result = begin();
  if (!result.done()) co_return result;
  for (;;) {
    ERR_clear_error();
    errno = 0;
    const int code = SSL_do_handshake(d_tls.get());
    if (code == 1) co_return greeted();
    const int reason = outcome(code);
    if (!mustWait(reason)) co_return failed(reason);
    const int fd = d_tcp->fd();
    const short event = eventFor(reason);
    bool ready = co_await coro::EventWait(d_loop, fd, event, deadline);
    if (!ready) co_return timeout();
  }
}

StreamResult TlsStream::greeted() {
  d_greeted = true;
  if (!d_peer.demands.alpnMust) return done(0);
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(d_tls.get(), &chosen, &size);
  if (std::string_view(reinterpret_cast<const char*>(chosen), size) == d_peer.demands.alpn) return done(0);
  return failedBecause("server does not speak " + std::string(d_peer.demands.alpn));
}

coro::Task<StreamResult> TlsStream::readSome(std::span<std::byte> into, base::MonoTime deadline) {
  for (;;) {
    ERR_clear_error();
    errno = 0;
    std::size_t got = 0;
    const int code = SSL_read_ex(d_tls.get(), into.data(), into.size(), &got);
    if (code == 1) {
      d_heard = true;
      co_return done(got);
    }
    const int reason = outcome(code);
    if (!mustWait(reason)) co_return failed(reason);
    const int fd = d_tcp->fd();
    // The server's tickets are acknowledged at once: a server that holds small segments back (Nagle) would send its
    // first answer only after our delayed acknowledgement, 40 ms later.
    if (!d_heard) setOption(fd, IPPROTO_TCP, TCP_QUICKACK, 1);
    const short event = eventFor(reason);
    bool ready = co_await coro::EventWait(d_loop, fd, event, deadline);
    if (!ready) co_return timeout();
  }
}

coro::Task<StreamResult> TlsStream::writeAll(std::span<const std::byte> octets, base::MonoTime deadline) {
  std::size_t sent = 0;
  while (sent < octets.size()) {
    ERR_clear_error();
    errno = 0;
    std::size_t taken = 0;
    const int code = SSL_write_ex(d_tls.get(), octets.data() + sent, octets.size() - sent, &taken);
    sent += taken;
    if (code == 1) continue;
    const int reason = outcome(code);
    if (!mustWait(reason)) co_return failed(reason);
    const int fd = d_tcp->fd();
    const short event = eventFor(reason);
    bool ready = co_await coro::EventWait(d_loop, fd, event, deadline);
    if (!ready) co_return timeout();
  }
  co_return done(sent);
}

StreamResult TlsStream::failed(int reason) {
  d_broken = true;
  const int error = errno;
  if (reason == SSL_ERROR_ZERO_RETURN || (reason == SSL_ERROR_SYSCALL && error == 0)) {
    d_broken = reason == SSL_ERROR_SYSCALL;
    return {StreamResult::Status::Closed, 0, 0, {}};
  }
  if (reason == SSL_ERROR_SYSCALL) return {StreamResult::Status::Failed, 0, error, {}};
  if (!d_peer.trouble.empty()) {
    return failedBecause("certificate of " + d_peer.server.textWithPort() + " " + d_peer.trouble);
  }
  const char* what = ERR_reason_error_string(ERR_peek_last_error());
  return failedBecause(std::string("TLS failed: ") + (what != nullptr ? what : "unknown reason"));
}

bool TlsStream::resumed() const { return d_greeted && SSL_session_reused(d_tls.get()) == 1; }

} // namespace net
