// What operators may write for an upstream resolver, and what is refused with which words.
#include "recursor/config/endpoint.hh"

#include <catch2/catch.hpp>

using rec::Endpoint;
using rec::Scheme;

namespace {

Endpoint parsed(std::string_view text) { return Endpoint::parse(text).value(); }
std::string refused(std::string_view text) {
  const auto result = Endpoint::parse(text);
  return result ? std::string() : result.error().message;
}

} // namespace

TEST_CASE("an address alone is asked over UDP, and each transport has its port") {
  CHECK(parsed("192.0.2.1").scheme == Scheme::Udp);
  CHECK(parsed("192.0.2.1").address.textWithPort() == "192.0.2.1:53");
  CHECK(parsed("[2001:db8::1]:5300").address.textWithPort() == "[2001:db8::1]:5300");
  CHECK(parsed("udp://192.0.2.1").address.port() == 53);
  CHECK(parsed("tcp://192.0.2.1").address.port() == 53);
  CHECK(parsed("tls://192.0.2.1").address.port() == 853);
  CHECK(parsed("https://[2001:db8::1]").address.port() == 443);
  CHECK(parsed("tls://192.0.2.1:8853").address.port() == 8853);
}

TEST_CASE("what a certificate is checked for: a name, keys, authorities") {
  const Endpoint tls =
      parsed("tls://9.9.9.9?ca=/etc/ssl/own.pem&pin=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=#dns.quad9.net");
  CHECK(tls.scheme == Scheme::Tls);
  CHECK(tls.authName == "dns.quad9.net");
  CHECK(tls.caFile == "/etc/ssl/own.pem");
  REQUIRE(tls.pins.size() == 1);
  CHECK(tls.pins[0][0] == std::byte{0xE3});
  CHECK(tls.pins[0][31] == std::byte{0x55});
  CHECK(parsed("tls://9.9.9.9").authName.empty()); // its address
}

TEST_CASE("an upstream may have a name, which its certificate must have, too") {
  const Endpoint doh = parsed("https://dns.example.net:8443/resolve");
  CHECK(doh.host == "dns.example.net");
  CHECK(doh.authName == "dns.example.net");
  CHECK(doh.address.port() == 8443);
  CHECK(doh.path == "/resolve");
  CHECK(parsed("https://dns.example.net").path == "/dns-query");
  CHECK(parsed("https://192.0.2.1/dns#dns.example.net").authName == "dns.example.net");
  CHECK(doh.text() == "https://dns.example.net:8443");
  CHECK_FALSE(doh.hasAddress());
  Endpoint found = doh;
  found.address = base::Address::parse("192.0.2.1", 8443).value();
  CHECK(found.text() == "https://192.0.2.1:8443#dns.example.net");
  CHECK(found.hasAddress());
  CHECK(parsed("resolver.example.net").host == "resolver.example.net");
  CHECK(parsed("resolver.example.net").authName.empty());
}

TEST_CASE("what makes no sense is refused and says why") {
  CHECK(refused("quic://192.0.2.1") == "'quic://192.0.2.1': upstreams are udp, tcp, tls and https");
  CHECK(refused("udp://192.0.2.1#name") ==
        "'udp://192.0.2.1#name': only tls and https have names and keys to be checked");
  CHECK(refused("tls://192.0.2.1/path") == "'tls://192.0.2.1/path': only https has a path");
  CHECK(refused("192.0.2.256") == "'192.0.2.256' is neither an address nor a name");
  CHECK(refused("tls://dns.example.net:0") == "'0' is no port");
  CHECK(refused("tls://dns.example.net:99999") == "'99999' is no port");
  CHECK(refused("tls://192.0.2.1?pin=abc") == "'abc' is no pin: it takes the SHA-256 of a public key in base64");
  CHECK(refused("tls://192.0.2.1?insecure=yes") == "'insecure' is no option of an upstream: pin and ca are");
  CHECK_FALSE(refused("tls://").empty());
  CHECK_FALSE(refused("").empty());
}

TEST_CASE("an upstream's short text is what lists show") {
  CHECK(parsed("192.0.2.1").text() == "192.0.2.1:53");
  CHECK(parsed("tls://192.0.2.1#a.example").text() == "tls://192.0.2.1:853");
  CHECK(parsed("https://dns.example.net/dns").text() == "https://dns.example.net:443");
}
