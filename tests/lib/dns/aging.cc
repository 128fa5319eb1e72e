// TTLs made smaller in the octets of a message.
#include "lib/dns/aging.hh"

#include "tests/lib/dns/support.hh"

using dnstest::answerWith;
using dnstest::rrset;

TEST_CASE("all TTLs of a message lose the same, down to 0") {
  auto packet = answerWith({rrset("www.example.com. 300 A 192.0.2.1")}, {rrset("example.com. 100 NS ns.example.com.")});
  dns::ageTtls(packet, 120);
  const auto message = dns::parseMessage(packet);
  REQUIRE(message);
  CHECK(message->answer.at(0).ttl() == 180);
  CHECK(message->authority.at(0).ttl() == 0);
}

TEST_CASE("the TTL of OPT is none, and stays") {
  using dnstest::bytes;
  using dnstest::operator+;
  auto packet = bytes("0001 8180 0000 0000 0000 0001") + bytes("00 0029 04D0 00008000 0000");
  const auto before = packet;
  dns::ageTtls(packet, 60);
  CHECK(packet == before);
}

TEST_CASE("a message that is cut off is changed as far as it can be read") {
  const auto whole = answerWith({rrset("www.example.com. 300 A 192.0.2.1")});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    auto packet = dnstest::Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    dns::ageTtls(packet, 1);
    CHECK(packet.size() == size);
  }
}
