// Unit tests of dns::RRset, RRsetBuilder and the typed rdata.
#include "lib/dns/rrset.hh"

#include "lib/dns/rdata.hh"
#include "tests/lib/dns/support.hh"

using dns::Name;
using dns::RRClass;
using dns::RRset;
using dns::RRsetBuilder;
using dns::RRType;
using dnstest::bytes;
using dnstest::name;
using dnstest::rrset;

TEST_CASE("a built set gives back what it was built from") {
  RRsetBuilder builder(name("Www.example"), RRType::TXT, RRClass::CH, 60);
  builder.add(bytes("01 'a"));
  builder.add(bytes("02 'bb"));
  builder.add(bytes("01 'a"));
  builder.addSignature(bytes("00 10 ff"));
  builder.lowerTtl(90);
  builder.lowerTtl(30);
  CHECK(builder.count() == 2);
  const RRset set = builder.build();
  CHECK(set.owner().identicalTo(name("Www.example")));
  CHECK(set.ownerIs(name("wWW.EXAMPLE")));
  CHECK_FALSE(set.ownerIs(name("ww.example")));
  CHECK(set.type() == RRType::TXT);
  CHECK(set.rrclass() == RRClass::CH);
  CHECK(set.ttl() == 30);
  CHECK(set.count() == 2);
  CHECK(set.signatureCount() == 1);
  CHECK(std::distance(set.rdatas().begin(), set.rdatas().end()) == 2);
  CHECK(set.front().size() == 2);
  CHECK((*set.signatures().begin()).size() == 3);
  CHECK(set.memorySize() > 20);
}

TEST_CASE("empty sets and empty rdata are possible") {
  RRsetBuilder builder(Name(), RRType::NULL_, RRClass::IN, 0);
  CHECK(builder.build().rdatas().empty());
  builder.add({});
  builder.add({});
  CHECK(builder.build().count() == 1);
  CHECK(builder.build().front().empty());
  CHECK_FALSE(RRset());
}

TEST_CASE("duplicates are dropped in sets of any size") {
  RRsetBuilder builder(name("big.example"), RRType::A, RRClass::IN, 60);
  for (int round = 0; round < 2; ++round) {
    for (unsigned i = 0; i < 3000; ++i) {
      const std::array rdata = {std::byte{10}, std::byte{0}, static_cast<std::byte>(i >> 8), static_cast<std::byte>(i)};
      builder.add(rdata);
    }
  }
  CHECK(builder.count() == 3000);
}

TEST_CASE("changed copies leave the original alone") {
  const RRset set = rrset("www 300 A 192.0.2.1");
  CHECK(set.withTtl(5).ttl() == 5);
  CHECK(set.withOwner(name("other.test")).owner() == name("other.test"));
  CHECK(set.withOwner(name("other.test")).sameData(rrset("other.test. 1 A 192.0.2.1")));
  CHECK(set.ttl() == 300);
  RRsetBuilder builder(name("x"), RRType::A, RRClass::IN, 1);
  builder.addSignature(bytes("00 01"));
  CHECK(builder.build().withoutSignatures().signatureCount() == 0);
}

TEST_CASE("copies share one block and survive each other") {
  RRset copy;
  {
    const RRset set = rrset("www 300 A 192.0.2.1");
    copy = set;
    RRset moved = copy;
    copy = std::move(moved);
    const RRset& same = copy;
    copy = same;
  }
  CHECK(copy.count() == 1);
  CHECK(copy.text() == "www.example.com.\t300\tIN\tA\t192.0.2.1\n");
}

TEST_CASE("the same data in another order is the same") {
  const auto made = [](std::initializer_list<const char*> rdatas) {
    RRsetBuilder builder(name("x.test"), RRType::A, RRClass::IN, 1);
    for (const char* rdata : rdatas) {
      builder.add(bytes(rdata));
    }
    return builder.build();
  };
  CHECK(made({"01020304", "01020305"}).sameData(made({"01020305", "01020304"})));
  CHECK_FALSE(made({"01020304"}).sameData(made({"01020305"})));
  CHECK_FALSE(made({"01020304"}).sameData(made({"01020304", "01020305"})));
}

TEST_CASE("typed rdata is read whole or not at all") {
  CHECK(dns::readNameRdata(bytes("03 'foo 00"))->text() == "foo.");
  CHECK_FALSE(dns::readNameRdata(bytes("03 'foo 00 00")));
  CHECK_FALSE(dns::readNameRdata(bytes("03 'foo")));
  CHECK_FALSE(dns::readNameRdata(bytes("c0 00")));
  CHECK_FALSE(dns::readNameRdata({}));
  CHECK(dns::readMxExchange(bytes("00 0a 01 'm 00"))->text() == "m.");
  CHECK_FALSE(dns::readMxExchange(bytes("00")));
  CHECK(dns::readAddress(RRType::A, bytes("c0000201"), 53)->textWithPort() == "192.0.2.1:53");
  CHECK_FALSE(dns::readAddress(RRType::A, bytes("c00002"), 53));
  CHECK_FALSE(dns::readAddress(RRType::AAAA, bytes("c0000201"), 53));
  CHECK(dns::readRrsigCovered(bytes("00 1c 08")) == RRType::AAAA);
  CHECK(dns::readRrsigCovered(bytes("00")) == RRType{0});
}

TEST_CASE("a SOA survives making and reading") {
  const dns::SoaData soa{name("ns.test"), name("host.test"), 1, 2, 3, 4, 4000000000U};
  const RRset set = dns::makeSoaRRset(name("test"), 60, soa);
  const auto read = dns::readSoa(set.front());
  REQUIRE(read);
  CHECK(read->mname == soa.mname);
  CHECK(read->minimum == 4000000000U);
  CHECK(set.text() == "test.\t60\tIN\tSOA\tns.test. host.test. 1 2 3 4 4000000000\n");
  CHECK_FALSE(dns::readSoa(set.front().first(set.front().size() - 1)));
}

TEST_CASE("makers build names, addresses and texts") {
  CHECK(dns::makeNameRRset(name("a"), RRType::CNAME, 1, name("b")).text() == "a.\t1\tIN\tCNAME\tb.\n");
  CHECK(dns::makeAddressRRset(name("a"), 1, *base::Address::parse("2001:db8::1")).type() == RRType::AAAA);
  CHECK(dns::makeTxtRRset(name("a"), RRClass::CH, 0, "hi").text() == "a.\t0\tCH\tTXT\t\"hi\"\n");
  CHECK(dns::makeTxtRRset(name("a"), RRClass::CH, 0, "").front().size() == 1);
  CHECK(dns::makeTxtRRset(name("a"), RRClass::CH, 0, std::string(600, 'x')).front().size() == 603);
}
