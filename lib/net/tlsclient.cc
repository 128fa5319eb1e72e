// Contexts, sessions and the judgement of certificates.
#include "lib/net/tlsclient.hh"

#include <openssl/err.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <algorithm>
#include <ctime>

namespace net {

using base::Error;
using base::Result;

namespace {

constexpr std::size_t kMaxServers = 1000; // with sessions
constexpr std::size_t kMaxSessions = 4;   // for each: as many connections can be resumed at once
constexpr long kSessionSeconds = 3600;    // a certificate is looked at again at least that often
constexpr const char* kUntrusted = "is from an unknown authority";

// When the file was changed, in nanoseconds; 0 when there is none.
std::int64_t changeTime(const std::string& file) {
  struct stat found{};
  if (file.empty() || ::stat(file.c_str(), &found) != 0) return 0;
  return std::int64_t{found.st_mtim.tv_sec} * 1'000'000'000 + found.st_mtim.tv_nsec;
}

std::string lastReason() {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  return reason != nullptr ? reason : "unknown reason";
}

bool isPinned(X509* certificate, const std::vector<TlsDemands::Pin>& pins) {
  unsigned char* der = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
  if (size <= 0) return false;
  TlsDemands::Pin digest;
  SHA256(der, static_cast<std::size_t>(size), reinterpret_cast<unsigned char*>(digest.data()));
  OPENSSL_free(der);
  return std::find(pins.begin(), pins.end(), digest) != pins.end();
}

bool chainIsPinned(X509_STORE_CTX* check, const std::vector<TlsDemands::Pin>& pins) {
  STACK_OF(X509)* chain = X509_STORE_CTX_get0_chain(check);
  for (int i = 0; i < sk_X509_num(chain); ++i) {
    if (isPinned(sk_X509_value(chain, i), pins)) return true;
  }
  return false;
}

std::string day(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return "an unknown day";
  std::array<char, 16> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d", &parts)};
}

// Why the check failed, to be read behind "certificate of 192.0.2.1:853 ".
std::string whyNot(X509_STORE_CTX* check, const TlsClient::Peer& peer) {
  X509* at = X509_STORE_CTX_get_current_cert(check);
  const int error = X509_STORE_CTX_get_error(check);
  switch (error) {
  case X509_V_ERR_HOSTNAME_MISMATCH: return "is not for " + peer.demands.authName;
  case X509_V_ERR_IP_ADDRESS_MISMATCH:
    return "is not for " + (peer.demands.authName.empty() ? peer.server.text() : peer.demands.authName);
  case X509_V_ERR_CERT_HAS_EXPIRED: return at == nullptr ? "expired" : "expired on " + day(X509_get0_notAfter(at));
  case X509_V_ERR_CERT_NOT_YET_VALID:
    return at == nullptr ? "is not valid yet" : "is not valid before " + day(X509_get0_notBefore(at));
  case X509_V_ERR_CERT_SIGNATURE_FAILURE: // one of the same name, with another key
  case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
  case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
  case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
  case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
  case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT: return kUntrusted;
  default: return std::string("is not good: ") + X509_verify_cert_error_string(error);
  }
}

// No part of the key can be taken for another: lengths go first.
void append(std::string& key, std::string_view part) {
  key += std::to_string(part.size());
  key += ':';
  key += part;
}

std::string keyOf(const TlsClient::Peer& peer) {
  const TlsDemands& demands = peer.demands;
  std::string key;
  append(key, peer.server.textWithPort());
  append(key, demands.authName);
  append(key, demands.caFile);
  append(key, demands.alpn);
  append(key, demands.unchecked ? "unchecked" : "");
  for (const TlsDemands::Pin& pin : demands.pins) append(key, {reinterpret_cast<const char*>(pin.data()), pin.size()});
  return key;
}

// An address, or a name: in a DNS-ID only, a wildcard for a whole label only (RFC 9525 6.3).
bool demandIdentity(SSL* connection, const TlsClient::Peer& peer) {
  X509_VERIFY_PARAM* checks = SSL_get0_param(connection);
  const std::string& name = peer.demands.authName;
  const auto literal = base::Address::parse(name);
  if (name.empty() || literal) {
    const auto octets = literal ? literal->octets() : peer.server.octets();
    return X509_VERIFY_PARAM_set1_ip(checks, reinterpret_cast<const unsigned char*>(octets.data()), octets.size()) == 1;
  }
  X509_VERIFY_PARAM_set_hostflags(checks, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  return X509_VERIFY_PARAM_set1_host(checks, name.c_str(), name.size()) == 1 &&
         SSL_set_tlsext_host_name(connection, name.c_str()) == 1;
}

bool offerProtocol(SSL* connection, std::string_view alpn) {
  if (alpn.empty()) return true;
  std::string list(1, static_cast<char>(alpn.size()));
  list += alpn;
  return SSL_set_alpn_protos(connection, reinterpret_cast<const unsigned char*>(list.data()),
                             static_cast<unsigned>(list.size())) == 0; // 0 is success, here alone
}

} // namespace

void TlsClient::Free::operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }
void TlsClient::Free::operator()(ssl_st* connection) const { SSL_free(connection); }
void TlsClient::Free::operator()(ssl_session_st* session) const { SSL_SESSION_free(session); }

TlsClient::TlsClient() = default;
TlsClient::~TlsClient() = default;

Result<TlsClient::Context> TlsClient::makeContext(const std::string& caFile) {
  ERR_clear_error();
  Context context(SSL_CTX_new(TLS_client_method()));
  if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1) {
    return Error{"cannot set up TLS: " + lastReason()};
  }
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                      SSL_MODE_RELEASE_BUFFERS); // idle connections hold no buffers
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_set_timeout(context.get(), kSessionSeconds);
  SSL_CTX_sess_set_new_cb(context.get(), &TlsClient::onSession);
  SSL_CTX_set_cert_verify_callback(context.get(), &TlsClient::onCertificate, nullptr);
  if (caFile.empty()) {
    if (SSL_CTX_set_default_verify_paths(context.get()) != 1) return Error{"cannot read the system's authorities"};
    return context;
  }
  if (SSL_CTX_load_verify_file(context.get(), caFile.c_str()) != 1) {
    return Error{"cannot read authorities from " + caFile + ": " + lastReason()};
  }
  // What the operator names is trusted, though it be no root.
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context.get()), X509_V_FLAG_PARTIAL_CHAIN);
  return context;
}

Result<ssl_ctx_st*> TlsClient::contextFor(const std::string& caFile) {
  const std::int64_t changed = changeTime(caFile);
  Authority& authority = d_authorities[caFile];
  if (authority.context && authority.changed == changed) return authority.context.get();
  if (authority.context) d_sessions.clear(); // of servers that were believed because of the old file
  authority.context.reset();
  auto made = makeContext(caFile);
  if (!made) return made.error();
  authority = {std::move(*made), changed};
  return authority.context.get();
}

Result<TlsClient::Connection> TlsClient::open(Peer& peer, base::WallTime now) {
  const auto context = contextFor(peer.demands.caFile);
  if (!context) return context.error();
  ERR_clear_error();
  peer.client = this;
  peer.sessionKey = keyOf(peer);
  Connection connection(SSL_new(*context));
  const bool ready = connection && SSL_set_app_data(connection.get(), &peer) == 1 &&
                     demandIdentity(connection.get(), peer) && offerProtocol(connection.get(), peer.demands.alpn);
  if (!ready) return Error{"cannot set up TLS: " + lastReason()};
  X509_VERIFY_PARAM_set_time(SSL_get0_param(connection.get()), now.time_since_epoch().count());
  SSL_set_verify(connection.get(), peer.demands.unchecked ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, nullptr);
  if (const Session session = resumable(peer.sessionKey)) SSL_set_session(connection.get(), session.get());
  SSL_set_connect_state(connection.get());
  return connection;
}

int TlsClient::onCertificate(X509_STORE_CTX* check, void* /*unused*/) {
  auto* connection = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(check, SSL_get_ex_data_X509_STORE_CTX_idx()));
  Peer& peer = *static_cast<Peer*>(SSL_get_app_data(connection));
  const TlsDemands& demands = peer.demands;
  if (demands.unchecked) return 1;
  const bool pinsAlone = !demands.pins.empty() && demands.authName.empty() && demands.caFile.empty();
  if (!pinsAlone && X509_verify_cert(check) != 1) {
    peer.trouble = whyNot(check, peer);
    return 0;
  }
  const bool pinned = pinsAlone ? isPinned(X509_STORE_CTX_get0_cert(check), demands.pins)
                                : demands.pins.empty() || chainIsPinned(check, demands.pins);
  if (pinned) return 1;
  peer.trouble = "has no pinned key";
  X509_STORE_CTX_set_error(check, X509_V_ERR_APPLICATION_VERIFICATION);
  return 0;
}

// Comes only after the certificate was found good: at the end of a handshake, or later (RFC 8446 4.6.1).
int TlsClient::onSession(SSL* connection, SSL_SESSION* session) {
  const Peer& peer = *static_cast<const Peer*>(SSL_get_app_data(connection));
  peer.client->keep(peer.sessionKey, Session(session));
  return 1; // it is ours now
}

void TlsClient::keep(const std::string& key, Session session) {
  if (d_sessions.size() >= kMaxServers && !d_sessions.contains(key)) d_sessions.erase(d_sessions.begin());
  std::vector<Session>& here = d_sessions[key];
  if (here.size() >= kMaxSessions) here.erase(here.begin());
  here.push_back(std::move(session));
}

// A ticket of TLS 1.3 is used once, so that nobody sees from it who comes again (RFC 8446 C.4).
TlsClient::Session TlsClient::resumable(const std::string& key) {
  const auto known = d_sessions.find(key);
  if (known == d_sessions.end()) return nullptr;
  Session last = std::move(known->second.back());
  known->second.pop_back();
  if (SSL_SESSION_get_protocol_version(last.get()) < TLS1_3_VERSION) {
    SSL_SESSION_up_ref(last.get());
    known->second.emplace_back(last.get());
  }
  if (known->second.empty()) d_sessions.erase(known);
  return last;
}

std::size_t TlsClient::sessions() const {
  std::size_t count = 0;
  for (const auto& [key, sessions] : d_sessions) count += sessions.size();
  return count;
}

} // namespace net
