// Unit tests of parseMessage(), writeQuery() and text(Message).
#include "lib/dns/message.hh"

#include "lib/dns/rdata.hh"
#include "tests/lib/dns/support.hh"

using dns::parseMessage;
using dns::RRset;
using dns::RRType;
using dnstest::answerWith;
using dnstest::Bytes;
using dnstest::bytes;
using dnstest::name;
using dnstest::rrset;
using dnstest::operator+;

namespace {

const char* const kSignature = "8 2 300 20260101000000 20250101000000 1234 example.com. AAAA";

RRset signature(const std::string& owner, const std::string& covered) {
  return rrset(owner + " RRSIG " + covered + " " + kSignature);
}

Bytes header(const char* flags, unsigned answer, unsigned authority = 0, unsigned additional = 0) {
  const auto count = [](unsigned n) { return Bytes{static_cast<std::byte>(n >> 8), static_cast<std::byte>(n)}; };
  return bytes("0001") + bytes(flags) + count(0) + count(answer) + count(authority) + count(additional);
}

} // namespace

TEST_CASE("the header's bits are read and written") {
  for (unsigned i = 0; i < 7; ++i) {
    const auto on = [i](unsigned bit) { return i == bit; };
    const dns::Header header{.id = 0x1234,
                             .qr = on(0),
                             .aa = on(1),
                             .tc = on(2),
                             .rd = on(3),
                             .ra = on(4),
                             .ad = on(5),
                             .cd = on(6),
                             .opcode = dns::Opcode::Notify,
                             .rcode = dns::RCode::Refused};
    std::array<std::byte, 12> buffer;
    dns::WireWriter writer(buffer);
    writer.header(header);
    const auto read = dns::parseHeader(writer.message());
    REQUIRE(read);
    CHECK(read->id == header.id);
    CHECK(read->opcode == header.opcode);
    CHECK(read->rcode == header.rcode);
    CHECK(std::array{read->qr, read->aa, read->tc, read->rd, read->ra, read->ad, read->cd} ==
          std::array{on(0), on(1), on(2), on(3), on(4), on(5), on(6)});
  }
  CHECK_FALSE(dns::parseHeader(Bytes(11)));
}

TEST_CASE("records are grouped into sets in order of appearance") {
  const auto parsed = parseMessage(answerWith({rrset("www CNAME b"), rrset("b A 192.0.2.1"), rrset("B A 192.0.2.2"),
                                               rrset("b AAAA ::1"), rrset("b A 192.0.2.1")}));
  REQUIRE(parsed);
  REQUIRE(parsed->answer.size() == 3);
  CHECK(parsed->answer[0].type() == RRType::CNAME);
  CHECK(parsed->answer[1].count() == 2);
  CHECK(parsed->answer[2].type() == RRType::AAAA);
  CHECK(parsed->question->name == name("www.example.com"));
}

TEST_CASE("the lowest TTL of a set counts (RFC 2181 5.2)") {
  const auto parsed = parseMessage(answerWith({rrset("www 300 A 192.0.2.1"), rrset("www 20 A 192.0.2.2")}));
  REQUIRE(parsed->answer.size() == 1);
  CHECK(parsed->answer[0].ttl() == 20);
}

TEST_CASE("a TTL with its top bit set is zero (RFC 2181 8)") {
  const auto parsed = parseMessage(header("8000", 1) + bytes("00 0001 0001 80000001 0004 01020304"));
  REQUIRE(parsed);
  CHECK(parsed->answer[0].ttl() == 0);
}

TEST_CASE("signatures are attached to the set they cover") {
  const auto parsed = parseMessage(
      answerWith({signature("www", "A"), rrset("www A 192.0.2.1"), signature("www", "AAAA"), signature("other", "A")},
                 {signature("www", "A")}));
  REQUIRE(parsed);
  REQUIRE(parsed->answer.size() == 3);
  CHECK(parsed->answer[0].type() == RRType::A);
  CHECK(parsed->answer[0].signatureCount() == 1);
  CHECK(dns::readRrsigCovered(*parsed->answer[0].signatures().begin()) == RRType::A);
  CHECK(parsed->answer[1].type() == RRType::RRSIG);
  CHECK(parsed->answer[1].ownerIs(name("www.example.com")));
  CHECK(parsed->answer[2].ownerIs(name("other.example.com")));
  REQUIRE(parsed->authority.size() == 1); // not attached across sections
  CHECK(parsed->authority[0].type() == RRType::RRSIG);
}

TEST_CASE("signatures without their set stand together") {
  const auto parsed =
      parseMessage(answerWith({signature("www", "A"), signature("www", "MX"), signature("www", "RRSIG")}));
  REQUIRE(parsed->answer.size() == 1);
  CHECK(parsed->answer[0].count() == 3);
}

TEST_CASE("sets of different classes are kept apart") {
  const auto parsed = parseMessage(header("8000", 2) + bytes("00 0010 0001 00000001 0002 01 'a") +
                                   bytes("00 0010 0003 00000001 0002 01 'a"));
  REQUIRE(parsed);
  CHECK(parsed->answer.size() == 2);
}

TEST_CASE("address types are opaque outside class IN") {
  CHECK(parseMessage(header("8000", 1) + bytes("00 0001 0003 00000001 0003 01 'a 00")));
  CHECK_FALSE(parseMessage(header("8000", 1) + bytes("00 0001 0001 00000001 0003 01 'a 00")));
}

TEST_CASE("every prefix of a message fails cleanly, or is tolerated with TC") {
  const Bytes whole = answerWith({rrset("www CNAME b"), rrset("b A 192.0.2.1"), signature("b", "A")},
                                 {rrset("@ SOA ns host 1 2 3 4 5")});
  REQUIRE(parseMessage(whole));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    REQUIRE_FALSE(parseMessage(cut));
    if (size < dns::kHeaderSize) {
      continue;
    }
    Bytes truncated = cut;
    truncated[2] |= std::byte{0x02};
    const auto parsed = parseMessage(truncated);
    REQUIRE(parsed.ok() == (size >= 33)); // header and question
    REQUIRE((!parsed || parsed->answer.size() <= 2));
  }
}

TEST_CASE("malformed records are errors even with TC") {
  CHECK_FALSE(parseMessage(header("8200", 1) + bytes("00 0001 0001 00000001 0003 010203")));
  CHECK_FALSE(parseMessage(header("8200", 1) + bytes("c0 0c 0001 0001 00000001 0004 01020304")));
}

TEST_CASE("trailing octets are tolerated") {
  CHECK(parseMessage(answerWith({rrset("www A 192.0.2.1")}) + bytes("ff ff")));
}

TEST_CASE("counts without records are errors") {
  CHECK_FALSE(parseMessage(header("8000", 1)));
  CHECK_FALSE(parseMessage(header("8000", 0xFFFF)));
  CHECK(parseMessage(header("8000", 0)));
}

TEST_CASE("two questions are an error (RFC 9619)") {
  CHECK_FALSE(parseMessage(bytes("0001 0000 0002 0000 0000 0000 00 0001 0001 00 0001 0001")));
  CHECK(parseMessage(bytes("0001 0000 0001 0000 0000 0000 00 0001 0001")));
}

TEST_CASE("OPT stands once, in the additional section, at the root") {
  const Bytes opt = bytes("00 0029 04d0 01008000 0000");
  const auto parsed = parseMessage(header("8003", 0, 0, 1) + opt);
  REQUIRE(parsed);
  REQUIRE(parsed->edns);
  CHECK(parsed->edns->udpSize == 1232);
  CHECK(parsed->additional.empty());
  CHECK(static_cast<unsigned>(parsed->header.rcode) == 0x13);
  CHECK_FALSE(parseMessage(header("8000", 0, 0, 2) + opt + opt));
  CHECK_FALSE(parseMessage(header("8000", 1) + opt));
  CHECK_FALSE(parseMessage(header("8000", 0, 1) + opt));
  CHECK_FALSE(parseMessage(header("8000", 0, 0, 1) + bytes("01 'a") + opt));
}

TEST_CASE("TSIG and SIG(0) are left out") {
  const Bytes sig0 = bytes("00 0018 00ff 00000000 0013 0000 05 00 00000000 00000000 00000000 0001 00");
  const Bytes tsig = bytes("00 00fa 00ff 00000000 0011 00 000000000000 0000 0000 0000 0000 0000");
  const auto parsed = parseMessage(header("8000", 0, 0, 2) + sig0 + tsig);
  REQUIRE(parsed);
  CHECK(parsed->additional.empty());
}

TEST_CASE("unknown types are kept as they are (RFC 3597)") {
  const auto parsed = parseMessage(header("8000", 1) + bytes("00 ff00 0001 00000001 0004 c0 0c 40 00"));
  REQUIRE(parsed);
  CHECK(Bytes(parsed->answer[0].front().begin(), parsed->answer[0].front().end()) == bytes("c0 0c 40 00"));
  CHECK(parsed->answer[0].text() == ".\t1\tIN\tTYPE65280\t\\# 4 c00c4000\n");
}

TEST_CASE("a message full of distinct owners is grouped quickly and whole") {
  Bytes message = header("8000", 4000);
  for (unsigned i = 0; i < 4000; ++i) {
    const unsigned id = i % 2000;
    message = std::move(message) + Bytes{std::byte{2}, static_cast<std::byte>(id >> 8), static_cast<std::byte>(id)} +
              Bytes{std::byte{0},
                    std::byte{0},
                    std::byte{1},
                    std::byte{0},
                    std::byte{1},
                    std::byte{0},
                    std::byte{0},
                    std::byte{0},
                    std::byte{1},
                    std::byte{0},
                    std::byte{4},
                    std::byte{1},
                    std::byte{1},
                    static_cast<std::byte>(i >> 8),
                    static_cast<std::byte>(i)};
  }
  const auto parsed = parseMessage(message);
  REQUIRE(parsed);
  std::size_t records = 0;
  for (const RRset& set : parsed->answer) {
    records += set.count();
  }
  CHECK(records == 4000);
  CHECK(parsed->answer.size() < 2000); // some owners differ in case only
}

TEST_CASE("decompressed rdata that passes 65535 octets is refused") {
  CHECK(parseMessage(header("8000", 1) + bytes("00 ff00 0001 00000001 ffff") + Bytes(65535)));
}

TEST_CASE("a query with EDNS is written and read") {
  std::array<std::byte, 512> buffer;
  dns::Edns edns;
  edns.dnssecOk = true;
  edns.cookie.emplace();
  const dns::Question question{name("Www.example.com"), RRType::HTTPS};
  const std::size_t size = dns::writeQuery(buffer, {.id = 77}, question, edns);
  CHECK(size == 12 + 21 + 11 + 12);
  const auto parsed = parseMessage(std::span(buffer).first(size));
  REQUIRE(parsed);
  CHECK(parsed->question == question);
  CHECK(parsed->edns->dnssecOk);
  CHECK(dns::writeQuery(std::span(buffer).first(40), {}, question, edns) == 0);
}

TEST_CASE("a message prints like dig's") {
  auto parsed = parseMessage(answerWith({rrset("www A 192.0.2.1")}, {rrset("@ NS ns")}));
  REQUIRE(parsed);
  parsed->edns.emplace().errors.push_back({dns::EdeCode::Blocked, "li\nst"});
  CHECK(dns::text(*parsed) == ";; opcode: QUERY, status: NOERROR, id: 7, flags: qr aa\n"
                              ";; EDNS: version 0, flags:, udp: 512\n"
                              ";; EDE: 15 (li?st)\n"
                              ";www.example.com.\tIN\tA\n"
                              ";; ANSWER\nwww.example.com.\t300\tIN\tA\t192.0.2.1\n"
                              ";; AUTHORITY\nexample.com.\t300\tIN\tNS\tns.example.com.\n");
}
