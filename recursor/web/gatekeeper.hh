// Gatekeeper: who may ask the web server for what: which networks, and with which password or key. Asked for each
// connection, and for each request before anything else is done for it. One thread.
#pragma once

#include <optional>
#include <string>

#include "lib/base/address.hh"
#include "lib/net/passwordhash.hh"
#include "recursor/config/settings.hh"
#include "recursor/web/http.hh"

namespace rec {

// What a route demands. The key is api-key (X-API-Key), the password webserver-password (Basic, RFC 7617).
enum class Access : unsigned char {
  Metrics,  // the password, when there is one, or the key
  Page,     // the same; without a password only under names that no stranger's page can have
  Guarded,  // the password or the key; one of them must be there
  KeyAlone, // the key
};

class Gatekeeper {
 public:
  // The error says what is wrong with a hash.
  static base::Result<Gatekeeper> make(const Settings& settings);

  [[nodiscard]] bool admits(const base::Address& client) const {
    return d_allowFrom.empty() || d_allowFrom.contains(client);
  }
  // The answer that refuses, or nothing.
  [[nodiscard]] std::optional<HttpResponse> refuses(const HttpRequest& request, Access access);
  [[nodiscard]] bool hasKey() const { return d_key.has_value(); }

 private:
  // A credential, and what was last found to match it: a check of a hash takes milliseconds.
  struct Kept {
    net::Credential credential;
    std::string matched; // fingerprint
    bool matches(std::string_view given);
  };
  [[nodiscard]] bool hasGoodKey(const HttpRequest& request);
  [[nodiscard]] bool hasGoodPassword(const HttpRequest& request);
  [[nodiscard]] bool isLocalName(std::string_view host) const;
  [[nodiscard]] HttpResponse challenge(Access access) const;

  base::NetmaskGroup d_allowFrom;
  std::optional<Kept> d_key, d_password;
  std::string d_hostName;
};

} // namespace rec
