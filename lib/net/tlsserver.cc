// The server's side of TLS by coroutines: each operation is tried first and waits for what OpenSSL wants of the socket.
#include "lib/net/tlsserver.hh"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "lib/coro/wait.hh"

namespace net {

namespace {

StreamResult done(std::size_t count) { return {StreamResult::Status::Done, count, 0, {}}; }
StreamResult timeout() { return {StreamResult::Status::TimedOut, 0, 0, {}}; }

base::Error troubleWith(const std::string& file) {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  return base::Error{file + ": " + (reason != nullptr ? reason : "cannot be used")};
}

std::int64_t changeOf(const std::string& file) {
  struct stat about{};
  if (::stat(file.c_str(), &about) != 0) return 0;
  return std::int64_t{about.st_mtim.tv_sec} * 1'000'000'000 + about.st_mtim.tv_nsec;
}

} // namespace

base::Result<std::unique_ptr<TlsServer>> TlsServer::make(const std::string& certificate, const std::string& key) {
  std::unique_ptr<TlsServer> server(new TlsServer(certificate, key));
  server->d_changed = server->changed();
  auto context = server->read();
  if (!context) return context.error();
  server->d_context = std::move(*context);
  return server;
}

std::int64_t TlsServer::changed() const { return std::max(changeOf(d_certificate), changeOf(d_key)); }

base::Result<TlsServer::Context> TlsServer::read() const {
  ERR_clear_error();
  Context context(SSL_CTX_new(TLS_server_method()));
  if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1) {
    return base::Error{"cannot set up TLS"};
  }
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  if (SSL_CTX_use_certificate_chain_file(context.get(), d_certificate.c_str()) != 1) return troubleWith(d_certificate);
  if (SSL_CTX_use_PrivateKey_file(context.get(), d_key.c_str(), SSL_FILETYPE_PEM) != 1) return troubleWith(d_key);
  if (SSL_CTX_check_private_key(context.get()) != 1) return troubleWith(d_key);
  return context;
}

TlsServer::Connection TlsServer::accept() {
  const std::int64_t now = changed();
  if (now != d_changed) {
    d_changed = now;
    if (auto fresh = read()) d_context = std::move(*fresh);
  }
  ERR_clear_error();
  return Connection(SSL_new(d_context.get()));
}

TlsServerStream::TlsServerStream(coro::Loop& loop, TlsServer& server, std::unique_ptr<TcpStream> tcp)
    : d_loop(loop), d_tcp(std::move(tcp)), d_tls(server.accept()) {
  d_broken = !d_tls || SSL_set_fd(d_tls.get(), d_tcp->fd()) != 1;
  if (!d_broken) SSL_set_accept_state(d_tls.get());
}

// Says goodbye (RFC 8446 6.1).
TlsServerStream::~TlsServerStream() {
  if (!d_greeted || d_broken) return;
  ERR_clear_error();
  SSL_shutdown(d_tls.get());
}

TlsServerStream::Waiting TlsServerStream::judge(int code) {
  const int error = errno;
  const int reason = SSL_get_error(d_tls.get(), code);
  if (reason == SSL_ERROR_WANT_READ) return {true, EV_READ, {}};
  if (reason == SSL_ERROR_WANT_WRITE) return {true, EV_WRITE, {}};
  d_broken = reason != SSL_ERROR_ZERO_RETURN;
  if (reason == SSL_ERROR_ZERO_RETURN || (reason == SSL_ERROR_SYSCALL && error == 0)) {
    return {false, 0, {StreamResult::Status::Closed, 0, 0, {}}};
  }
  if (reason == SSL_ERROR_SYSCALL) return {false, 0, {StreamResult::Status::Failed, 0, error, {}}};
  const char* what = ERR_reason_error_string(ERR_peek_last_error());
  return {false, 0, {StreamResult::Status::Failed, 0, 0, what != nullptr ? what : "TLS failed"}};
}

coro::Task<StreamResult> TlsServerStream::connect(base::MonoTime deadline) {
  if (d_broken) co_return StreamResult{StreamResult::Status::Failed, 0, 0, "cannot set up TLS"};
  for (;;) {
    ERR_clear_error();
    errno = 0;
    const int code = SSL_do_handshake(d_tls.get());
    if (code == 1) {
      d_greeted = true;
      co_return done(0);
    }
    const Waiting waiting = judge(code);
    if (!waiting.goesOn) co_return waiting.result;
    const int fd = d_tcp->fd();
    const short event = waiting.event;
    bool ready = co_await coro::EventWait(d_loop, fd, event, deadline);
    if (!ready) co_return timeout();
  }
}

coro::Task<StreamResult> TlsServerStream::readSome(std::span<std::byte> into, base::MonoTime deadline) {
  for (;;) {
    ERR_clear_error();
    errno = 0;
    std::size_t got = 0;
    const int code = SSL_read_ex(d_tls.get(), into.data(), into.size(), &got);
    if (code == 1) co_return done(got);
    const Waiting waiting = judge(code);
    if (!waiting.goesOn) co_return waiting.result;
    const int fd = d_tcp->fd();
    const short event = waiting.event;
    bool ready = co_await coro::EventWait(d_loop, fd, event, deadline);
    if (!ready) co_return timeout();
  }
}

coro::Task<StreamResult> TlsServerStream::writeAll(std::span<const std::byte> octets, base::MonoTime deadline) {
  std::size_t sent = 0;
  while (sent < octets.size()) {
    ERR_clear_error();
    errno = 0;
    std::size_t taken = 0;
    const int code = SSL_write_ex(d_tls.get(), octets.data() + sent, octets.size() - sent, &taken);
    sent += taken;
    if (code == 1) continue;
    const Waiting waiting = judge(code);
    if (!waiting.goesOn) co_return waiting.result;
    const int fd = d_tcp->fd();
    const short event = waiting.event;
    bool ready = co_await coro::EventWait(d_loop, fd, event, deadline);
    if (!ready) co_return timeout();
  }
  co_return done(sent);
}

} // namespace net
