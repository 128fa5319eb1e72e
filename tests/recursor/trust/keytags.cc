// Key tags in names and options (RFC 8145), and the sentinel's names (RFC 8509).
#include "recursor/trust/keytags.hh"

#include <catch2/catch.hpp>

#include "recursor/trust/configured.hh"

using namespace rec;

namespace {

dns::Name name(std::string_view text) { return dns::Name::parse(text).value(); }

dns::RRset withTags(const dns::Name& zone, const std::vector<std::uint16_t>& tags) {
  dns::RRsetBuilder builder(zone, dns::RRType::DS, dns::RRClass::IN, 1);
  for (const auto tag : tags) {
    const TrustAnchor anchor{tag, 8, 2, std::vector<std::byte>(32)};
    builder.add(anchor.rdata());
  }
  return builder.build();
}

SentinelVerdict verdict(std::string_view qname) {
  return sentinelVerdict(name(qname), givenAnchors(builtInLuaConfig()));
}

} // namespace

TEST_CASE("the tags are asked for in one label, sorted and in hexadecimal") {
  CHECK(keyTagName(dns::Name(), withTags(dns::Name(), {38696, 20326}))->text() == "_ta-4f66-9728.");
  CHECK(keyTagName(name("example"), withTags(name("example"), {1}))->text() == "_ta-0001.example.");
}

TEST_CASE("a label holds twelve tags, and a name that is too long is not asked for") {
  std::vector<std::uint16_t> many;
  for (std::uint16_t tag = 100; tag < 120; ++tag) many.push_back(tag);
  CHECK(keyTagName(name("example"), withTags(name("example"), many))->label(0).size() == 63);
  const std::string label(60, 'x');
  const auto zone = name(label + "." + label + "." + label + "." + label + ".example");
  CHECK_FALSE(keyTagName(zone, withTags(zone, many)));
}

TEST_CASE("the option holds each tag once, in two octets") {
  dns::RRsetBuilder builder(name("example"), dns::RRType::DS, dns::RRClass::IN, 1);
  for (const auto digest : {std::uint8_t{1}, std::uint8_t{2}}) {
    const TrustAnchor anchor{0x4a5c, 8, digest, std::vector<std::byte>(32)};
    builder.add(anchor.rdata());
  }
  CHECK(keyTagOption(builder.build()) == std::vector<std::byte>{std::byte{0x4a}, std::byte{0x5c}});
  CHECK(keyTagOption(withTags(dns::Name(), {38696, 20326})).size() == 4);
  CHECK(keyTagOption({}).empty());
}

TEST_CASE("the sentinel fails the question whose statement is false") {
  CHECK(verdict("root-key-sentinel-is-ta-20326.example") == SentinelVerdict::Pass);
  CHECK(verdict("root-key-sentinel-not-ta-20326.example") == SentinelVerdict::ServFail);
  CHECK(verdict("root-key-sentinel-is-ta-11111.example") == SentinelVerdict::ServFail);
  CHECK(verdict("root-key-sentinel-not-ta-11111.example") == SentinelVerdict::Pass);
  CHECK(verdict("Root-Key-SENTINEL-not-TA-38696.example") == SentinelVerdict::ServFail);
}

TEST_CASE("only the exact label is the sentinel") {
  for (const char* other : {"root-key-sentinel-is-ta-2032.example", "root-key-sentinel-is-ta-203266.example",
                            "root-key-sentinel-is-ta-2032x.example", "root-key-sentinel-is-ta-99999.example",
                            "root-key-sentinel-is-ta-.example", "www.root-key-sentinel-is-ta-20326.example", "example",
                            ".", "xroot-key-sentinel-is-ta-20326.example"}) {
    CAPTURE(other);
    CHECK(verdict(other) == SentinelVerdict::None);
  }
}

TEST_CASE("without an anchor of the root nothing is one") {
  const AnchorSnapshot none;
  CHECK(sentinelVerdict(name("root-key-sentinel-not-ta-20326.example"), none) == SentinelVerdict::Pass);
  CHECK(sentinelVerdict(name("root-key-sentinel-is-ta-20326.example"), none) == SentinelVerdict::ServFail);
}
