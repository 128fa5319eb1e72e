// Unit tests of dns::WireReader and dns::WireWriter: limits, compression, rollback.
#include <algorithm>

#include "lib/dns/rdata.hh"
#include "lib/dns/wirereader.hh"
#include "tests/lib/dns/support.hh"

using dns::Name;
using dns::RRset;
using dns::RRType;
using dns::Section;
using dns::WireReader;
using dns::WireWriter;
using dnstest::Bytes;
using dnstest::bytes;
using dnstest::name;
using dnstest::rrset;
using dnstest::operator+;

namespace {

// The text of the name at `offset`, or "failed".
std::string nameAt(const Bytes& message, std::size_t offset) {
  WireReader reader(message, offset);
  const Name read = reader.name();
  return reader.failed() ? "failed" : read.text();
}

bool accepts(RRType type, const Bytes& rdata) {
  WireReader reader(rdata);
  Bytes out;
  reader.rdata(type, rdata.size(), out);
  return !reader.failed();
}

std::size_t sizeWith(const std::vector<RRset>& sets) { return dnstest::answerWith(sets).size(); }

} // namespace

TEST_CASE("failure sticks and yields zeros") {
  const Bytes message = bytes("01 02 03");
  WireReader reader(message);
  CHECK(reader.u16() == 0x0102);
  CHECK(reader.u32() == 0);
  CHECK(reader.failed());
  CHECK(reader.ranOut());
  CHECK(reader.u8() == 0);
  CHECK(reader.bytes(1).empty());
  CHECK(reader.name().isRoot());
  CHECK(reader.failed());
  WireReader beyond(message, 10);
  CHECK(beyond.remaining() == 0);
  CHECK(beyond.u8() == 0);
  CHECK(beyond.failed());
}

TEST_CASE("compression pointers lead backwards only") {
  const Bytes message = bytes("03 'com 00 01 'A c0 00 c0 05 c0 0b c0 0f 00");
  CHECK(nameAt(message, 0) == "com.");
  CHECK(nameAt(message, 5) == "A.com.");
  CHECK(nameAt(message, 9) == "A.com.");
  CHECK(nameAt(message, 11) == "failed"); // to itself
  CHECK(nameAt(message, 13) == "failed"); // forward
}

TEST_CASE("a pointer into the name it stands in is a loop") {
  CHECK(nameAt(bytes("01 'a c0 00"), 0) == "failed");
  CHECK(nameAt(bytes("01 'a 01 'b c0 02"), 0) == "failed");
  CHECK(nameAt(bytes("01 'a c0 04 01 'b c0 00"), 4) == "failed");
}

TEST_CASE("pointer work is bounded for the whole message") {
  Bytes chain = bytes("00 00"); // each pointer leads to the one before
  for (unsigned at = 0; at + 2 < 16000; at += 2) {
    chain.push_back(static_cast<std::byte>(0xC0U | at >> 8));
    chain.push_back(static_cast<std::byte>(at));
  }
  const std::size_t last = chain.size() - 2;
  WireReader reader(chain, last);
  CHECK(reader.name().isRoot());
  CHECK_FALSE(reader.failed());
  Bytes many = chain;
  for (int i = 0; i < 4; ++i) {
    many = many + Bytes(chain.end() - 2, chain.end());
  }
  WireReader tired(many, last);
  for (int i = 0; i < 4; ++i) {
    static_cast<void>(tired.name());
  }
  CHECK(tired.failed());
}

TEST_CASE("names over 255 octets and unknown label types are refused") {
  Bytes message;
  for (int i = 0; i < 3; ++i) {
    message = message + bytes("3f") + Bytes(63, std::byte{'x'});
  }
  const Bytes longest = message + bytes("3d") + Bytes(61, std::byte{'y'}) + bytes("00");
  const Bytes tooLong = message + bytes("3e") + Bytes(62, std::byte{'y'}) + bytes("00");
  CHECK(nameAt(longest, 0) != "failed");
  CHECK(nameAt(tooLong, 0) == "failed");
  CHECK(nameAt(bytes("40 'a 00"), 0) == "failed");
  CHECK(nameAt(bytes("80 'a 00"), 0) == "failed");
  CHECK(nameAt(bytes("03 'ab"), 0) == "failed");
  CHECK(nameAt(bytes("00 c0"), 1) == "failed");
}

TEST_CASE("rdata must fill its layout exactly") {
  CHECK(accepts(RRType::A, bytes("01020304")));
  CHECK_FALSE(accepts(RRType::A, bytes("010203")));
  CHECK_FALSE(accepts(RRType::A, bytes("0102030405")));
  CHECK(accepts(RRType::AAAA, Bytes(16)));
  CHECK_FALSE(accepts(RRType::AAAA, Bytes(15)));
  CHECK(accepts(RRType::NS, bytes("01 'a 00")));
  CHECK_FALSE(accepts(RRType::NS, bytes("01 'a 00 00")));
  CHECK_FALSE(accepts(RRType::NS, bytes("01 'a")));
  CHECK(accepts(RRType::HINFO, bytes("01 'a 00")));
  CHECK_FALSE(accepts(RRType::HINFO, bytes("01 'a 02 'a")));
  CHECK_FALSE(accepts(RRType::TXT, {}));
  CHECK(accepts(RRType::NULL_, {}));
  CHECK(accepts(static_cast<RRType>(65280), bytes("c0 ff")));
}

TEST_CASE("a name in rdata must end inside it") {
  const Bytes message = bytes("03 'foo 00 00 00");
  WireReader reader(message);
  Bytes out;
  reader.rdata(RRType::NS, 4, out);
  CHECK(reader.failed());
}

TEST_CASE("names in rdata are decompressed for the types of RFC 3597 alone") {
  const Bytes message = bytes("03 'com 00 00 00 00 01 00 02 01 'x c0 00");
  const auto read = [&](RRType type, std::size_t offset) {
    WireReader reader(message, offset);
    Bytes out;
    reader.rdata(type, message.size() - offset, out);
    return reader.failed() ? Bytes() : out;
  };
  CHECK(read(RRType::SRV, 5) == bytes("00 00 00 01 00 02 01 'x 03 'com 00"));
  CHECK(read(RRType::CNAME, 11) == bytes("01 'x 03 'com 00"));
  CHECK(read(RRType::DNAME, 11) == bytes("01 'x 03 'com 00"));
  CHECK(read(RRType::NSEC, 11).empty());
  CHECK(read(RRType::SVCB, 9).empty());
  CHECK(read(static_cast<RRType>(65280), 11) == bytes("01 'x c0 00"));
}

TEST_CASE("owners and RFC 1035 names are compressed, others are not") {
  const std::size_t question = sizeWith({});
  CHECK(sizeWith({rrset("www A 192.0.2.1")}) == question + 2 + 10 + 4);
  CHECK(sizeWith({rrset("www CNAME www.example.com.")}) == question + 2 + 10 + 2);
  CHECK(sizeWith({rrset("@ MX 10 mail")}) == question + 2 + 10 + 2 + 5 + 2);
  CHECK(sizeWith({rrset("www DNAME www.example.com.")}) == question + 2 + 10 + 17);
  CHECK(sizeWith({rrset("www SRV 1 2 3 www.example.com.")}) == question + 2 + 10 + 6 + 17);
}

TEST_CASE("an owner may borrow the case of the question, rdata keeps its own") {
  const Bytes owner = dnstest::answerWith({rrset("WWW A 192.0.2.1")});
  CHECK(dns::parseMessage(owner)->answer.front().owner().identicalTo(name("www.example.com")));
  const Bytes rdata = dnstest::answerWith({rrset("www CNAME WWW.Example.com.")});
  CHECK(dns::readNameRdata(dns::parseMessage(rdata)->answer.front().front())->identicalTo(name("WWW.Example.com")));
}

TEST_CASE("names are compressed with the one asked and with each other, whichever comes first") {
  const std::size_t question = sizeWith({});
  // An owner below the name asked, then that one itself, then one beside both.
  CHECK(sizeWith({rrset("a.www A 192.0.2.1"), rrset("www A 192.0.2.1"), rrset("a.www AAAA 2001:db8::1"),
                  rrset("b A 192.0.2.1")}) == question + (4 + 14) + (2 + 14) + (2 + 26) + (4 + 14));
  CHECK(sizeWith({rrset("www CNAME other.example.net."), rrset("other.example.net. A 192.0.2.1")}) ==
        question + (2 + 10 + 19) + (2 + 14));
  std::array<std::byte, 512> buffer;
  WireWriter root(buffer);
  root.question({name("."), RRType::NS});
  REQUIRE(root.rrset(Section::Answer, rrset(". A 192.0.2.1"), 1, false));
  CHECK(root.size() == 12 + 5 + 1 + 14); // a pointer would be longer
}

TEST_CASE("what did not fit is pointed to by nothing that comes after it") {
  std::array<std::byte, 60> buffer;
  WireWriter writer(buffer);
  writer.question({name("www.example.com"), RRType::A}); // up to 33
  CHECK_FALSE(writer.rrset(Section::Answer, rrset("other.example.net. TXT 12345678901234567890"), 1, false));
  REQUIRE(writer.rrset(Section::Answer, rrset("www CNAME net."), 1, false));
  const auto parsed = dns::parseMessage(writer.message());
  REQUIRE(parsed);
  REQUIRE(parsed->answer.size() == 1);
  CHECK(parsed->answer.front().sameData(rrset("www CNAME net.")));
}

TEST_CASE("the question is written with its case") {
  std::array<std::byte, 512> buffer;
  const dns::Question question{name("wWw.ExAmPlE.cOm"), RRType::AAAA};
  const std::size_t size = dns::writeQuery(buffer, {.id = 9, .rd = true}, question, std::nullopt);
  const auto parsed = dns::parseMessage(std::span(buffer).first(size));
  REQUIRE(parsed);
  CHECK(parsed->question->name.identicalTo(question.name));
  CHECK(parsed->header.id == 9);
  CHECK(parsed->header.rd);
}

TEST_CASE("TTL offsets point at the TTLs") {
  std::array<std::byte, 512> buffer;
  WireWriter writer(buffer);
  writer.question({name("www.example.com"), RRType::A});
  REQUIRE(writer.rrset(Section::Answer, rrset("www A 192.0.2.1"), 0x01020304, true));
  REQUIRE(writer.rrset(Section::Additional, rrset("mail MX 1 mail"), 0x01020304, true));
  REQUIRE(writer.ttlOffsets().size() == 2);
  for (const std::uint16_t offset : writer.ttlOffsets()) {
    CHECK(WireReader(writer.message(), offset).u32() == 0x01020304);
  }
  CHECK(writer.ttlOffsetsComplete());
}

TEST_CASE("more TTLs than the table holds are reported") {
  dns::RRsetBuilder builder(name("x"), RRType::A, dns::RRClass::IN, 1);
  for (unsigned i = 0; i < 300; ++i) {
    builder.add(std::array{std::byte{1}, std::byte{1}, static_cast<std::byte>(i >> 8), static_cast<std::byte>(i)});
  }
  std::array<std::byte, 65535> buffer;
  WireWriter writer(buffer);
  CHECK(writer.rrset(Section::Answer, builder.build(), 1, false));
  CHECK_FALSE(writer.ttlOffsetsComplete());
}

TEST_CASE("a set that does not fit leaves no trace, and smaller ones still fit") {
  const RRset large = rrset("big TXT " + std::string(200, 'x'));
  const RRset smaller = rrset("small.big A 192.0.2.1");
  std::array<std::byte, 128> buffer;
  WireWriter writer(buffer);
  writer.question({name("www.example.com"), RRType::A});
  const std::size_t before = writer.size();
  CHECK_FALSE(writer.rrset(Section::Answer, large, 1, true));
  CHECK(writer.overflowed());
  CHECK(writer.size() == before);
  CHECK(writer.ttlOffsets().empty());
  CHECK(writer.rrset(Section::Answer, smaller, 1, true));
  const auto parsed = dns::parseMessage(writer.message());
  REQUIRE(parsed);
  REQUIRE(parsed->answer.size() == 1);
  CHECK(parsed->answer.front().sameData(smaller)); // no pointer into what was undone
}

TEST_CASE("at every buffer size the message is whole") {
  const std::vector<RRset> sets = {rrset("www CNAME a.b.c"), rrset("a.b.c MX 10 d.b.c"), rrset("d.b.c A 192.0.2.9"),
                                   rrset("@ SOA ns host 1 2 3 4 5")};
  std::vector<std::byte> buffer(300);
  for (std::size_t size = 12 + 21; size <= buffer.size(); ++size) {
    WireWriter writer(std::span<std::byte>(buffer).first(size));
    writer.question({name("www.example.com"), RRType::A});
    std::size_t fitted = 0;
    for (const RRset& set : sets) {
      fitted += writer.rrset(Section::Answer, set, 1, true) ? 1U : 0U;
    }
    REQUIRE(writer.size() <= size);
    const auto parsed = dns::parseMessage(writer.message());
    REQUIRE(parsed);
    REQUIRE(parsed->answer.size() == fitted);
    for (const RRset& set : parsed->answer) {
      REQUIRE(std::any_of(sets.begin(), sets.end(), [&](const RRset& other) { return other.sameData(set); }));
    }
  }
}

TEST_CASE("tiny buffers overflow at once and are never written") {
  std::array<std::byte, 40> guard{};
  for (std::size_t size = 0; size < 33; ++size) {
    WireWriter writer(std::span<std::byte>(guard).first(size));
    writer.header({.id = 0xFFFF});
    writer.question({name("www.example.com"), RRType::A});
    REQUIRE(writer.overflowed());
    REQUIRE(guard[size] == std::byte{0});
    guard = {};
  }
}

TEST_CASE("reserved room is left for the OPT record") {
  std::array<std::byte, 12 + 21 + 16 + 11> buffer;
  WireWriter writer(buffer);
  writer.question({name("www.example.com"), RRType::A});
  writer.reserve(11);
  CHECK(writer.rrset(Section::Answer, rrset("www A 192.0.2.1"), 1, true));
  CHECK_FALSE(writer.rrset(Section::Answer, rrset(". A 192.0.2.1"), 1, true));
  writer.unreserve();
  CHECK(writer.raw(Section::Additional, dns::writeEdns({})));
  CHECK(writer.size() == buffer.size());
  CHECK_FALSE(writer.raw(Section::Additional, dns::writeEdns({})));
  CHECK(dns::parseMessage(writer.message())->edns);
}

TEST_CASE("rotation begins with another record and keeps all") {
  dns::RRsetBuilder builder(name("x"), RRType::A, dns::RRClass::IN, 1);
  for (unsigned i = 0; i < 3; ++i) {
    builder.add(std::array{std::byte{1}, std::byte{1}, std::byte{1}, static_cast<std::byte>(i)});
  }
  std::array<std::byte, 512> buffer;
  for (std::size_t first = 0; first < 7; ++first) {
    WireWriter writer(buffer);
    REQUIRE(writer.rrset(Section::Answer, builder.build(), 1, false, first));
    const auto parsed = dns::parseMessage(writer.message());
    CHECK(parsed->answer.front().sameData(builder.build()));
    CHECK(parsed->answer.front().front()[3] == static_cast<std::byte>(first % 3));
  }
}

TEST_CASE("many names are written correctly though the compression table is bounded") {
  std::vector<RRset> sets;
  for (int i = 0; i < 600; ++i) {
    const std::string n = std::to_string(i);
    sets.push_back(rrset("h" + n + ".z" + std::to_string(i % 7) + " MX 1 m" + n + ".z" + std::to_string(i % 5)));
  }
  const auto parsed = dns::parseMessage(dnstest::answerWith(sets));
  REQUIRE(parsed);
  REQUIRE(parsed->answer.size() == sets.size());
  for (std::size_t i = 0; i < sets.size(); ++i) {
    REQUIRE(parsed->answer[i].sameData(sets[i]));
  }
}
