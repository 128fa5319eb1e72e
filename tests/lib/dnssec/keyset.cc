// Unit tests of usableDs and verifyKeySet: from a DS to the keys of a zone, and every way to get lost.
#include "lib/dnssec/keyset.hh"

#include "tests/lib/dnssec/support.hh"

using namespace dnssec;
using dns::RRType;
using dnssectest::day;
using dnssectest::dsSet;
using dnssectest::keySet;
using dnssectest::name;
using dnssectest::Octets;
using dnssectest::SignatureFields;
using dnssectest::Signer;
using dnssectest::withSignatures;

namespace {

KeySetVerdict check(const dns::RRset& keys, const dns::RRset& ds, const SignaturePolicy& policy = {}, int days = 10) {
  Effort effort;
  return verifyKeySet(keys, ds, policy, day(days), effort, nullptr);
}

Octets changed(Octets rdata, std::size_t at, unsigned value) {
  rdata[at] = static_cast<std::byte>(value);
  return rdata;
}

Octets ds(const Signer& signer, DigestType type) { return makeDs(signer.zone(), signer.dnskey(), type); }

// A set with these keys, signed by those.
dns::RRset signedKeys(const std::vector<const Signer*>& keys, const std::vector<const Signer*>& by) {
  std::vector<Octets> rdatas, signatures;
  for (const Signer* key : keys) {
    rdatas.push_back(key->dnskey());
  }
  const dns::RRset set = keySet("example.test.", rdatas);
  for (const Signer* signer : by) {
    signatures.push_back(signer->sign(set));
  }
  return withSignatures(set, signatures);
}

} // namespace

TEST_CASE("all usable keys of a set count once one that the DS means has signed it") {
  const Signer ksk("example.test.", 1), zsk("example.test.", 2, 256), dead("example.test.", 3, 256 | 0x80),
      host("example.test.", 4, 0), old("example.test.", 5, 256, 2);
  const KeySetVerdict verdict = check(signedKeys({&ksk, &zsk, &dead, &host, &old}, {&zsk, &ksk}), ksk.ds());
  CHECK_FALSE(verdict.finding);
  CHECK(verdict.keys.zone == name("example.test."));
  CHECK(verdict.keys.keys.size() == 2);
  CHECK(verdict.ttl == 3600);
  const auto reasonFor = [&](const Signer& signer) {
    for (const RejectedKey& key : verdict.keys.rejected) {
      if (key.tag == signer.tag()) {
        return key.fault;
      }
    }
    return Fault::None;
  };
  CHECK(reasonFor(dead) == Fault::KeyRevoked);
  CHECK(reasonFor(host) == Fault::NoZoneKeyBit);
  CHECK(reasonFor(old) == Fault::KeyProtocol);
  const Signer hostBefore("example.test.", 4, 256); // the tag it had when it was a zone key
  CHECK(reasonFor(hostBefore) == Fault::NoZoneKeyBit);
}

TEST_CASE("the key set's own signature faults are told as such") {
  const Signer ksk("example.test.", 1), zsk("example.test.", 2, 256);
  const dns::RRset bare = keySet("example.test.", {ksk.dnskey(), zsk.dnskey()});
  CHECK(check(bare, ksk.ds()).finding.fault == Fault::SignatureMissing);
  CHECK(check(ksk.signedSet(bare), ksk.ds(), {}, 31).finding.fault == Fault::SignatureExpired);
  CHECK(check(ksk.signedSet(bare), ksk.ds(), {}, -1).finding.fault == Fault::SignatureNotYetValid);
  Octets broken = ksk.sign(bare);
  broken.back() ^= std::byte{1};
  CHECK(check(withSignatures(bare, {broken}), ksk.ds()).finding.fault == Fault::SignatureInvalid);
  CHECK(check(ksk.signedSet(bare, [](SignatureFields& fields) { fields.signer = name("test."); }), ksk.ds())
            .finding.fault == Fault::SignerInvalid);
}

TEST_CASE("a key set signed only by keys that no DS means lacks the signature of the one it means") {
  const Signer ksk("example.test.", 1), zsk("example.test.", 2, 256);
  for (const int when : {10, 40}) {
    const Finding finding = check(signedKeys({&ksk, &zsk}, {&zsk}), ksk.ds(), {}, when).finding;
    CHECK(finding.fault == Fault::SignatureMissing);
    CHECK(finding.tag == ksk.tag());
    CHECK(finding.type == RRType::DNSKEY);
  }
}

TEST_CASE("without a key set, or with one that no DS means, the DS is named") {
  const Signer ksk("example.test.", 1), other("example.test.", 2);
  Finding finding = check(dns::RRset(), ksk.ds()).finding;
  CHECK(finding.fault == Fault::KeySetMissing);
  CHECK(finding.tag == ksk.tag());
  finding = check(signedKeys({&other}, {&other}), ksk.ds()).finding;
  CHECK(finding.fault == Fault::DsMismatch);
  CHECK(finding.tag == ksk.tag());
  CHECK(finding.algorithm == Algorithm::Ed25519);
  CHECK(edeCode(finding.fault) == dns::EdeCode::DnskeyMissing);
  Octets wrong = ds(ksk, DigestType::Sha256);
  wrong.back() ^= std::byte{1};
  CHECK(check(signedKeys({&ksk}, {&ksk}), dsSet("example.test.", {wrong})).finding.fault == Fault::DsMismatch);
  CHECK(check(signedKeys({&ksk}, {&ksk}), dsSet("example.test.", {changed(ds(ksk, DigestType::Sha256), 2, 13)}))
            .finding.fault == Fault::DsMismatch);
  wrong.resize(4); // no digest at all
  CHECK(check(signedKeys({&ksk}, {&ksk}), dsSet("example.test.", {wrong})).finding.fault == Fault::DsMismatch);
  CHECK(check(signedKeys({&ksk}, {&ksk}), Signer("other.test.", 1).ds()).finding.fault == Fault::KeySetMissing);
  CHECK(check(signedKeys({&ksk}, {&ksk}), dns::RRset()).finding.fault == Fault::DsMismatch);
}

TEST_CASE("a key that the DS means but that may not sign is told with the reason") {
  const Signer host("example.test.", 1, 1), dead("example.test.", 2, 257 | 0x80), old("example.test.", 3, 257, 1);
  const auto finding = [](const Signer& signer) {
    return check(signedKeys({&signer}, {&signer}), signer.ds()).finding;
  };
  CHECK(finding(host).fault == Fault::NoZoneKeyBit);
  CHECK(finding(host).tag == host.tag());
  CHECK(finding(dead).fault == Fault::KeyRevoked);
  CHECK(finding(old).fault == Fault::KeyProtocol);
  Octets shortKey = host.dnskey();
  shortKey.pop_back();
  shortKey[0] = std::byte{1};
  const dns::RRset set = host.signedSet(keySet("example.test.", {shortKey}));
  const dns::RRset shortDs = dsSet("example.test.", {makeDs(name("example.test."), shortKey, DigestType::Sha256)});
  CHECK(check(set, shortDs).finding.fault == Fault::KeyUnusable);
}

TEST_CASE("bits of a key that were changed after the DS was made explain the mismatch") {
  const Signer key("example.test.", 1, 257), withoutBit("example.test.", 1, 1), revoked("example.test.", 1, 257 | 0x80);
  const Finding finding = check(signedKeys({&withoutBit}, {&withoutBit}), key.ds()).finding;
  CHECK(finding.fault == Fault::NoZoneKeyBit);
  CHECK(finding.tag == key.tag());
  CHECK(check(signedKeys({&revoked}, {&revoked}), key.ds()).finding.fault == Fault::KeyRevoked);
}

TEST_CASE("DS of unused algorithms or digests make a zone insecure, one that is used does not") {
  const Signer ksk("example.test.", 1);
  const Octets good = ds(ksk, DigestType::Sha256);
  const auto usable = [](const std::vector<Octets>& rdatas) { return usableDs(dsSet("example.test.", rdatas), {}); };
  const Octets oddAlgorithm = changed(good, 2, 200), oddDigest = changed(good, 3, 9);
  CHECK_FALSE(usable({good}));
  CHECK_FALSE(usable({oddAlgorithm, oddDigest, good}));
  Finding finding = usable({oddAlgorithm});
  CHECK(finding.fault == Fault::UnsupportedAlgorithm);
  CHECK(finding.algorithm == static_cast<Algorithm>(200));
  CHECK(finding.tag == ksk.tag());
  CHECK_FALSE(isBogus(finding.fault));
  CHECK(edeCode(finding.fault) == dns::EdeCode::UnsupportedDnskeyAlgorithm);
  finding = usable({oddAlgorithm, oddDigest});
  CHECK(finding.fault == Fault::UnsupportedDigest);
  CHECK(finding.digestType == 9);
  CHECK(edeCode(finding.fault) == dns::EdeCode::UnsupportedDsDigest);
  CHECK(usableDs(dns::RRset(), {}).fault == Fault::DsMismatch);
  SignaturePolicy policy;
  policy.algorithms.disable(Algorithm::Ed25519);
  const KeySetVerdict off = check(signedKeys({&ksk}, {&ksk}), ksk.ds(), policy);
  CHECK(off.finding.fault == Fault::UnsupportedAlgorithm);
  CHECK(off.keys.keys.empty());
}

TEST_CASE("a SHA-1 DS counts alone, but not beside a better one") {
  const Signer ksk("example.test.", 1), other("example.test.", 2);
  const dns::RRset keys = signedKeys({&ksk}, {&ksk});
  const Octets weak = ds(ksk, DigestType::Sha1);
  CHECK_FALSE(check(keys, dsSet("example.test.", {weak})).finding);
  CHECK(check(keys, dsSet("example.test.", {weak, ds(other, DigestType::Sha256)})).finding.fault == Fault::DsMismatch);
  CHECK(check(keys, dsSet("example.test.", {weak, ds(other, DigestType::Sha384)})).finding.fault == Fault::DsMismatch);
  CHECK_FALSE(check(keys, dsSet("example.test.", {weak, changed(ds(other, DigestType::Sha256), 3, 9)})).finding);
  CHECK_FALSE(check(keys, dsSet("example.test.", {weak, ds(ksk, DigestType::Sha384)})).finding);
}

TEST_CASE("no more DS are looked at than allowed") {
  const Signer ksk("example.test.", 1);
  std::vector<Octets> rdatas;
  for (unsigned seed = 20; seed < 28; ++seed) {
    rdatas.push_back(ds(Signer("example.test.", seed), DigestType::Sha256));
  }
  rdatas.push_back(ds(ksk, DigestType::Sha256));
  const dns::RRset keys = signedKeys({&ksk}, {&ksk}), many = dsSet("example.test.", rdatas);
  CHECK(check(keys, many).finding.fault == Fault::DsMismatch);
  SignaturePolicy policy;
  policy.maxDs = 9;
  CHECK_FALSE(check(keys, many, policy).finding);
  policy.maxDs = 0;
  CHECK_FALSE(check(keys, many, policy).finding);
}

TEST_CASE("a key set with hundreds of keys costs a few checks and keeps a bounded number") {
  const Signer ksk("example.test.", 1);
  std::vector<Octets> rdatas = {ksk.dnskey()};
  for (unsigned i = 0; i < 300; ++i) {
    rdatas.push_back(changed(changed(ksk.dnskey(), 20, i), 21, i >> 8)); // any 32 octets are an Ed25519 key
  }
  const dns::RRset set = ksk.signedSet(keySet("example.test.", rdatas));
  Effort effort;
  const KeySetVerdict verdict = verifyKeySet(set, ksk.ds(), {}, day(10), effort, nullptr);
  CHECK_FALSE(verdict.finding);
  CHECK(effort.signatures() == 1);
  CHECK(verdict.keys.keys.size() <= 64);
}

TEST_CASE("colliding key tags are handled within max-dnskeys") {
  // The tag is a sum of 16-bit words: moving one from word to word keeps it.
  const Signer ksk("example.test.", 1);
  std::vector<Octets> rdatas;
  for (unsigned i = 4; i < 12; i += 2) {
    Octets twin = ksk.dnskey();
    std::swap(twin[i], twin[i + 2]);
    std::swap(twin[i + 1], twin[i + 3]);
    REQUIRE(keyTag(twin) == ksk.tag());
    rdatas.push_back(twin);
  }
  std::vector<Octets> late = rdatas, early = rdatas;
  late.push_back(ksk.dnskey());
  early.insert(early.begin() + 1, ksk.dnskey());
  CHECK_FALSE(check(ksk.signedSet(keySet("example.test.", early)), ksk.ds()).finding);
  const Finding finding = check(ksk.signedSet(keySet("example.test.", late)), ksk.ds()).finding;
  CHECK(finding.fault == Fault::DsMismatch);
  CHECK(finding.limit == "max-dnskeys (2)");
}

TEST_CASE("keys are relied on no longer than the DS lasts") {
  const Signer ksk("example.test.", 1);
  const dns::RRset keys = signedKeys({&ksk}, {&ksk});
  CHECK(check(keys, ksk.ds().withTtl(60)).ttl == 60);
  CHECK(check(keys, ksk.ds().withTtl(0)).ttl == 3600); // a trust anchor has no time
}
