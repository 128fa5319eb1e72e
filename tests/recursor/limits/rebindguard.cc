// Which addresses are private, in which records and forms, and which names may have them.
#include "recursor/limits/rebindguard.hh"

#include <catch2/catch.hpp>

#include "lib/dns/presentation.hh"
#include "lib/dns/rdata.hh"

using dns::RRType;
using rec::RebindGuard;

namespace {

dns::Name name(const std::string& text) { return dns::Name::parse(text).value(); }

rec::AgedRRset set(const std::string& owner, RRType type, const std::vector<std::string>& rdatas,
                   std::uint32_t ttl = 300) {
  dns::RRsetBuilder builder(name(owner), type, dns::RRClass::IN, ttl);
  for (const auto& rdata : rdatas) builder.add(dns::parseRdata(type, rdata).value());
  return {builder.build(), ttl};
}

rec::Settings settings(const std::string& action = "remove") {
  rec::Settings made = rec::defaultSettings();
  made.stopDnsRebind = action;
  return made;
}

const RebindGuard::IsExempt kNobody = [](const dns::Name&) { return false; };

bool isFound(const rec::AgedRRset& given, const rec::Settings& by = settings()) {
  return RebindGuard(by).look({given}, kNobody).has_value();
}

} // namespace

TEST_CASE("private IPv4 addresses are found, public ones are not") {
  for (const char* address : {"10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.0.1", "127.0.0.1", "127.8.8.8",
                              "169.254.1.1", "0.0.0.0", "100.64.0.1"}) {
    INFO(address);
    CHECK(isFound(set("www.example", RRType::A, {address})));
  }
  for (const char* address : {"192.0.2.1", "172.32.0.1", "11.0.0.1", "100.128.0.1", "8.8.8.8"}) {
    INFO(address);
    CHECK_FALSE(isFound(set("www.example", RRType::A, {address})));
  }
}

TEST_CASE("private IPv6 addresses are found, also those that stand for IPv4 ones") {
  for (const char* address : {"::1", "::", "fc00::1", "fd12:3456::1", "fe80::1", "::ffff:192.168.1.1", "::10.0.0.1",
                              "64:ff9b::192.168.1.1", "64:ff9b:1::10.0.0.1", "2002:c0a8:0101::1"}) {
    INFO(address);
    CHECK(isFound(set("www.example", RRType::AAAA, {address})));
  }
  for (const char* address : {"2001:db8::1", "64:ff9b::192.0.2.1", "::ffff:192.0.2.1", "2002:c000:0201::1"}) {
    INFO(address);
    CHECK_FALSE(isFound(set("www.example", RRType::AAAA, {address})));
  }
}

TEST_CASE("addresses made by dns64-prefix are looked into, whatever its length") {
  rec::Settings by = settings();
  by.dns64Prefix = base::Netmask::parse("2001:db8:64::/48").value();
  CHECK(isFound(set("www.example", RRType::AAAA, {"2001:db8:64:c0a8:1:100::"}), by));       // 192.168.1.1
  CHECK_FALSE(isFound(set("www.example", RRType::AAAA, {"2001:db8:64:c000:2:100::"}), by)); // 192.0.2.1
}

TEST_CASE("hints of HTTPS and SVCB records count, other types do not") {
  CHECK(isFound(set("www.example", RRType::HTTPS, {"1 . alpn=h2 ipv4hint=192.0.2.1,192.168.1.1"})));
  CHECK(isFound(set("www.example", RRType::SVCB, {"1 other.example. ipv6hint=fd00::1"})));
  CHECK_FALSE(isFound(set("www.example", RRType::HTTPS, {"1 . alpn=h2 ipv4hint=192.0.2.1 ipv6hint=2001:db8::1"})));
  CHECK_FALSE(isFound(set("www.example", RRType::TXT, {"192.168.1.1"})));
}

TEST_CASE("cut off service parameters are not read beyond their end") {
  dns::RRsetBuilder builder(name("www.example"), RRType::HTTPS, dns::RRClass::IN, 60);
  const std::array<unsigned char, 9> rdata{0, 1, 0, 0, 4, 0, 200, 192, 168};
  for (std::size_t size = 0; size <= rdata.size(); ++size) {
    builder.add(std::as_bytes(std::span(rdata).first(size)));
  }
  CHECK_FALSE(isFound({builder.build(), 60}));
}

TEST_CASE("only private records go, the others of the set stay, without signatures") {
  const RebindGuard guard(settings());
  const std::vector<rec::AgedRRset> answer{set("www.example", RRType::CNAME, {"a.example."}),
                                           set("a.example", RRType::A, {"192.0.2.1", "10.0.0.1"}, 70),
                                           set("b.example", RRType::A, {"10.0.0.2"}, 50)};
  const auto finding = guard.look(answer, kNobody);
  REQUIRE(finding);
  CHECK(finding->owner == name("a.example"));
  CHECK(finding->address.text() == "10.0.0.1");
  CHECK(finding->ttl == 50);
  const auto left = guard.without(answer, kNobody);
  REQUIRE(left.size() == 2);
  CHECK(left[0].rrset.type() == RRType::CNAME);
  CHECK(left[1].rrset.count() == 1);
  CHECK(left[1].ttl == 70);
}

TEST_CASE("names below private-domain, and the operator's own, may have them") {
  rec::Settings by = settings();
  by.privateDomain = {name("corp.example")};
  const RebindGuard guard(by);
  const auto inside = set("www.corp.example", RRType::A, {"10.0.0.1"});
  const auto outside = set("www.example", RRType::A, {"10.0.0.1"});
  CHECK_FALSE(guard.look({inside}, kNobody));
  CHECK(guard.look({inside, outside}, kNobody));
  CHECK(guard.without({inside, outside}, kNobody).size() == 1);
  CHECK_FALSE(guard.look({outside}, [](const dns::Name& owner) { return owner == name("www.example"); }));
}

TEST_CASE("nothing is looked at when the protection is off, and the addresses may be others") {
  CHECK_FALSE(isFound(set("www.example", RRType::A, {"10.0.0.1"}), settings("no")));
  rec::Settings by = settings("refuse");
  by.privateAddress = base::NetmaskGroup();
  REQUIRE(by.privateAddress.add("192.0.2.0/24"));
  CHECK(isFound(set("www.example", RRType::A, {"192.0.2.1"}), by));
  CHECK_FALSE(isFound(set("www.example", RRType::A, {"10.0.0.1"}), by));
}
