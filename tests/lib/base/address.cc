// Unit tests of base::Address.
#include "lib/base/address.hh"

#include <catch2/catch.hpp>
#include <unordered_set>

using base::Address;

TEST_CASE("addresses are read with and without a port") {
  CHECK(Address::parse("192.0.2.1")->textWithPort() == "192.0.2.1:0");
  CHECK(Address::parse("192.0.2.1", 53)->textWithPort() == "192.0.2.1:53");
  CHECK(Address::parse("192.0.2.1:5300", 53)->textWithPort() == "192.0.2.1:5300");
  CHECK(Address::parse("2001:DB8::1", 53)->textWithPort() == "[2001:db8::1]:53");
  CHECK(Address::parse("[2001:db8::1]:5300", 53)->textWithPort() == "[2001:db8::1]:5300");
  CHECK(Address::parse("[::1]", 53)->textWithPort() == "[::1]:53");
  CHECK(Address::parse("::")->isWildcard());
  CHECK(Address::parse("0.0.0.0")->isWildcard());
  CHECK_FALSE(Address::parse("::1")->isWildcard());
}

TEST_CASE("what is no address is refused with a reason") {
  for (const char* text : {"", "1.2.3", "1.2.3.4.5", "1.2.3.4:", "1.2.3.4:x", "1.2.3.4:65536", "1.2.3.4:-1", "[::1",
                           "[::1]53", "[1.2.3.4]:53", "::g", "example.com", "1.2.3.4 ", "fe80::1%nosuchif"}) {
    INFO(text);
    const auto address = Address::parse(text);
    REQUIRE_FALSE(address);
    CHECK_FALSE(address.error().message.empty());
  }
}

TEST_CASE("a scope is kept and tells addresses apart") {
  const auto first = Address::parse("fe80::1%1");
  const auto second = Address::parse("[fe80::1%2]:0");
  REQUIRE(first);
  REQUIRE(second);
  CHECK(*first != *second);
  CHECK(first->text().starts_with("fe80::1%"));
}

TEST_CASE("addresses are equal when family, octets and port are") {
  const Address a = *Address::parse("192.0.2.1:53");
  CHECK(a == *Address::parse("192.0.2.1", 53));
  CHECK(a.hash() == Address::parse("192.0.2.1", 53)->hash());
  CHECK(a != a.withPort(54));
  CHECK(a < a.withPort(54));
  CHECK(a != *Address::parse("::ffff:192.0.2.1", 53));
  CHECK(Address() == Address());
  CHECK(Address() != a);
  CHECK(Address().octets().empty());
  CHECK(a.withPort(7).port() == 7);
}

TEST_CASE("a socket address survives the way through Address") {
  const Address a = *Address::parse("[2001:db8::7]:853");
  CHECK(Address::fromSockaddr(a.raw()) == a);
  CHECK(a.rawSize() == sizeof(sockaddr_in6));
  const sockaddr local{.sa_family = AF_UNIX, .sa_data = {}};
  CHECK_FALSE(Address::fromSockaddr(&local).valid());
}

TEST_CASE("hashes of neighbouring addresses differ") {
  std::unordered_set<std::size_t> low;
  for (std::uint16_t port = 1; port <= 1000; ++port) {
    low.insert(Address::parse("192.0.2.1", port)->hash() & 0xFFFF);
  }
  CHECK(low.size() > 950);
}
