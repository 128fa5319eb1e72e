// The server's side of TLS: its certificate and key, read again when their files change. See tlssocket.cc for the
// stream.
#include "lib/net/tlsserver.hh"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

#include <algorithm>

namespace net {

namespace {

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
  Connection connection(SSL_new(d_context.get()));
  if (connection) SSL_set_accept_state(connection.get());
  return connection;
}

TlsServerStream::TlsServerStream(coro::Loop& loop, TlsServer& server, std::unique_ptr<TcpStream> tcp)
    : TlsSocket(loop, std::move(tcp)) {
  begin(server.accept());
}

} // namespace net
