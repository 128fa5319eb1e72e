// Unit tests of the rdata readers, the canonical form and the parsing of keys.
#include "lib/dnssec/records.hh"

#include "lib/dnssec/canonical.hh"
#include "tests/lib/dnssec/support.hh"

using namespace dnssec;
using dns::RRType;
using dnssectest::name;
using dnssectest::Octets;

namespace {

Octets rdata(RRType type, std::string_view text) {
  const auto parsed = dns::parseRdata(type, text);
  REQUIRE(parsed);
  return *parsed;
}

Octets canonical(RRType type, const Octets& rdata) {
  Octets out;
  appendCanonicalRdata(type, rdata, out);
  return out;
}

Octets filled(std::initializer_list<unsigned> front, std::size_t size, unsigned value) {
  Octets out;
  for (const unsigned octet : front) {
    out.push_back(static_cast<std::byte>(octet));
  }
  out.resize(out.size() + size, static_cast<std::byte>(value));
  return out;
}

} // namespace

TEST_CASE("names in the rdata are lower-cased for the types of RFC 4034 6.2 only") {
  const auto lowered = [](RRType type, std::string_view mixed, std::string_view lower) {
    CAPTURE(mixed);
    CHECK(canonical(type, rdata(type, mixed)) == rdata(type, lower));
  };
  const auto kept = [](RRType type, std::string_view mixed) {
    CAPTURE(mixed);
    CHECK(canonical(type, rdata(type, mixed)) == rdata(type, mixed));
  };
  lowered(RRType::NS, "Ns.Example.", "ns.example.");
  lowered(RRType::SOA, "Ns.Example. Host.Example. 1 2 3 4 5", "ns.example. host.example. 1 2 3 4 5");
  lowered(RRType::MX, "10 Mail.Example.", "10 mail.example.");
  lowered(RRType::SRV, "1 2 3 Srv.Example.", "1 2 3 srv.example.");
  lowered(RRType::RP, "Me.Example. Txt.Example.", "me.example. txt.example.");
  lowered(RRType::DNAME, "Other.Example.", "other.example.");
  lowered(RRType::KX, "1 Kx.Example.", "1 kx.example.");
  lowered(RRType::NAPTR, "1 2 \"U\" \"E2U\" \"!X!Y!\" Repl.Example.", "1 2 \"U\" \"E2U\" \"!X!Y!\" repl.example.");
  kept(RRType::NSEC, "Next.Example. A NS");
  kept(RRType::TXT, "\"Text\"");
  kept(RRType::HINFO, "\"CPU\" \"OS\"");
  kept(RRType::SVCB, "1 Svc.Example. port=53");
  kept(RRType::LP, "10 Lp.Example.");
  Octets a6 = filled({64}, 8, 0x41); // 64 bits of prefix: eight octets, then a name
  const dns::Name prefix = name("Prefix.Example.");
  a6.insert(a6.end(), prefix.wire().begin(), prefix.wire().end());
  CHECK(canonical(RRType::A6, a6)[1] == std::byte{0x41});
  CHECK(canonical(RRType::A6, a6)[10] == std::byte{'p'});
  CHECK(canonical(RRType::A6, filled({0}, 16, 0x41)) == filled({0}, 16, 0x41));
}

TEST_CASE("malformed rdata is left as it is by the canonical form") {
  for (const RRType type : {RRType::MX, RRType::SOA, RRType::NAPTR, RRType::A6, RRType::SRV}) {
    for (std::size_t size = 0; size < 12; ++size) {
      const Octets octets = filled({}, size, 0x7F);
      CHECK(canonical(type, octets) == octets);
    }
  }
}

TEST_CASE("signed data has rdatas in canonical order, each once") {
  dns::RRsetBuilder builder(name("Www.Example."), RRType::NS, dns::RRClass::IN, 5);
  for (const char* target : {"b.example.", "A.example.", "a.Example.", "aa."}) {
    builder.add(rdata(RRType::NS, target));
  }
  const dns::RRset set = builder.build();
  Rrsig signature;
  signature.labels = 2;
  signature.originalTtl = 0x01020304;
  const dns::Name owner = name("www.example.");
  Octets expected;
  for (const char* target : {"a.example.", "b.example.", "aa."}) {
    const Octets rdataOf = rdata(RRType::NS, target);
    expected.insert(expected.end(), owner.wire().begin(), owner.wire().end());
    for (const unsigned octet : {0U, 2U, 0U, 1U, 1U, 2U, 3U, 4U, 0U, static_cast<unsigned>(rdataOf.size())}) {
      expected.push_back(static_cast<std::byte>(octet));
    }
    expected.insert(expected.end(), rdataOf.begin(), rdataOf.end());
  }
  CHECK(std::ranges::equal(CanonicalSet(set).signedBy(signature), expected));
  signature.labels = 1;
  const Bytes wild = CanonicalSet(set).signedBy(signature);
  const dns::Name star = name("*.example.");
  CHECK(std::ranges::equal(wild.first(star.wireSize()), star.wire()));
}

TEST_CASE("readers take whole rdata or nothing") {
  CHECK_FALSE(readDnskey(Octets(3)));
  CHECK(readDnskey(Octets(4)));
  CHECK_FALSE(readDs(Octets(3)));
  CHECK_FALSE(readRrsig(Octets(18)));
  Octets rrsig(19); // the root signs
  CHECK(readRrsig(rrsig));
  CHECK(readRrsig(rrsig)->signature.empty());
  rrsig[18] = std::byte{0xC0}; // compressed
  rrsig.push_back(std::byte{0});
  CHECK_FALSE(readRrsig(rrsig));
  CHECK_FALSE(readNsec({}));
  const Octets noTypes = filled({0}, 0, 0);
  CHECK(readNsec(noTypes)->types.empty());
  CHECK_FALSE(readNsec(filled({0, 0, 0}, 0, 0)));             // an empty window
  CHECK_FALSE(readNsec(filled({0, 0, 33}, 33, 0)));           // too large a window
  CHECK_FALSE(readNsec(filled({0, 0, 2, 1}, 0, 0)));          // cut off
  CHECK_FALSE(readNsec(filled({0, 0, 1, 1, 0, 1, 1}, 0, 0))); // twice the same
  CHECK_FALSE(readNsec3(filled({1, 0, 0, 0, 0}, 0, 0)));
  CHECK_FALSE(readNsec3(filled({1, 0, 0, 0, 0, 0}, 0, 0))); // no hash
  const Octets octets = rdata(RRType::NSEC3, "1 1 12 aabbccdd 2vptu5timamqttgl4luu9kg21e0aor3s A RRSIG");
  const auto nsec3 = readNsec3(octets);
  REQUIRE(nsec3);
  CHECK(nsec3->optOut());
  CHECK(nsec3->iterations == 12);
  CHECK(nsec3->salt.size() == 4);
  CHECK(nsec3->nextHash.size() == 20);
  CHECK(nsec3->types.has(RRType::RRSIG));
}

TEST_CASE("type bitmaps know their types") {
  const Octets octets = rdata(RRType::NSEC, "host.example.com. A MX RRSIG NSEC TYPE1234");
  const auto nsec = readNsec(octets);
  REQUIRE(nsec);
  CHECK(nsec->next == name("host.example.com."));
  for (const unsigned type : {1U, 15U, 46U, 47U, 1234U}) {
    CHECK(nsec->types.has(static_cast<RRType>(type)));
  }
  for (const unsigned type : {0U, 2U, 16U, 48U, 210U, 1233U, 1235U, 65535U}) {
    CHECK_FALSE(nsec->types.has(static_cast<RRType>(type)));
  }
}

TEST_CASE("key tags are those of RFC 4034 appendix B and of the root") {
  const Octets root =
      rdata(RRType::DNSKEY, "257 3 8 "
                            "AwEAAaz/tAm8yTn4Mfeh5eyI96WSVexTBAvkMgJzkKTOiW1vkIbzxeF3+/"
                            "4RgWOq7HrxRixHlFlExOLAJr5emLvN7SWXgnLh4+"
                            "B5xQlNVz8Og8kvArMtNROxVQuCaSnIDdD5LKyWbRd2n9WGe2R8PzgCmr3EgVLrjyBxWezF0jLHwVN8efS3rCj/"
                            "EWgvIWgb9tarpVUDK/b58Da+sqqls3eNbuv7pr+eoZG+SrDK6nWeL3c6H5Apxz7LjVc1uTIdsIXxuOLYA4/"
                            "ilBmSVIzuDWfdRUfhHdY6+cn8HFRm+2hM8AnXGXws9555KrUB5qihylGa8subX2Nn6UwNR1AkUTV74bU=");
  const Octets next =
      rdata(RRType::DNSKEY, "257 3 8 "
                            "AwEAAa96jeuknZlaeSrvyAJj6ZHv28hhOKkx3rLGXVaC6rXTsDc449/"
                            "cidltpkyGwCJNnOAlFNKF2jBosZBU5eeHspaQWOmOElZsjICMQMC3aeHbGiShvZsx4wMYSjH8e7Vrhbu6irwCzVBAp"
                            "ESjbUdpWWmEnhathWu1jo+siFUiRAAxm9qyJNg/wOZqqzL/dL/q8PkcRU5oUKEpUge71M3ej2/"
                            "7CPqpdVwuMoTvoB+ZOT4YeGyxMvHmbrxlFzGOHOijtzN+u1TQNatX2XBuzZNQ1K+"
                            "s2CXkPIZo7s6JgZyvaBevYtxPvYLw4z9mR7K2vaF18UYH9Z9GNUUeayffKC73PYc=");
  CHECK(keyTag(next) == 38696);
  const auto ds = rdata(RRType::DS, "20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D");
  CHECK(makeDs(dns::Name(), root, DigestType::Sha256) == ds);
  CHECK(keyTag(root) == 20326);
  Octets oldest = root;
  oldest[3] = std::byte{1};
  const auto octet = [&](std::size_t back) { return std::to_integer<unsigned>(oldest[oldest.size() - back]); };
  CHECK(keyTag(oldest) == (octet(3) << 8 | octet(2)));
  CHECK(keyTag({}) == 0);
}

TEST_CASE("keys of forbidden sizes or off the curve are refused") {
  const auto parses = [](Algorithm algorithm, const Octets& key) {
    return PublicKey::parse(algorithm, key) != nullptr;
  };
  CHECK(parses(Algorithm::RsaSha256, filled({3, 1, 0, 1}, 64, 0xFF)));
  CHECK(parses(Algorithm::RsaSha256, filled({0, 0, 3, 1, 0, 1}, 64, 0xFF))); // the long form of the exponent's size
  CHECK(parses(Algorithm::RsaSha256, filled({1, 3}, 512, 0xFF)));
  CHECK(parses(Algorithm::RsaSha256, filled({8, 255, 0, 0, 0, 0, 0, 0, 1}, 128, 0xFF)));
  CHECK_FALSE(parses(Algorithm::RsaSha256, filled({9, 1, 0, 0, 0, 0, 0, 0, 0, 1}, 128, 0xFF)));
  CHECK_FALSE(parses(Algorithm::RsaSha256, filled({3, 1, 0, 1}, 63, 0xFF)));
  CHECK_FALSE(parses(Algorithm::RsaSha256, filled({3, 1, 0, 1}, 513, 0xFF)));
  CHECK_FALSE(parses(Algorithm::RsaSha256, filled({3, 1, 0, 1}, 64, 0xFE))); // even modulus
  CHECK_FALSE(parses(Algorithm::RsaSha256, filled({3, 1, 0, 0}, 64, 0xFF))); // even exponent
  CHECK_FALSE(parses(Algorithm::RsaSha256, filled({1, 1}, 64, 0xFF)));       // exponent 1
  CHECK_FALSE(parses(Algorithm::RsaSha256, filled({200, 1, 0, 1}, 64, 0xFF)));
  CHECK_FALSE(parses(Algorithm::RsaSha256, {}));
  CHECK_FALSE(parses(Algorithm::EcdsaP256Sha256, filled({}, 64, 1)));
  CHECK_FALSE(parses(Algorithm::EcdsaP256Sha256, filled({}, 64, 0)));
  CHECK_FALSE(parses(Algorithm::EcdsaP384Sha384, filled({}, 96, 1)));
  CHECK_FALSE(parses(Algorithm::EcdsaP384Sha384, filled({}, 64, 1)));
  CHECK_FALSE(parses(Algorithm::Ed25519, filled({}, 31, 1)));
  CHECK_FALSE(parses(Algorithm::Ed448, filled({}, 58, 1)));
  CHECK_FALSE(parses(Algorithm::EccGost, filled({}, 64, 1)));
  CHECK_FALSE(parses(static_cast<Algorithm>(253), filled({}, 64, 1)));
}
