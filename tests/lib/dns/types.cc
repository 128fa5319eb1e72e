// Unit tests of the numbers and mnemonics of DNS, and of the layouts of rrtypes.def.
#include "lib/dns/types.hh"

#include <catch2/catch.hpp>

using dns::RRType;

TEST_CASE("type mnemonics are those of IANA") {
  CHECK(dns::text(RRType::A) == "A");
  CHECK(dns::text(RRType::NULL_) == "NULL");
  CHECK(dns::text(RRType::NSAP_PTR) == "NSAP-PTR");
  CHECK(dns::text(RRType::DLV) == "DLV");
  CHECK(dns::text(static_cast<RRType>(65280)) == "TYPE65280");
  CHECK(dns::text(static_cast<RRType>(54)) == "TYPE54");
}

TEST_CASE("type mnemonics are read without case, and as numbers") {
  CHECK(dns::parseRRType("aaaa") == RRType::AAAA);
  CHECK(dns::parseRRType("null") == RRType::NULL_);
  CHECK(dns::parseRRType("NSAP-PTR") == RRType::NSAP_PTR);
  CHECK(dns::parseRRType("type1") == RRType::A);
  CHECK(dns::parseRRType("TYPE65535") == static_cast<RRType>(65535));
  for (const char* text : {"", "TYPE", "TYPE65536", "TYPE-1", "TYPE1x", "NULL_", "NSAP_PTR", "BOGUS"}) {
    CHECK_FALSE(dns::parseRRType(text));
  }
}

TEST_CASE("every type reads back from its mnemonic") {
  for (unsigned number = 0; number <= 65535; number += number < 600 || (number > 32700 && number < 32800) ? 1 : 97) {
    const auto type = static_cast<RRType>(number);
    REQUIRE(dns::parseRRType(dns::text(type)) == type);
    REQUIRE_FALSE(dns::rdataLayout(type).empty());
  }
}

TEST_CASE("meta types are told apart from data types") {
  for (const RRType type : {RRType::OPT, RRType::TSIG, RRType::TKEY, RRType::IXFR, RRType::AXFR, RRType::MAILA,
                            RRType::MAILB, RRType::ANY}) {
    CHECK(dns::isMetaType(type));
  }
  for (const RRType type : {RRType::A, RRType::RRSIG, RRType::URI, RRType::SPF, RRType::EUI64, RRType::DLV}) {
    CHECK_FALSE(dns::isMetaType(type));
  }
}

TEST_CASE("other numbers have names too") {
  CHECK(dns::text(dns::RCode::NXDomain) == "NXDOMAIN");
  CHECK(dns::text(static_cast<dns::RCode>(12)) == "RCODE12");
  CHECK(dns::text(dns::RRClass::CH) == "CH");
  CHECK(dns::text(static_cast<dns::RRClass>(9)) == "CLASS9");
  CHECK(dns::text(dns::Opcode::Notify) == "NOTIFY");
  CHECK(dns::text(static_cast<dns::Opcode>(9)) == "OPCODE9");
  CHECK(dns::rdataLayout(RRType::AAAA) == "16");
  CHECK(dns::rdataLayout(static_cast<RRType>(65280)) == "x");
}
