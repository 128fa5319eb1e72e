// Unit tests of base::Netmask and base::NetmaskGroup.
#include "lib/base/netmask.hh"

#include <catch2/catch.hpp>

using base::Address;
using base::Netmask;
using base::NetmaskGroup;

namespace {

bool in(const NetmaskGroup& group, const char* address) { return group.contains(*Address::parse(address)); }

} // namespace

TEST_CASE("a netmask clears the host bits and holds its addresses") {
  const auto mask = Netmask::parse("10.1.2.3/20");
  REQUIRE(mask);
  CHECK(mask->text() == "10.1.0.0/20");
  CHECK(mask->contains(*Address::parse("10.1.15.255:5")));
  CHECK_FALSE(mask->contains(*Address::parse("10.1.16.0")));
  CHECK_FALSE(mask->contains(*Address::parse("::1")));
  CHECK(Netmask::parse("::1")->text() == "::1/128");
  CHECK(Netmask::parse("0.0.0.0/0")->contains(*Address::parse("255.1.2.3")));
}

TEST_CASE("a netmask holds the longer ones inside of it") {
  const auto wide = Netmask::of(*Address::parse("10.1.2.3"), 16);
  CHECK(wide == *Netmask::parse("10.1.0.0/16"));
  CHECK(wide.contains(*Netmask::parse("10.1.9.0/24")));
  CHECK(wide.contains(wide));
  CHECK_FALSE(wide.contains(*Netmask::parse("10.0.0.0/8")));
  CHECK_FALSE(wide.contains(*Netmask::parse("::/32")));
  CHECK(Netmask::of(*Address::parse("10.1.2.3"), 200).bits == 32);
  CHECK(Netmask::of(Address(), 8) == Netmask());
}

TEST_CASE("what is no netmask is refused") {
  for (const char* text :
       {"", "/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x", "::/129", "10.0.0.1:53", "10.0.0.0/8 x", "10.0.0.0/-1"}) {
    INFO(text);
    CHECK_FALSE(Netmask::parse(text));
  }
}

TEST_CASE("the longest prefix decides whether an address is in a group") {
  NetmaskGroup group;
  CHECK(group.empty());
  for (const char* text :
       {"10.0.0.0/8", "!10.1.0.0/16", "10.1.2.0/24", " ! 10.1.2.3", "2001:db8::/32", "!2001:db8:1::/48"}) {
    REQUIRE(group.add(text));
  }
  CHECK(in(group, "10.255.0.1"));
  CHECK_FALSE(in(group, "10.1.3.1"));
  CHECK(in(group, "10.1.2.4"));
  CHECK_FALSE(in(group, "10.1.2.3"));
  CHECK_FALSE(in(group, "11.0.0.1"));
  CHECK(in(group, "2001:db8::1"));
  CHECK_FALSE(in(group, "2001:db8:1:2::3"));
  CHECK_FALSE(in(group, "::ffff:10.0.0.1"));
  CHECK_FALSE(group.contains(Address()));
  CHECK(group.text() == "10.0.0.0/8, !10.1.0.0/16, 10.1.2.0/24, !10.1.2.3/32, 2001:db8::/32, !2001:db8:1::/48");
}

TEST_CASE("a prefix given twice counts as given last") {
  NetmaskGroup group;
  REQUIRE(group.add("192.0.2.0/24"));
  REQUIRE(group.add("!192.0.2.0/24"));
  CHECK_FALSE(in(group, "192.0.2.1"));
}

TEST_CASE("a group finds prefixes among thousands") {
  NetmaskGroup group;
  for (int i = 0; i < 4000; ++i) {
    REQUIRE(group.add("10." + std::to_string(i / 16 % 256) + "." + std::to_string(i % 16 * 16) + ".0/24"));
  }
  CHECK(in(group, "10.249.240.9"));
  CHECK_FALSE(in(group, "10.249.241.9"));
}
