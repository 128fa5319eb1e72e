// Unit tests of the presentation format: every type's text to wire and back, malformed text and rdata.
#include "lib/dns/presentation.hh"

#include "lib/dns/wirereader.hh"
#include "tests/lib/dns/support.hh"

using dns::RRType;
using dnstest::Bytes;
using dnstest::bytes;
using dnstest::name;
using dnstest::rrset;

namespace {

struct Sample {
  const char* type;
  const char* text;
};

const Sample kSamples[] = {
    {"A", "192.0.2.1"},
    {"NS", "ns.example."},
    {"MD", "a.example."},
    {"MF", "a.example."},
    {"CNAME", "a\\.b.example."},
    {"SOA", "ns.example. host.example. 1 2 3 4 5"},
    {"MB", "a.example."},
    {"MG", "a.example."},
    {"MR", "a.example."},
    {"NULL", "\\# 3 010203"},
    {"PTR", "host.example."},
    {"HINFO", "\"cpu\" \"os\""},
    {"MINFO", "a.example. b.example."},
    {"MX", "10 mail.example."},
    {"TXT", "\"one\" \"two; with \\\"quotes\\\"\""},
    {"RP", "a.example. b.example."},
    {"AFSDB", "1 a.example."},
    {"X25", "\"311061700956\""},
    {"ISDN", "\"150862028003217\" \"004\""},
    {"RT", "10 a.example."},
    {"NSAP", "\\# 3 010203"},
    {"NSAP-PTR", "\\# 3 016100"},
    {"SIG", "A 5 0 0 20260101000000 20250101000000 1 example. AQID"},
    {"KEY", "256 3 8 AQID"},
    {"PX", "10 a.example. b.example."},
    {"AAAA", "2001:db8::1"},
    {"LOC", "52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m"},
    {"SRV", "1 2 53 a.example."},
    {"NAPTR", "100 10 \"u\" \"sip+E2U\" \"!^.*$!sip:a@b.example!\" ."},
    {"KX", "10 a.example."},
    {"CERT", "PKIX 1 8 AQID"},
    {"DNAME", "a.example."},
    {"APL", "1:192.168.32.0/21 !1:192.168.38.0/28"},
    {"DS", "12345 8 2 0102030405060708090A0B0C0D0E0F100102030405060708090A0B0C0D0E0F10"},
    {"SSHFP", "1 1 0102030405060708090A0B0C0D0E0F1011121314"},
    {"IPSECKEY", "10 1 2 192.0.2.38 AQID"},
    {"RRSIG", "A 8 2 300 20260101000000 20250101000000 1234 example. AQID"},
    {"NSEC", "b.example. A NS RRSIG TYPE1234"},
    {"DNSKEY", "257 3 8 AQID"},
    {"DHCID", "AQID"},
    {"NSEC3", "1 1 12 aabbccdd 2t7b4g4vsa5smi47k61mv5bv1a22bojr A RRSIG"},
    {"NSEC3PARAM", "1 0 12 aabbccdd"},
    {"TLSA", "3 1 1 0102"},
    {"CDS", "12345 8 2 0102030405060708090A0B0C0D0E0F100102030405060708090A0B0C0D0E0F10"},
    {"CDNSKEY", "257 3 8 AQID"},
    {"OPENPGPKEY", "AQID"},
    {"CSYNC", "66 3 A NS AAAA"},
    {"ZONEMD", "2018031900 1 1 0102"},
    {"SVCB", "1 a.example. alpn=h2 port=8443"},
    {"HTTPS", "1 . alpn=h2,h3 ipv4hint=192.0.2.1"},
    {"SPF", "\"v=spf1 -all\""},
    {"NID", "10 14:4fff:ff20:ee64"},
    {"L32", "10 10.1.2.0"},
    {"L64", "10 2001:db8:1140:1000"},
    {"LP", "10 a.example."},
    {"EUI48", "00-00-5e-00-53-2a"},
    {"EUI64", "00-00-5e-ef-10-00-00-2a"},
    {"URI", "10 1 \"https://a.example/\""},
    {"CAA", "0 issue \"ca.example\""},
    {"RESINFO", "\\# 3 02 7165"},
    {"TYPE65280", "\\# 2 abcd"},
    {"TYPE65280", "\\# 0"},
};

} // namespace

TEST_CASE("rdata of every type survives text, wire, message and text again") {
  for (const Sample& sample : kSamples) {
    INFO(sample.type << " " << sample.text);
    const RRType type = *dns::parseRRType(sample.type);
    const auto rdata = dns::parseRdata(type, sample.text);
    INFO((rdata ? "" : rdata.error().message));
    REQUIRE(rdata);
    CHECK(dns::rdataWellFormed(type, *rdata));
    const std::string printed = dns::rdataText(type, *rdata);
    const auto again = dns::parseRdata(type, printed);
    INFO(printed);
    REQUIRE(again);
    CHECK(*again == *rdata);
    dns::RRsetBuilder builder(name("www.example.com"), type, dns::RRClass::IN, 60);
    builder.add(*rdata);
    const auto parsed = dns::parseMessage(dnstest::answerWith({builder.build()}));
    REQUIRE(parsed);
    REQUIRE(parsed->answer.size() == 1);
    CHECK(parsed->answer[0].sameData(builder.build()));
  }
}

TEST_CASE("known types print in their own format") {
  CHECK(dns::rdataText(RRType::MX, bytes("000a 04 'mail 00")) == "10 mail.");
  CHECK(dns::rdataText(RRType::A, bytes("c0000201")) == "192.0.2.1");
  CHECK(rrset("x TXT \"a b\" c").text() == "x.example.com.\t300\tIN\tTXT\t\"a b\" \"c\"\n");
  CHECK(dns::rdataText(RRType::DNSKEY, *dns::parseRdata(RRType::DNSKEY, "257 3 8 AQID")) == "257 3 8 AQID");
}

TEST_CASE("malformed rdata prints in the generic form") {
  CHECK(dns::rdataText(RRType::A, bytes("0102")) == "\\# 2 0102");
  CHECK(dns::rdataText(RRType::MX, bytes("000a c0 0c")) == "\\# 4 000ac00c");
  CHECK(dns::rdataText(RRType::SOA, {}) == "\\# 0");
}

TEST_CASE("any octets as rdata of any type are printed, never a crash") {
  for (unsigned number = 0; number < 300; ++number) {
    for (std::size_t size = 0; size < 40; ++size) {
      for (const unsigned fill : {0U, 1U, 4U, 0x7FU, 0xC0U, 0xFFU}) {
        const Bytes rdata(size, static_cast<std::byte>(fill));
        REQUIRE_FALSE(dns::rdataText(static_cast<RRType>(number), rdata).empty());
      }
    }
  }
}

TEST_CASE("text that is no rdata is refused") {
  const Sample bad[] = {
      {"A", ""},           {"A", "1.2.3"},          {"A", "1.2.3.4 5"},        {"MX", "10"},     {"MX", "x mail."},
      {"AAAA", "1.2.3.4"}, {"SOA", "a. b. 1"},      {"A", "\\# 3 010203"},     {"TYPE999", "x"}, {"TYPE999", "\\# 2 0"},
      {"TYPE999", "\\#"},  {"TYPE999", "\\# 1 zz"}, {"TYPE999", "\\# 1 0102"}, {"NS", "a..b."},  {"A", "1.2.3.4\n"},
      {"TXT", "\"open"},   {"TXT", "a\\\n"},        {"NS", "\\# 2 c000"}};
  for (const Sample& sample : bad) {
    INFO(sample.type << " " << sample.text);
    const auto rdata = dns::parseRdata(*dns::parseRRType(sample.type), sample.text);
    REQUIRE_FALSE(rdata);
    CHECK_FALSE(rdata.error().message.empty());
  }
}

TEST_CASE("record lines take origin, TTL and class where they are left out") {
  CHECK(rrset("www A 192.0.2.1").text() == "www.example.com.\t300\tIN\tA\t192.0.2.1\n");
  CHECK(rrset("www IN 1h A 192.0.2.1").ttl() == 3600);
  CHECK(rrset("www 1w2d IN A 192.0.2.1").ttl() == 777600);
  CHECK(rrset("@ MX 10 mail").text() == "example.com.\t300\tIN\tMX\t10 mail.example.com.\n");
  CHECK(rrset("version.bind. CH TXT x").rrclass() == dns::RRClass::CH);
  CHECK(rrset(" A 192.0.2.1").owner() == name("example.com"));
  CHECK(rrset("a. CLASS9 TYPE999 \\# 0").rrclass() == static_cast<dns::RRClass>(9));
}

TEST_CASE("lines that are no record are refused") {
  for (const char* line : {"", "www", "www 300", "www 300 IN", "www BOGUS x", "www 2147483648 A 1.2.3.4",
                           "a..b A 1.2.3.4", "www ANY x", "www OPT \\# 0", "www 1h1 A 1.2.3.4"}) {
    INFO(line);
    CHECK_FALSE(dns::parseRecord(line, name("example.com"), 300));
  }
}
