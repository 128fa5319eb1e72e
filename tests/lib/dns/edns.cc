// Unit tests of EDNS(0) options.
#include "lib/dns/edns.hh"

#include "tests/lib/dns/support.hh"

using dns::Edns;
using dnstest::Bytes;
using dnstest::bytes;
using dnstest::name;
using dnstest::operator+;

namespace {

base::Result<Edns> parse(const Bytes& options) { return dns::parseEdns(1232, 0, options); }

// The OPT record written and read again.
Edns roundTrip(const Edns& edns) {
  std::array<std::byte, 4096> buffer;
  dns::WireWriter writer(buffer);
  REQUIRE(writer.raw(dns::Section::Additional, dns::writeEdns(edns)));
  auto parsed = dns::parseMessage(writer.message());
  REQUIRE(parsed);
  REQUIRE(parsed->edns);
  return *parsed->edns;
}

} // namespace

TEST_CASE("flags, sizes and versions are read from class and TTL") {
  const auto edns = dns::parseEdns(4096, 0x12038000, {});
  REQUIRE(edns);
  CHECK(edns->udpSize == 4096);
  CHECK(edns->extendedRcode == 0x12);
  CHECK(edns->version == 3);
  CHECK(edns->dnssecOk);
  CHECK_FALSE(dns::parseEdns(4096, 0, {})->dnssecOk);
}

TEST_CASE("every option survives writing and reading") {
  Edns edns;
  edns.udpSize = 1400;
  edns.extendedRcode = 1;
  edns.dnssecOk = true;
  edns.cookie.emplace();
  edns.cookie->client.fill(std::byte{7});
  edns.cookie->server.fill(std::byte{8});
  edns.cookie->serverSize = 16;
  edns.keepaliveTimeout = 100;
  edns.paddingSize = 40;
  edns.clientSubnet = dns::ClientSubnet{*base::Netmask::parse("192.0.2.0/24"), 24};
  edns.nsid = bytes("'server1");
  edns.errors = {{dns::EdeCode::Filtered, "why"}, {dns::EdeCode::StaleAnswer, ""}};
  edns.reportChannel = name("agent.example");
  const Edns read = roundTrip(edns);
  CHECK(read.udpSize == 1400);
  CHECK(read.extendedRcode == 1);
  CHECK(read.dnssecOk);
  REQUIRE(read.cookie);
  CHECK(read.cookie->client == edns.cookie->client);
  CHECK(read.cookie->serverSize == 16);
  CHECK(read.cookie->server[15] == std::byte{8});
  CHECK(read.keepaliveTimeout == 100);
  CHECK(read.paddingSize == 40);
  CHECK(read.clientSubnet == edns.clientSubnet);
  CHECK(read.nsid == edns.nsid);
  REQUIRE(read.errors.size() == 2);
  CHECK(read.errors[0].code == dns::EdeCode::Filtered);
  CHECK(read.errors[0].text == "why");
  CHECK(read.reportChannel == name("agent.example"));
}

TEST_CASE("requests for NSID and keepalive are empty options") {
  Edns edns;
  edns.nsidRequested = true;
  edns.keepaliveRequested = true;
  const Edns read = roundTrip(edns);
  CHECK(read.nsidRequested);
  CHECK(read.keepaliveRequested);
  CHECK_FALSE(read.keepaliveTimeout);
  CHECK(dns::writeEdns(edns).size() == 11 + 4 + 4);
}

TEST_CASE("cookies have 8, or 16 to 40 octets (RFC 7873 4)") {
  for (const unsigned size : {0U, 7U, 9U, 15U, 41U}) {
    const auto edns =
        parse(Bytes{std::byte{0}, std::byte{10}, std::byte{0}, static_cast<std::byte>(size)} + Bytes(size));
    REQUIRE(edns);
    CHECK(edns->cookieMalformed);
    CHECK_FALSE(edns->cookie);
  }
  for (const unsigned size : {8U, 16U, 40U}) {
    const auto edns =
        parse(Bytes{std::byte{0}, std::byte{10}, std::byte{0}, static_cast<std::byte>(size)} + Bytes(size));
    REQUIRE(edns);
    CHECK_FALSE(edns->cookieMalformed);
    REQUIRE(edns->cookie);
    CHECK(edns->cookie->serverSize == size - 8);
  }
}

TEST_CASE("the first of two cookies counts") {
  const auto edns = parse(bytes("000a 0008 '11111111 000a 0008 '22222222"));
  REQUIRE(edns);
  CHECK(edns->cookie->client[0] == std::byte{'1'});
}

TEST_CASE("broken options are errors") {
  for (const char* options : {"00", "000a 00", "000a 0008 '1234567", "000b 0001 00", "000f 0001 00", "0012 0000",
                              "0012 0002 01 'a", "0012 0002 00 00", "ffff 0001"}) {
    INFO(options);
    CHECK_FALSE(parse(bytes(options)));
  }
}

TEST_CASE("a client subnet that is not well formed, or the second one, is noted and the rest read on") {
  for (const char* option : {"0008 0003 00 01 00", "0008 0004 0001 1800", "0008 0004 0003 0000",
                             "0008 0007 0001 1800 c00002 0008 0007 0001 1800 c00002"}) {
    INFO(option);
    const auto edns = parse(bytes(option) + bytes("0003 0000"));
    REQUIRE(edns);
    CHECK(edns->clientSubnetMalformed);
    CHECK(edns->nsidRequested);
  }
  CHECK_FALSE(parse(bytes("0008 0007 0001 1800 c00002"))->clientSubnetMalformed);
}

TEST_CASE("unknown options are skipped") {
  const auto edns = parse(bytes("fde9 0003 'abc 0003 0000"));
  REQUIRE(edns);
  CHECK(edns->nsidRequested);
}

TEST_CASE("a flood of options is refused") {
  Bytes flood;
  for (int i = 0; i < 100; ++i) {
    flood = flood + bytes("fde9 0000");
  }
  CHECK(parse(flood));
  CHECK_FALSE(parse(flood + bytes("fde9 0000")));
}

TEST_CASE("long error texts are cut to 512 octets") {
  Bytes option = bytes("000f 0400 0000") + Bytes(1022, std::byte{'x'});
  CHECK(parse(option)->errors.front().text.size() == 512);
  Edns edns;
  edns.errors = {{dns::EdeCode::Other, std::string(2000, 'y')}};
  CHECK(roundTrip(edns).errors.front().text.size() == 512);
}

TEST_CASE("an OPT record that does not fit says how much it needs") {
  Edns edns;
  edns.nsid = Bytes(100);
  std::array<std::byte, 50> small{};
  CHECK(dns::writeEdns(edns, small) == 115);
  CHECK(dns::writeEdns(edns).size() == 115);
}
