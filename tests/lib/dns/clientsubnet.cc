// Unit tests of the client subnet option (RFC 7871).
#include "lib/dns/clientsubnet.hh"

#include "tests/lib/dns/support.hh"

using dns::ClientSubnet;
using dnstest::bytes;

namespace {

ClientSubnet subnet(const char* network, std::uint8_t scope = 0) { return {*base::Netmask::parse(network), scope}; }

} // namespace

TEST_CASE("a client subnet has as many address octets as its source length takes") {
  CHECK(dns::readClientSubnet(bytes("0001 1800 c00002")) == subnet("192.0.2.0/24"));
  CHECK(dns::readClientSubnet(bytes("0001 1418 c00020")) == subnet("192.0.32.0/20", 24));
  CHECK(dns::readClientSubnet(bytes("0002 3830 20010db8000001")) == subnet("2001:db8:0:100::/56", 48));
  CHECK(dns::readClientSubnet(bytes("0002 8000 20010db8000000000000000000000001")) == subnet("2001:db8::1/128"));
  CHECK(dns::readClientSubnet(bytes("0001 0000")) == subnet("0.0.0.0/0"));
  CHECK(dns::readClientSubnet(bytes("0000 0000")) == ClientSubnet());
}

TEST_CASE("a client subnet that is not well formed is none (RFC 7871 6)") {
  for (const char* content : {
           "",
           "0001 18", // cut off
           "0001 1800 c000",
           "0001 1800 c0000200", // too few, too many octets
           "0001 1700 c00003",   // a bit behind the prefix
           "0001 2100 c000020100",
           "0002 8100 20010db800000000000000000000000100", // longer than an address
           "0001 1821 c00002",                             // a scope longer than that
           "0003 1800 c00002",
           "0100 1800 c00002", // no family we know
           "0000 0800 c0",
           "0000 0001", // no family, yet a length
       }) {
    INFO(content);
    CHECK_FALSE(dns::readClientSubnet(bytes(content)));
  }
}

TEST_CASE("a client subnet survives writing and reading") {
  for (const ClientSubnet& given : {subnet("192.0.2.128/25", 32), subnet("10.0.0.0/8"), subnet("2001:db8::/47", 128),
                                    subnet("::/0"), subnet("0.0.0.0/0"), ClientSubnet()}) {
    std::array<std::byte, dns::kMaxClientSubnetSize> content;
    const std::size_t size = dns::writeClientSubnet(given, content);
    CHECK(size == 4U + (given.source.bits + 7U) / 8);
    CHECK(dns::readClientSubnet(std::span(content).first(size)) == given);
  }
}
