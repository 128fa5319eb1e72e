// Unit tests of the whole of lib/dnssec's signature checks with a zone that another implementation signed.
#include "tests/lib/dnssec/vectors.hh"

#include "tests/lib/dnssec/support.hh"

using namespace dnssec;
using dns::RRType;
using dnssectest::day;
using dnssectest::kVectors;
using dnssectest::name;
using dnssectest::setOf;
using dnssectest::withSignatures;

namespace {

KeySetVerdict keysOf(const dnssectest::Vector& vector) {
  Effort effort;
  return verifyKeySet(setOf(vector.records, "example.test.", RRType::DNSKEY),
                      setOf(vector.records, "example.test.", RRType::DS), {}, day(10), effort, nullptr);
}

SetVerdict check(const dns::RRset& set, const ZoneKeys& keys, int days = 10) {
  Effort effort;
  return verifySet(set, keys, {}, day(days), effort, nullptr);
}

} // namespace

TEST_CASE("a zone signed with any algorithm verifies from its DS to its records") {
  for (const auto& vector : kVectors) {
    CAPTURE(vector.algorithm);
    const KeySetVerdict keys = keysOf(vector);
    INFO(text(keys.finding));
    REQUIRE_FALSE(keys.finding);
    REQUIRE(keys.keys.keys.size() == 1);
    CHECK(keys.ttl == 3600);
    const SetVerdict mx = check(setOf(vector.records, "mail.example.test.", RRType::MX), keys.keys);
    CHECK(mx.secure());
    CHECK(mx.algorithm == static_cast<Algorithm>(vector.algorithm));
    CHECK(mx.tag == keys.keys.keys[0].tag);
    CHECK(mx.ttl == 3600);
    CHECK_FALSE(mx.wildcard);
    CHECK(check(setOf(vector.records, "example.test.", RRType::NSEC), keys.keys).secure());
    const SetVerdict star = check(setOf(vector.records, "*.wild.example.test.", RRType::TXT), keys.keys);
    CHECK(star.secure());
    CHECK_FALSE(star.wildcard);
  }
}

TEST_CASE("a name made from a wildcard verifies and is told as such, for every algorithm") {
  for (const auto& vector : kVectors) {
    CAPTURE(vector.algorithm);
    const KeySetVerdict keys = keysOf(vector);
    const dns::RRset set = setOf(vector.records, "*.wild.example.test.", RRType::TXT);
    const SetVerdict deep = check(set.withOwner(name("Deep.Er.WILD.example.test.")), keys.keys);
    CHECK(deep.secure());
    CHECK(deep.wildcard);
    CHECK(deep.labels == 3);
    CHECK(check(set.withOwner(name("wild.example.test.")), keys.keys).secure() == false);
    CHECK(check(set.withOwner(name("a.mild.example.test.")), keys.keys).finding.fault == Fault::SignatureInvalid);
  }
}

TEST_CASE("a changed octet anywhere in the rdata, the signature or the key is found, for every algorithm") {
  for (const auto& vector : kVectors) {
    CAPTURE(vector.algorithm);
    const ZoneKeys keys = keysOf(vector).keys;
    const dns::RRset good = setOf(vector.records, "mail.example.test.", RRType::MX);
    const auto signature = *good.signatures().begin();
    for (const std::size_t back : {std::size_t{1}, std::size_t{40}, std::size_t{60}}) {
      dnssectest::Octets changed(signature.begin(), signature.end());
      changed[changed.size() - back] ^= std::byte{1};
      CHECK(check(withSignatures(good, {changed}), keys).finding.fault == Fault::SignatureInvalid);
    }
    dnssectest::Octets shortened(signature.begin(), signature.end() - 1);
    CHECK(check(withSignatures(good, {shortened}), keys).finding.fault == Fault::SignatureInvalid);
    dnssectest::Octets none(signature.begin(), signature.begin() + 32);
    CHECK(check(withSignatures(good, {none}), keys).finding.fault == Fault::SignatureInvalid);
    dns::RRsetBuilder more(good.owner(), RRType::MX, dns::RRClass::IN, 60);
    more.add(good.front());
    more.addSignature(signature);
    CHECK(check(more.build(), keys).finding.fault == Fault::SignatureInvalid);
  }
}

TEST_CASE("case of owner and of names in the rdata does not matter, that of NSEC's next name does") {
  const auto& records = kVectors[6].records;
  const ZoneKeys keys = keysOf(kVectors[6]).keys;
  const dns::RRset mx = setOf(records, "mail.example.test.", RRType::MX);
  dns::RRsetBuilder upper(name("MAIL.EXAMPLE.TEST."), RRType::MX, dns::RRClass::IN, 60);
  for (const char* rdata : {"20 b.MAIL.example.test.", "10 z.other.TEST.", "10 a.mail.EXAMPLE.test."}) {
    upper.add(*dns::parseRdata(RRType::MX, rdata));
  }
  upper.addSignature(*mx.signatures().begin());
  const SetVerdict verdict = check(upper.build(), keys);
  CHECK(verdict.secure());
  CHECK(verdict.ttl == 60);
  const dns::RRset nsec = setOf(records, "example.test.", RRType::NSEC);
  dns::RRsetBuilder lower(nsec.owner(), RRType::NSEC, dns::RRClass::IN, 60);
  lower.add(*dns::parseRdata(RRType::NSEC, "mail.example.test. NS SOA RRSIG NSEC DNSKEY"));
  lower.addSignature(*nsec.signatures().begin());
  CHECK(check(lower.build(), keys).finding.fault == Fault::SignatureInvalid);
  CHECK(check(setOf(records, "example.test.", RRType::SOA), keys).secure());
}

TEST_CASE("DS digests of all three types are as others make them") {
  const auto& records = kVectors[6].records;
  const dns::RRset keys = setOf(records, "example.test.", RRType::DNSKEY);
  const dns::RRset ds = setOf(records, "example.test.", RRType::DS);
  REQUIRE(ds.count() == 3);
  for (const Bytes rdata : ds.rdatas()) {
    const auto fields = readDs(rdata);
    REQUIRE(fields);
    CHECK(std::ranges::equal(makeDs(name("EXAMPLE.test."), keys.front(), fields->digestType), rdata));
  }
  CHECK(digestOf(name("example.test."), keys.front(), DigestType::Gost).empty());
}
