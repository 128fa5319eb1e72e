// Unit tests of verifySet, signerOf and checkDates: every way in which a signature can be wrong, and the limits.
#include "lib/dnssec/signature.hh"

#include "tests/lib/dnssec/support.hh"

using namespace dnssec;
using dns::RRType;
using dnssectest::day;
using dnssectest::name;
using dnssectest::setOf;
using dnssectest::SignatureFields;
using dnssectest::Signer;
using dnssectest::withSignatures;

namespace {

const std::string_view kLines = "www.example.test. 300 IN A 192.0.2.1\n"
                                "example.test. 300 IN A 192.0.2.2\n"
                                "*.example.test. 300 IN A 192.0.2.3\n"
                                "a.b.example.test. 300 IN A 192.0.2.4\n"
                                "sub.example.test. 300 IN DS 1 15 2 00\n";

dns::RRset www() { return setOf(kLines, "www.example.test.", RRType::A); }

SetVerdict check(const dns::RRset& set, const ZoneKeys& keys, base::WallTime now = day(10),
                 const SignaturePolicy& policy = {}) {
  Effort effort;
  return verifySet(set, keys, policy, now, effort, nullptr);
}

Fault faultOf(const Signer& signer, const dnssectest::Bend& bend, base::WallTime now = day(10)) {
  return check(signer.signedSet(www(), bend), signer.keys(), now).finding.fault;
}

constexpr std::uint32_t kStart = 1767225600, kDay = 86400; // day 0

} // namespace

TEST_CASE("a set without a signature lacks one") {
  const Signer signer("example.test.", 1);
  const SetVerdict verdict = check(www(), signer.keys());
  CHECK(verdict.finding.fault == Fault::SignatureMissing);
  CHECK(verdict.finding.zone == name("example.test."));
  CHECK(verdict.finding.name == name("www.example.test."));
  CHECK(verdict.finding.type == RRType::A);
  CHECK(text(verdict.finding) == "www.example.test. A: there is no signature of example.test.");
}

TEST_CASE("a good signature says for how long, by which key and for how many labels") {
  const Signer signer("example.test.", 1);
  const SetVerdict verdict = check(signer.signedSet(www()), signer.keys());
  CHECK(verdict.secure());
  CHECK(verdict.ttl == 300);
  CHECK(verdict.tag == signer.tag());
  CHECK(verdict.algorithm == Algorithm::Ed25519);
  CHECK(verdict.labels == 3);
  const auto ttlAt = [&](const dnssectest::Bend& bend, base::WallTime now) {
    return check(signer.signedSet(www(), bend), signer.keys(), now).ttl;
  };
  CHECK(ttlAt([](SignatureFields& fields) { fields.originalTtl = 60; }, day(10)) == 60);
  CHECK(ttlAt([](SignatureFields& fields) { fields.expiration = kStart + 10 * kDay + 17; }, day(10)) == 17);
  CHECK(ttlAt([](SignatureFields& fields) { fields.expiration = kStart + 10 * kDay - 30; }, day(10)) == 1);
}

TEST_CASE("dates are told before keys and cryptography: 25 first, then 7 or 8") {
  const Signer signer("example.test.", 1);
  CHECK(faultOf(signer, nullptr, day(31)) == Fault::SignatureExpired);
  CHECK(faultOf(signer, nullptr, day(-1)) == Fault::SignatureNotYetValid);
  const auto backwards = [](SignatureFields& fields) { std::swap(fields.expiration, fields.inception); };
  for (const int when : {-1, 10, 40}) {
    CHECK(faultOf(signer, backwards, day(when)) == Fault::SignatureExpiredBeforeValid);
  }
  const SetVerdict late = check(signer.signedSet(www()), signer.keys(), day(31));
  CHECK(late.finding.at == kStart + 30 * kDay);
  CHECK(text(late.finding) == "www.example.test. A: the signature of key " + std::to_string(signer.tag()) +
                                  " (ED25519) of example.test. expired on 2026-01-31 00:00:00 UTC");
  CHECK(check(signer.signedSet(www()), signer.keys(), day(-1)).finding.at == kStart);
}

TEST_CASE("the skew widens both ends") {
  const Signer signer("example.test.", 1);
  const auto at = [&](std::int64_t seconds) {
    return faultOf(signer, nullptr, day(0) + std::chrono::seconds(seconds));
  };
  CHECK(at(-60) == Fault::None);
  CHECK(at(-61) == Fault::SignatureNotYetValid);
  CHECK(at(30 * kDay + 60) == Fault::None);
  CHECK(at(30 * kDay + 61) == Fault::SignatureExpired);
}

TEST_CASE("dates are compared in serial arithmetic around 1970 and 2106") {
  Rrsig signature;
  const auto at = [&](std::int64_t now, std::uint32_t inception, std::uint32_t expiration) {
    signature.inception = inception;
    signature.expiration = expiration;
    return checkDates(signature, base::WallTime{std::chrono::seconds{now}}, std::chrono::seconds{0});
  };
  constexpr std::int64_t wrap = 4294967296;
  CHECK(at(wrap + 100, 0xFFFFFF00U, 1000) == Fault::None); // begun before the wrap, over after it
  CHECK(at(wrap - 10, 0xFFFFFF00U, 1000) == Fault::None);
  CHECK(at(wrap - 300, 0xFFFFFF00U, 1000) == Fault::SignatureNotYetValid);
  CHECK(at(wrap + 1001, 0xFFFFFF00U, 1000) == Fault::SignatureExpired);
  CHECK(at(10, 0, 20) == Fault::None);
  CHECK(at(5, 0xFFFFFFF0U, 10) == Fault::None); // a clock that says 1970
  CHECK(at(21, 0, 20) == Fault::SignatureExpired);
  CHECK(at(wrap - 1, 0xFFFFFFFFU, 0xFFFFFFFFU) == Fault::None);
  CHECK(at(100, 100, 99) == Fault::SignatureExpiredBeforeValid);
}

TEST_CASE("a signature by another zone, over another type or with impossible labels is nobody's") {
  const Signer signer("example.test.", 1);
  CHECK(faultOf(signer, [](SignatureFields& fields) { fields.signer = name("test."); }) == Fault::SignerInvalid);
  CHECK(faultOf(signer, [](SignatureFields& fields) { fields.signer = name("other."); }) == Fault::SignerInvalid);
  CHECK(faultOf(signer, [](SignatureFields& fields) { fields.signer = name("www.example.test."); }) ==
        Fault::SignerInvalid);
  CHECK(faultOf(signer, [](SignatureFields& fields) { fields.covered = RRType::AAAA; }) == Fault::SignerInvalid);
  CHECK(faultOf(signer, [](SignatureFields& fields) { fields.labels = 4; }) == Fault::SignerInvalid);
  CHECK(faultOf(signer, [](SignatureFields& fields) { fields.labels = 1; }) == Fault::SignerInvalid);
  CHECK(faultOf(signer, [](SignatureFields& fields) { fields.labels = 0; }) == Fault::SignerInvalid);
  const dns::RRset outside = setOf("www.other.test. 300 IN A 192.0.2.1", "www.other.test.", RRType::A);
  CHECK(check(signer.signedSet(outside), signer.keys()).finding.fault == Fault::SignerInvalid);
}

TEST_CASE("names made from wildcards, and the wildcard itself") {
  const Signer signer("example.test.", 1);
  const dns::RRset star = signer.signedSet(setOf(kLines, "*.example.test.", RRType::A));
  const SetVerdict itself = check(star, signer.keys());
  CHECK(itself.secure());
  CHECK_FALSE(itself.wildcard);
  CHECK(itself.labels == 2);
  const SetVerdict made = check(star.withOwner(name("x.y.example.test.")), signer.keys());
  CHECK(made.secure());
  CHECK(made.wildcard);
  CHECK(made.labels == 2);
  // Asked for literally below the wildcard's parent: "*.y" is made from "*.example.test." too.
  const SetVerdict starred = check(star.withOwner(name("*.y.example.test.")), signer.keys());
  CHECK(starred.secure());
  CHECK(starred.wildcard);
  CHECK_FALSE(check(star.withOwner(name("example.test.")), signer.keys()).secure());
}

TEST_CASE("DS is signed strictly above, DNSKEY by its owner") {
  const dns::RRset ds = setOf(kLines, "sub.example.test.", RRType::DS);
  const Signer parent("example.test.", 1), child("sub.example.test.", 2);
  CHECK(check(parent.signedSet(ds), parent.keys()).secure());
  CHECK(check(child.signedSet(ds), child.keys()).finding.fault == Fault::SignerInvalid);
  const dns::RRset keys = dnssectest::keySet("sub.example.test.", {child.dnskey()});
  CHECK(check(child.signedSet(keys), child.keys()).secure());
  CHECK(check(parent.signedSet(keys), parent.keys()).finding.fault == Fault::SignerInvalid);
  const Signer root(".", 3);
  CHECK(check(root.signedSet(www()), root.keys()).secure());
  CHECK(check(root.signedSet(dnssectest::dsSet(".", {{}})), root.keys()).finding.fault == Fault::SignerInvalid);
}

TEST_CASE("a key that is not there is told with its tag, one that may not sign with the reason") {
  const Signer signer("example.test.", 1), stranger("example.test.", 2);
  const dns::RRset set = stranger.signedSet(www());
  ZoneKeys keys = signer.keys();
  SetVerdict verdict = check(set, keys);
  CHECK(verdict.finding.fault == Fault::KeyMissing);
  CHECK(verdict.finding.tag == stranger.tag());
  CHECK(edeCode(verdict.finding.fault) == dns::EdeCode::DnskeyMissing);
  keys.rejected.push_back({stranger.tag(), Algorithm::Ed25519, Fault::NoZoneKeyBit});
  verdict = check(set, keys);
  CHECK(verdict.finding.fault == Fault::NoZoneKeyBit);
  CHECK(edeCode(verdict.finding.fault) == dns::EdeCode::NoZoneKeyBit);
}

TEST_CASE("signatures of algorithms that are not used are passed over") {
  const Signer signer("example.test.", 1);
  const auto unknown =
      signer.sign(www(), [](SignatureFields& fields) { fields.algorithm = static_cast<Algorithm>(200); });
  const SetVerdict alone = check(withSignatures(www(), {unknown}), signer.keys());
  CHECK(alone.finding.fault == Fault::SignatureMissing);
  CHECK(text(alone.finding).find("ALG200") != std::string::npos);
  CHECK(check(withSignatures(www(), {unknown, signer.sign(www())}), signer.keys()).secure());
  SignaturePolicy policy;
  policy.algorithms.disable(Algorithm::Ed25519);
  CHECK(check(signer.signedSet(www()), signer.keys(), day(10), policy).finding.fault == Fault::SignatureMissing);
}

TEST_CASE("one good signature among bad ones is enough; otherwise the most telling fault is kept") {
  const Signer signer("example.test.", 1), stranger("example.test.", 2);
  const auto good = signer.sign(www());
  auto broken = good;
  broken.back() ^= std::byte{1};
  const auto old = signer.sign(www(), [](SignatureFields& fields) { fields.expiration = kStart + kDay; });
  const auto foreign = stranger.sign(www());
  const dnssectest::Octets rubbish(7);
  const auto faultFor = [&](const std::vector<dnssectest::Octets>& signatures) {
    return check(withSignatures(www(), signatures), signer.keys()).finding.fault;
  };
  CHECK(faultFor({rubbish, foreign, old, broken, good}) == Fault::None);
  CHECK(faultFor({rubbish}) == Fault::SignatureInvalid);
  CHECK(faultFor({foreign, rubbish}) == Fault::KeyMissing);
  CHECK(faultFor({foreign, broken}) == Fault::SignatureInvalid);
  CHECK(faultFor({broken, foreign, old}) == Fault::SignatureExpired);
}

TEST_CASE("signerOf is the first signer that could be right") {
  const Signer signer("example.test.", 1), child("www.example.test.", 2), other("other.", 3);
  CHECK_FALSE(signerOf(www()));
  CHECK(signerOf(withSignatures(www(), {other.sign(www()), signer.sign(www())})) == name("example.test."));
  CHECK(signerOf(child.signedSet(www())) == name("www.example.test."));
  CHECK_FALSE(signerOf(other.signedSet(www())));
  const dns::RRset ds = setOf(kLines, "sub.example.test.", RRType::DS);
  const Signer sub("sub.example.test.", 4);
  CHECK_FALSE(signerOf(sub.signedSet(ds)));
  CHECK(signerOf(withSignatures(ds, {sub.sign(ds), signer.sign(ds)})) == name("example.test."));
}

TEST_CASE("KeyTrap: keys of one tag times signatures stay within the limits") {
  const Signer signer("example.test.", 1);
  ZoneKeys keys{.zone = signer.zone()};
  for (unsigned seed = 10; seed < 60; ++seed) {
    ZoneKey key = Signer("example.test.", seed).keys().keys[0];
    key.tag = signer.tag(); // as if they collided
    keys.keys.push_back(key);
  }
  std::vector<dnssectest::Octets> signatures;
  for (unsigned i = 0; i < 50; ++i) {
    signatures.push_back(signer.sign(www()));
    signatures.back().back() ^= static_cast<std::byte>(i + 1);
  }
  const dns::RRset set = withSignatures(www(), signatures);
  Effort effort;
  SetVerdict verdict = verifySet(set, keys, {}, day(10), effort, nullptr);
  CHECK(verdict.finding.fault == Fault::SignatureInvalid);
  CHECK(verdict.finding.limit == "max-rrsigs-per-record (2)");
  CHECK(text(verdict.finding).ends_with("; the limit max-rrsigs-per-record (2) was reached"));
  CHECK(effort.signatures() == 4);
  CHECK_FALSE(effort.exceeded());
  SignaturePolicy open;
  open.maxKeys = open.maxSignatures = 0;
  verdict = verifySet(set, keys, open, day(10), effort, nullptr);
  CHECK(verdict.finding.fault == Fault::WorkLimit);
  CHECK(verdict.finding.limit == "max-signature-validations-per-query (30)");
  CHECK(effort.signatures() == 30);
  CHECK(effort.signaturesExceeded());
  CHECK(verifySet(signer.signedSet(www()), signer.keys(), {}, day(10), effort, nullptr).finding.fault ==
        Fault::WorkLimit);
}

TEST_CASE("the right one of two keys with one tag is found") {
  const Signer signer("example.test.", 1);
  ZoneKeys keys = Signer("example.test.", 2).keys();
  keys.keys[0].tag = signer.tag();
  keys.keys.push_back(signer.keys().keys[0]);
  Effort effort;
  CHECK(verifySet(signer.signedSet(www()), keys, {}, day(10), effort, nullptr).secure());
  CHECK(effort.signatures() == 2);
}

TEST_CASE("what the memo knows is not checked again and costs nothing, but its dates are") {
  const Signer signer("example.test.", 1);
  SignatureMemo memo(64);
  Effort effort;
  const dns::RRset set = signer.signedSet(www());
  CHECK(verifySet(set, signer.keys(), {}, day(10), effort, &memo).secure());
  CHECK(verifySet(set, signer.keys(), {}, day(11), effort, &memo).secure());
  CHECK(effort.signatures() == 1);
  CHECK(memo.hits() == 1);
  CHECK(verifySet(set, signer.keys(), {}, day(40), effort, &memo).finding.fault == Fault::SignatureExpired);
  ZoneKeys other = Signer("example.test.", 2).keys(); // another key under the same tag
  other.keys[0].tag = signer.tag();
  CHECK(verifySet(set, other, {}, day(10), effort, &memo).finding.fault == Fault::SignatureInvalid);
  CHECK(verifySet(set.withOwner(name("ftp.example.test.")), signer.keys(), {}, day(10), effort, &memo).finding.fault ==
        Fault::SignatureInvalid);
  memo.clear();
  CHECK(verifySet(set, signer.keys(), {}, day(10), effort, &memo).secure());
  CHECK(memo.hits() == 1);
}

TEST_CASE("a memo forgets the oldest and one of no entries remembers nothing") {
  SignatureMemo none(0), few(4);
  const auto print = [](unsigned i) { return Fingerprint{std::byte{8}, static_cast<std::byte>(i)}; };
  none.remember(print(1));
  CHECK_FALSE(none.knows(print(1)));
  for (unsigned i = 0; i < 9; ++i) {
    few.remember(print(i));
    CHECK(few.knows(print(i)));
  }
  CHECK_FALSE(few.knows(print(4)));
  CHECK(few.knows(print(5)));
  CHECK(few.hits() == 10);
}
