// RFC 5011: every transition of a key's state, with real signatures and a clock moved by hand.
#include "lib/dnssec/anchors.hh"

#include <catch2/catch.hpp>

#include "lib/dnssec/sighting.hh"
#include "tests/lib/dnssec/support.hh"

using namespace dnssec;
using namespace dnssectest;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::seconds;

namespace {

constexpr std::string_view kZone = "example.test.";

// A zone with a trust point that follows it.
struct Follower {
  Signer one{kZone, 1}, two{kZone, 2}, three{kZone, 3};
  Signer zoneKey{kZone, 9, 256};
  base::WallTime now = day(0);
  std::uint32_t ttl = 3600;
  days signedFor{30};
  SignaturePolicy policy;
  TrustPoint point = combine(std::nullopt, one.ds(), now).point;

  dns::RRset set(const std::vector<const Signer*>& keys, const std::vector<const Signer*>& signers) const {
    std::vector<Octets> rdatas;
    for (const Signer* key : keys) rdatas.push_back(key->dnskey());
    const auto unsignedSet = keySet(kZone, rdatas);
    std::vector<Octets> signatures;
    for (const Signer* signer : signers) {
      signatures.push_back(signer->sign(unsignedSet, [this](SignatureFields& fields) {
        fields.originalTtl = ttl;
        fields.inception = static_cast<std::uint32_t>(now.time_since_epoch().count()) - 3600;
        fields.expiration = fields.inception + 3600 + static_cast<std::uint32_t>(seconds(signedFor).count());
      }));
    }
    return withSignatures(unsignedSet, signatures);
  }
  void see(const std::vector<const Signer*>& keys, const std::vector<const Signer*>& signers) {
    point = advance(point, look(set(keys, signers), trustedSet(point), policy, now), now);
  }
  void wait(seconds time) { now += time; }
  // The state of the key; "start" when it is not known.
  [[nodiscard]] std::string stateOf(const Signer& signer) const {
    Octets plain = signer.dnskey();
    plain[1] &= ~std::byte{0x80};
    for (const AnchorKey& key : point.keys) {
      if (key.dnskey == plain) return std::string(text(key.state));
    }
    return "start";
  }
  [[nodiscard]] std::size_t trusted() const {
    const auto set = trustedSet(point);
    return set ? set.count() : 0;
  }
};

Signer revoked(unsigned seed) { return Signer(kZone, seed, 257 | 0x80); }

} // namespace

TEST_CASE("a configured DS becomes the key it stands for when that is seen in a valid set") {
  Follower test;
  CHECK(test.point.keys.at(0).dnskey.empty());
  CHECK(test.point.keys.at(0).tag() == test.one.tag());
  test.see({&test.one, &test.zoneKey}, {&test.one});
  CHECK(test.stateOf(test.one) == "valid");
  CHECK(test.point.keys.size() == 1);
  CHECK(test.point.succeeded);
}

TEST_CASE("a key configured with several digests is one key") {
  Follower test;
  dns::RRsetBuilder both(test.one.zone(), dns::RRType::DS, dns::RRClass::IN, 1);
  for (const auto type : {DigestType::Sha1, DigestType::Sha256, DigestType::Sha384}) {
    both.add(test.one.ds(type).front());
  }
  test.point = combine(std::nullopt, both.build(), test.now).point;
  CHECK(test.point.keys.size() == 3);
  test.see({&test.one}, {&test.one});
  CHECK(test.point.keys.size() == 1);
  CHECK(trustedSet(test.point).sameData(test.one.ds()));
}

TEST_CASE("a new key is trusted when it was in every valid set for 30 days") {
  Follower test;
  test.see({&test.one}, {&test.one});
  test.see({&test.one, &test.two}, {&test.one});
  CHECK(test.stateOf(test.two) == "pending");
  CHECK(test.trusted() == 1);
  test.wait(days(30) - seconds(1));
  test.see({&test.one, &test.two}, {&test.one});
  CHECK(test.stateOf(test.two) == "pending");
  test.wait(seconds(1));
  test.see({&test.one, &test.two}, {&test.one});
  CHECK(test.stateOf(test.two) == "valid");
  CHECK(test.trusted() == 2);
}

TEST_CASE("the hold-down alone does not make a key trusted, it must be seen again after it") {
  Follower test;
  test.see({&test.one, &test.two}, {&test.one});
  test.wait(days(60));
  CHECK(test.stateOf(test.two) == "pending");
  test.point = failed(test.point, test.now);
  CHECK(test.stateOf(test.two) == "pending");
  test.see({&test.one, &test.two}, {&test.one});
  CHECK(test.stateOf(test.two) == "valid");
}

TEST_CASE("a TTL longer than 30 days makes the hold-down longer") {
  Follower test;
  test.ttl = 40 * 86400;
  test.see({&test.one, &test.two}, {&test.one});
  test.wait(days(39));
  test.see({&test.one, &test.two}, {&test.one});
  CHECK(test.stateOf(test.two) == "pending");
  test.wait(days(1));
  test.see({&test.one, &test.two}, {&test.one});
  CHECK(test.stateOf(test.two) == "valid");
}

TEST_CASE("a pending key that is absent once begins its hold-down anew") {
  Follower test;
  test.see({&test.one, &test.two}, {&test.one});
  test.wait(days(29));
  test.see({&test.one}, {&test.one});
  CHECK(test.stateOf(test.two) == "start");
  test.see({&test.one, &test.two}, {&test.one});
  test.wait(days(29));
  test.see({&test.one, &test.two}, {&test.one});
  CHECK(test.stateOf(test.two) == "pending");
  test.wait(days(1));
  test.see({&test.one, &test.two}, {&test.one});
  CHECK(test.stateOf(test.two) == "valid");
}

TEST_CASE("a set that no anchor signed teaches nothing") {
  Follower test;
  test.see({&test.one}, {&test.one});
  const auto before = test.point.keys;
  test.see({&test.two, &test.one}, {&test.two}); // signed by a stranger
  test.see({&test.two, &test.three}, {});        // by nobody
  test.see({&test.two}, {&test.two});            // another zone altogether
  CHECK(test.point.keys == before);
  CHECK_FALSE(test.point.succeeded);
  CHECK(test.stateOf(test.two) == "start");
}

TEST_CASE("a pending key's own signature does not make a set valid") {
  Follower test;
  test.see({&test.one, &test.two}, {&test.one});
  test.wait(days(31));
  test.see({&test.one, &test.two}, {&test.two});
  CHECK(test.stateOf(test.two) == "pending");
  CHECK(test.trusted() == 1);
}

TEST_CASE("an unvalidated set without a pending key does not interrupt its hold-down") {
  Follower test;
  test.see({&test.one, &test.two}, {&test.one});
  test.wait(days(15));
  test.see({&test.three}, {&test.three});
  CHECK(test.stateOf(test.two) == "pending");
  test.wait(days(15));
  test.see({&test.one, &test.two}, {&test.one});
  CHECK(test.stateOf(test.two) == "valid");
}

TEST_CASE("expired and not yet valid signatures teach nothing") {
  Follower test;
  const auto set = test.set({&test.one, &test.two}, {&test.one});
  for (const auto when : {test.now + days(31), test.now - days(2)}) {
    test.point = advance(test.point, look(set, trustedSet(test.point), test.policy, when), when);
    CHECK(test.stateOf(test.two) == "start");
    CHECK_FALSE(test.point.succeeded);
  }
}

TEST_CASE("a trusted key that is missing stays trusted and may come back") {
  Follower test;
  dns::RRsetBuilder both(test.one.zone(), dns::RRType::DS, dns::RRClass::IN, 1);
  both.add(test.one.ds().front());
  both.add(test.two.ds().front());
  test.point = combine(std::nullopt, both.build(), test.now).point;
  test.see({&test.one, &test.two}, {&test.one});
  test.see({&test.one}, {&test.one});
  CHECK(test.stateOf(test.two) == "missing");
  CHECK(test.trusted() == 2);
  test.see({&test.one, &test.two}, {&test.two}); // it validates, too
  CHECK(test.stateOf(test.two) == "valid");
}

TEST_CASE("a revoked key is never trusted again, and removed 30 days after it went") {
  Follower test;
  const Signer oneRevoked = revoked(1);
  test.see({&test.one, &test.two}, {&test.one});
  test.wait(days(30));
  test.see({&test.one, &test.two}, {&test.one});
  test.see({&oneRevoked, &test.two}, {&oneRevoked, &test.two});
  CHECK(test.stateOf(test.one) == "revoked");
  CHECK(test.trusted() == 1);
  test.see({&test.one, &test.two}, {&test.one, &test.two}); // without the bit again
  CHECK(test.stateOf(test.one) == "revoked");
  test.wait(days(29));
  test.see({&test.two}, {&test.two});
  CHECK(test.stateOf(test.one) == "revoked");
  test.wait(days(1));
  test.see({&test.two}, {&test.two});
  CHECK(test.stateOf(test.one) == "removed");
  test.wait(days(100));
  test.see({&test.one, &test.two}, {&test.one, &test.two});
  CHECK(test.stateOf(test.one) == "removed");
  CHECK(test.trusted() == 1);
}

TEST_CASE("revoking needs the key's own signature") {
  Follower test;
  const Signer oneRevoked = revoked(1);
  test.see({&test.one, &test.two}, {&test.one});
  test.wait(days(30));
  test.see({&test.one, &test.two}, {&test.one});
  test.see({&oneRevoked, &test.two}, {&test.two});
  CHECK(test.stateOf(test.one) == "missing");
  CHECK(test.trusted() == 2);
}

TEST_CASE("a key revokes itself even when nothing else makes the set valid") {
  Follower test;
  const Signer oneRevoked = revoked(1);
  test.see({&test.one}, {&test.one});
  test.see({&oneRevoked, &test.three}, {&oneRevoked});
  CHECK(test.stateOf(test.one) == "revoked");
  CHECK(test.stateOf(test.three) == "start"); // it taught nothing else
  CHECK_FALSE(trustedSet(test.point));        // RFC 5011 5: the trust point is gone
  test.see({&test.one}, {&test.one});
  CHECK_FALSE(trustedSet(test.point));
}

TEST_CASE("a DS whose key is revoked when it is seen first is not trusted") {
  Follower test;
  const Signer oneRevoked = revoked(1);
  test.see({&oneRevoked, &test.two}, {&oneRevoked});
  CHECK(test.stateOf(test.one) == "revoked");
  CHECK(test.trusted() == 0);
}

TEST_CASE("a missing key can be revoked, a pending or unknown one is only forgotten") {
  Follower test;
  const Signer twoRevoked = revoked(2), threeRevoked = revoked(3), oneRevoked = revoked(1);
  test.see({&test.one, &test.two}, {&test.one});
  test.see({&test.one, &twoRevoked, &threeRevoked}, {&test.one, &twoRevoked, &threeRevoked});
  CHECK(test.stateOf(test.two) == "start");
  CHECK(test.stateOf(test.three) == "start");
  test.see({&test.one, &test.two}, {&test.one});
  test.wait(days(30));
  test.see({&test.one, &test.two}, {&test.one});
  test.see({&test.two}, {&test.two});
  CHECK(test.stateOf(test.one) == "missing");
  test.see({&oneRevoked, &test.two}, {&oneRevoked, &test.two});
  CHECK(test.stateOf(test.one) == "revoked");
}

TEST_CASE("zone signing keys and keys that cannot be used never become anchors") {
  Follower test;
  const Signer noZoneKey(kZone, 7, 1), otherProtocol(kZone, 8, 257, 2);
  test.see({&test.one, &test.zoneKey, &noZoneKey, &otherProtocol}, {&test.one});
  CHECK(test.point.keys.size() == 1);
  test.policy.algorithms.disable(Algorithm::Ed25519);
  test.see({&test.one, &test.two}, {&test.one});
  CHECK(test.point.keys.size() == 1);
}

TEST_CASE("the root's roll-over: two keys overlap, the old one is revoked, then removed") {
  Follower test;
  const Signer oneRevoked = revoked(1);
  const auto live = [&test](std::vector<const Signer*> keys, std::vector<const Signer*> signers, int count) {
    for (int at = 0; at < count; ++at) {
      test.see(keys, signers);
      CHECK(test.point.succeeded);
      CHECK(test.trusted() >= 1);
      test.wait(days(1));
    }
  };
  live({&test.one}, {&test.one}, 10);
  live({&test.one, &test.two}, {&test.one}, 60);
  CHECK(test.trusted() == 2);
  live({&test.one, &test.two}, {&test.two}, 30);
  live({&oneRevoked, &test.two}, {&oneRevoked, &test.two}, 30);
  CHECK(test.trusted() == 1);
  live({&test.two}, {&test.two}, 40);
  CHECK(test.stateOf(test.one) == "removed");
  CHECK(test.stateOf(test.two) == "valid");
}

TEST_CASE("a compromised key cannot introduce another within the hold-down while the owner revokes it") {
  Follower test;
  const Signer oneRevoked = revoked(1);
  test.see({&test.one, &test.two}, {&test.one});
  test.wait(days(30));
  test.see({&test.one, &test.two}, {&test.one});
  test.see({&test.one, &test.two, &test.three}, {&test.one}); // the thief adds his own
  CHECK(test.stateOf(test.three) == "pending");
  test.wait(days(5));
  test.see({&oneRevoked, &test.two}, {&oneRevoked, &test.two});
  CHECK(test.stateOf(test.three) == "start");
  test.wait(days(40));
  test.see({&test.one, &test.two, &test.three}, {&test.one}); // the thief again
  CHECK(test.stateOf(test.three) == "start");
  CHECK(test.trusted() == 1);
}

TEST_CASE("the next look follows TTL and signatures, between an hour and 15 days") {
  Follower test;
  CHECK(dueAt(test.point) <= test.now);
  const auto afterGood = [&test] {
    test.see({&test.one}, {&test.one});
    return dueAt(test.point) - test.now;
  };
  CHECK(afterGood() == hours(1));
  test.ttl = 8 * 3600;
  CHECK(afterGood() == hours(4));
  test.signedFor = days(30);
  test.ttl = 100 * 86400;
  CHECK(afterGood() == days(15));
  test.signedFor = days(4);
  CHECK(afterGood() == days(2));
  test.see({&test.two}, {&test.two}); // bad: a tenth
  CHECK(dueAt(test.point) - test.now == seconds(days(4)) / 10);
  test.signedFor = days(30);
  test.see({&test.one}, {&test.one});
  test.point = failed(test.point, test.now);
  CHECK(dueAt(test.point) - test.now == days(1));
}

TEST_CASE("a look before anything was ever known is repeated after an hour") {
  Follower test;
  test.point = failed(test.point, test.now);
  CHECK(dueAt(test.point) - test.now == hours(1));
}

TEST_CASE("a clock that was wrong does not make the hold-down endless") {
  Follower test;
  test.wait(days(1000));
  test.see({&test.one, &test.two}, {&test.one});
  test.now = day(0);
  test.see({&test.one, &test.two}, {&test.one});
  CHECK(test.stateOf(test.two) == "pending");
  test.wait(days(30));
  test.see({&test.one, &test.two}, {&test.one});
  CHECK(test.stateOf(test.two) == "valid");
}

TEST_CASE("no more keys are taken up than a zone can sensibly have") {
  Follower test;
  std::vector<std::unique_ptr<Signer>> many;
  std::vector<const Signer*> keys{&test.one};
  for (unsigned seed = 20; seed < 80; ++seed) {
    many.push_back(std::make_unique<Signer>(kZone, seed));
    keys.push_back(many.back().get());
  }
  test.see(keys, {&test.one});
  CHECK(test.point.keys.size() == 32);
}

TEST_CASE("configured keys that the saved state knows keep its word, new ones are trusted at once") {
  Follower test;
  const Signer oneRevoked = revoked(1);
  test.see({&test.one, &test.two}, {&test.one});
  const auto pending = combine(test.point, test.one.ds(), test.now);
  CHECK_FALSE(pending.discarded);
  CHECK(pending.point == test.point);
  // The operator, or a new release, names the pending key as well.
  dns::RRsetBuilder both(test.one.zone(), dns::RRType::DS, dns::RRClass::IN, 1);
  both.add(test.one.ds().front());
  both.add(test.two.ds(DigestType::Sha384).front());
  test.point = combine(test.point, both.build(), test.now).point;
  CHECK(test.stateOf(test.two) == "valid");
  test.see({&oneRevoked, &test.two}, {&oneRevoked, &test.two});
  test.point = combine(test.point, both.build(), test.now).point;
  CHECK(test.stateOf(test.one) == "revoked");
  CHECK(test.trusted() == 1);
  both.add(test.three.ds().front());
  test.point = combine(test.point, both.build(), test.now).point;
  CHECK(test.trusted() == 2);
}

TEST_CASE("a saved state that comes from other anchors is left aside") {
  Follower test;
  test.see({&test.one, &test.two}, {&test.one});
  const auto other = combine(test.point, test.three.ds(), test.now);
  CHECK(other.discarded);
  CHECK(trustedSet(other.point).sameData(test.three.ds()));
  CHECK(combine(test.point, test.two.ds(), test.now).discarded); // it was never trusted by that state
}

TEST_CASE("a configured DS that was never seen goes when it is configured no more") {
  Follower test;
  dns::RRsetBuilder both(test.one.zone(), dns::RRType::DS, dns::RRClass::IN, 1);
  both.add(test.one.ds().front());
  both.add(test.two.ds().front());
  test.point = combine(std::nullopt, both.build(), test.now).point;
  test.see({&test.one}, {&test.one});
  CHECK(test.trusted() == 2);
  test.point = combine(test.point, test.one.ds(), test.now).point;
  CHECK(test.trusted() == 1);
  CHECK(test.stateOf(test.one) == "valid");
}

TEST_CASE("states have names") {
  for (const auto state :
       {AnchorState::Pending, AnchorState::Valid, AnchorState::Missing, AnchorState::Revoked, AnchorState::Removed}) {
    CHECK(parseAnchorState(text(state)) == state);
  }
  CHECK_FALSE(parseAnchorState("start"));
}
