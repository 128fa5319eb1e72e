// The syntax of upstream resolvers: see Endpoint::parse. Read from the back: authentication name, options, path, port.
#include "recursor/config/endpoint.hh"

#include <openssl/evp.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "lib/dns/name.hh"

namespace rec {

using base::Error;
using base::Result;

namespace {

struct SchemeRow {
  Scheme scheme;
  std::string_view name;
  std::uint16_t port;
};
constexpr std::array kSchemes{SchemeRow{Scheme::Udp, "udp", 53}, SchemeRow{Scheme::Tcp, "tcp", 53},
                              SchemeRow{Scheme::Tls, "tls", 853}, SchemeRow{Scheme::Https, "https", 443}};

const SchemeRow& rowOf(Scheme scheme) { return *std::ranges::find(kSchemes, scheme, &SchemeRow::scheme); }

// Cuts off what stands behind the first `mark`, if it is there.
std::optional<std::string_view> cutBehind(std::string_view& text, char mark) {
  const auto at = text.find(mark);
  if (at == std::string_view::npos) return std::nullopt;
  const auto behind = text.substr(at + 1);
  text = text.substr(0, at);
  return behind;
}

Result<Endpoint::Pin> parsePin(std::string_view base64) {
  constexpr std::size_t kLength = 44; // 32 octets
  std::array<unsigned char, kLength> octets{};
  const bool fits = base64.size() == kLength && base64[kLength - 1] == '=' && base64[kLength - 2] != '=';
  if (!fits || EVP_DecodeBlock(octets.data(), reinterpret_cast<const unsigned char*>(base64.data()), kLength) < 0) {
    return Error{"'" + std::string(base64) + "' is no pin: it takes the SHA-256 of a public key in base64"};
  }
  Endpoint::Pin pin;
  std::transform(octets.begin(), octets.begin() + pin.size(), pin.begin(),
                 [](unsigned char c) { return std::byte{c}; });
  return pin;
}

Result<void> parseOptions(std::string_view options, Endpoint& into) {
  while (!options.empty()) {
    std::string_view option = options;
    options = cutBehind(option, '&').value_or(std::string_view());
    const auto value = cutBehind(option, '=');
    if (option == "ca" && value && !value->empty()) {
      into.caFile = *value;
    } else if (option == "pin" && value) {
      const auto pin = parsePin(*value);
      if (!pin) return pin.error();
      into.pins.push_back(*pin);
    } else {
      return Error{"'" + std::string(option) + "' is no option of an upstream: pin and ca are"};
    }
  }
  return {};
}

// "name" or "name:port".
Result<void> parseHostName(std::string_view host, std::uint16_t port, Endpoint& into) {
  if (const auto given = cutBehind(host, ':')) {
    const auto read = std::from_chars(given->data(), given->data() + given->size(), port);
    if (read.ec != std::errc() || read.ptr != given->data() + given->size() || port == 0) {
      return Error{"'" + std::string(*given) + "' is no port"};
    }
  }
  const auto name = dns::Name::parse(host);
  const bool isNumber = host.find_first_not_of("0123456789.") == std::string_view::npos; // a mistyped address
  if (!name || name->isRoot() || isNumber) return Error{"'" + std::string(host) + "' is neither an address nor a name"};
  into.host = host;
  into.address = base::Address::parse("0.0.0.0", port).value();
  return {};
}

} // namespace

Result<Endpoint> Endpoint::parse(std::string_view given) {
  Endpoint endpoint;
  std::string_view text = given;
  const auto slashes = text.find("://");
  if (slashes != std::string_view::npos) {
    const auto row = std::ranges::find(kSchemes, text.substr(0, slashes), &SchemeRow::name);
    if (row == kSchemes.end()) return Error{"'" + std::string(given) + "': upstreams are udp, tcp, tls and https"};
    endpoint.scheme = row->scheme;
    text.remove_prefix(slashes + 3);
  }
  const auto authName = cutBehind(text, '#');
  const auto options = cutBehind(text, '?');
  const auto path = cutBehind(text, '/');
  if ((authName || options) && !endpoint.isEncrypted()) {
    return Error{"'" + std::string(given) + "': only tls and https have names and keys to be checked"};
  }
  if (path && endpoint.scheme != Scheme::Https) return Error{"'" + std::string(given) + "': only https has a path"};
  const std::uint16_t port = rowOf(endpoint.scheme).port;
  const auto address = base::Address::parse(text, port);
  if (address) {
    endpoint.address = *address;
  } else if (auto read = parseHostName(text, port, endpoint); !read) {
    return read.error();
  }
  endpoint.authName = authName                 ? *authName
                      : endpoint.isEncrypted() ? std::string_view(endpoint.host)
                                               : std::string_view();
  if (path && !path->empty()) endpoint.path = "/" + std::string(*path);
  if (auto read = parseOptions(options.value_or(std::string_view()), endpoint); !read) return read.error();
  return endpoint;
}

std::string Endpoint::text() const {
  std::string where = hasAddress() ? address.textWithPort() : host + ":" + std::to_string(address.port());
  where += hasAddress() && !host.empty() ? "#" + host : "";
  return scheme == Scheme::Udp ? where : std::string(rec::text(scheme)) + "://" + where;
}

std::string_view text(Scheme scheme) { return rowOf(scheme).name; }

} // namespace rec
