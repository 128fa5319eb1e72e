// TlsClient: what TLS connections to servers have in common (OpenSSL 3): protocol versions, the authorities that are
// trusted, the checks of certificates, the sessions that can be resumed. One per worker; it outlives its streams
// (tlsstream.hh), which tlsstream() makes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lib/base/address.hh"
#include "lib/base/clock.hh"
#include "lib/base/result.hh"

struct ssl_ctx_st;
struct ssl_st;
struct ssl_session_st;
struct x509_store_ctx_st;

namespace net {

// What a server has to prove (RFC 8310 5, the strict profile), and what is spoken with it.
//   - a name or none: the certificate is for that name, or else for the server's address; its chain leads to an
//   authority
//   - pins besides: one key of that chain is pinned
//   - pins, but no name and no caFile: the key of the certificate is pinned, and nothing else counts (RFC 7858 4.2);
//     such certificates are mostly self-signed
struct TlsDemands {
  using Pin = std::array<std::byte, 32>; // SHA-256 of a SubjectPublicKeyInfo

  std::string authName;   // a name or an address; empty: the server's address
  std::vector<Pin> pins;  // any of them
  std::string caFile;     // authorities instead of the system's; empty: the system's
  std::string_view alpn;  // a literal: "dot", "h2" (RFC 7301)
  bool alpnMust = false;  // a server that does not choose it is not spoken to
  bool unchecked = false; // opportunistic (RFC 7435): encrypted, whoever the server is
};

class TlsClient {
 public:
  TlsClient();
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;
  ~TlsClient();

  struct Free {
    void operator()(ssl_ctx_st* context) const;
    void operator()(ssl_st* connection) const;
    void operator()(ssl_session_st* session) const;
  };
  using Context = std::unique_ptr<ssl_ctx_st, Free>;
  using Connection = std::unique_ptr<ssl_st, Free>;
  using Session = std::unique_ptr<ssl_session_st, Free>;

  // One connection's part in the checks; the stream has it, and OpenSSL's callbacks find it there.
  struct Peer {
    TlsClient* client = nullptr;
    base::Address server;
    TlsDemands demands;
    std::string sessionKey; // of all that demands something
    std::string trouble;    // why the certificate was refused
  };

  // A connection ready for its handshake with `peer`, which outlives it; a known session is resumed (RFC 8446 2.2),
  // data is never sent early. `now` is when certificates have to be valid. The error says what is wrong with caFile.
  base::Result<Connection> open(Peer& peer, base::WallTime now);
  [[nodiscard]] std::size_t sessions() const;

 private:
  struct Authority {
    Context context;
    std::int64_t changed = 0; // the file, when it was read; it is read again when it has changed since
  };
  base::Result<ssl_ctx_st*> contextFor(const std::string& caFile);
  static base::Result<Context> makeContext(const std::string& caFile);
  void keep(const std::string& key, Session session);
  [[nodiscard]] Session resumable(const std::string& key);

  static int onSession(ssl_st* connection, ssl_session_st* session);
  static int onCertificate(x509_store_ctx_st* check, void* unused);

  std::unordered_map<std::string, Authority> d_authorities;         // by caFile
  std::unordered_map<std::string, std::vector<Session>> d_sessions; // by Peer::sessionKey
};

} // namespace net
