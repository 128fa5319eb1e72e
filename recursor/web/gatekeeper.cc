// Access to the web server: see gatekeeper.hh.
#include "recursor/web/gatekeeper.hh"

#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <unistd.h>

#include <array>

namespace rec {

namespace {

constexpr std::string_view kBasic = "basic ";

std::string fingerprint(std::string_view text) {
  std::string out(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         reinterpret_cast<unsigned char*>(out.data()));
  return out;
}

std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& letter : out) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter + ('a' - 'A'));
  }
  return out;
}

// The name in "name:8082"; an address in brackets stays in them.
std::string hostOf(std::string_view host) {
  if (host.starts_with('[')) return std::string(host.substr(0, host.find(']') + 1));
  return lowered(host.substr(0, host.find(':')));
}

std::string ownName() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return {};
  return lowered(name.data());
}

} // namespace

base::Result<Gatekeeper> Gatekeeper::make(const Settings& settings) {
  Gatekeeper keeper;
  keeper.d_allowFrom = settings.webserverAllowFrom;
  keeper.d_hostName = ownName();
  const bool hashing = settings.webserverHashPlaintextCredentials;
  if (!settings.apiKey.empty()) {
    auto key = net::Credential::make(settings.apiKey, hashing);
    if (!key) return base::Error{"api-key: " + key.error().message};
    keeper.d_key = Kept{std::move(*key), {}};
  }
  if (!settings.webserverPassword.empty()) {
    auto password = net::Credential::make(settings.webserverPassword, hashing);
    if (!password) return base::Error{"webserver-password: " + password.error().message};
    keeper.d_password = Kept{std::move(*password), {}};
  }
  return keeper;
}

bool Gatekeeper::Kept::matches(std::string_view given) {
  const std::string print = fingerprint(given);
  if (!matched.empty() && CRYPTO_memcmp(matched.data(), print.data(), print.size()) == 0) return true;
  if (!credential.matches(given)) return false;
  matched = print;
  return true;
}

bool Gatekeeper::hasGoodKey(const HttpRequest& request) {
  const std::string_view given = request.header("x-api-key");
  return d_key && !given.empty() && d_key->matches(given);
}

bool Gatekeeper::hasGoodPassword(const HttpRequest& request) {
  const std::string_view given = request.header("authorization");
  if (!d_password || lowered(given.substr(0, kBasic.size())) != kBasic) return false;
  const auto pair = net::fromBase64(given.substr(kBasic.size()));
  const std::size_t colon = pair ? pair->find(':') : std::string::npos;
  return colon != std::string::npos && d_password->matches(std::string_view(*pair).substr(colon + 1));
}

// A page of a stranger, whose name he lets point to this address for a moment, sends that name as the host.
bool Gatekeeper::isLocalName(std::string_view host) const {
  const std::string name = hostOf(host);
  const bool isAddress = name.starts_with('[') || base::Address::parse(name).ok();
  return isAddress || name.empty() || name == "localhost" || name.ends_with(".localhost") || name == d_hostName;
}

HttpResponse Gatekeeper::challenge(Access access) const {
  HttpResponse response = errorResponse(401, "Unauthorized");
  const bool byPassword = d_password && access != Access::KeyAlone;
  response.headers.emplace_back("WWW-Authenticate",
                                byPassword ? "Basic realm=\"Rootwalk\", charset=\"UTF-8\"" : "X-API-Key");
  return response;
}

std::optional<HttpResponse> Gatekeeper::refuses(const HttpRequest& request, Access access) {
  if (request.header("sec-fetch-site") == "cross-site" && request.header("sec-fetch-mode") != "navigate") {
    return errorResponse(403, "another site's page may not ask this server");
  }
  if (hasGoodKey(request)) return std::nullopt;
  const bool passwordWillDo = access != Access::KeyAlone;
  if (passwordWillDo && hasGoodPassword(request)) return std::nullopt;
  const bool isOpen = !d_password && (access == Access::Metrics || access == Access::Page);
  if (!isOpen) return challenge(access);
  if (access == Access::Page && !isLocalName(request.header("host"))) {
    return errorResponse(403, "without webserver-password the dashboard is shown under this machine's addresses and "
                              "name only");
  }
  return std::nullopt;
}

} // namespace rec
