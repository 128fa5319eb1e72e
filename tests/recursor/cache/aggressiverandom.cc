// AggressiveCache against a model: whatever parts of a zone's chain it holds, it never says what is not true of the
// zone; with the whole chain it says all that is. Two threads at once keep it whole.
#include <catch2/catch.hpp>
#include <thread>

#include "lib/dnssec/denialchain.hh"
#include "recursor/cache/aggressivecache.hh"
#include "tests/lib/dnssec/denialzone.hh"
#include "tests/recursor/cache/helpers.hh"

using namespace rec;
using denialtest::Dice;
using denialtest::ModelZone;
using denialtest::Types;
using dns::RRType;
using test::name;
using Kind = Synthesized::Kind;

namespace {

const dns::Name kZone = name("zone.test.");

struct Asked {
  const ModelZone& zone;
  AggressiveCache& cache;
  bool whole;
  bool optOut;

  void check(const dns::Name& of, RRType type, base::WallTime now) const {
    const auto made = cache.find(of, type, now);
    INFO(of.text() << " " << dns::text(type) << (whole ? " whole" : " part") << (optOut ? " opt-out" : ""));
    const bool parents = type == RRType::DS && of == kZone;
    if (made) {
      CHECK_FALSE(parents);
      CHECK(isTrue(*made, of, type));
      CHECK(isShown(*made, of, type));
    } else if (whole && !optOut && !parents) {
      CHECK_FALSE(zone.noName(of));
      CHECK_FALSE(zone.noType(of, type));
    }
  }

 private:
  // The records it gives prove it to a client that validates; an expansion's wildcard speaks for itself.
  [[nodiscard]] static bool isShown(const Synthesized& made, const dns::Name& of, RRType type) {
    const dnssec::DenialRecords records{kZone, made.proofs};
    dnssec::Effort effort;
    const auto said = made.kind == Kind::NxDomain ? proveNoName(records, of, {}, effort)
                      : made.kind == Kind::NoData ? proveNoType(records, of, type, {}, effort)
                                                  : proveNoCloser(records, of, made.wildcard.parent(), {}, effort);
    return said == dnssec::Denial::Proven;
  }
  [[nodiscard]] bool isTrue(const Synthesized& made, const dns::Name& of, RRType type) const {
    if (made.kind == Kind::NxDomain) return zone.noName(of);
    if (made.kind == Kind::NoData) return zone.noType(of, type);
    // Whether the wildcard is there may be unknown: its records, where cached, are the proof of it.
    const Types* types = zone.typesOf(made.wildcard);
    return !zone.isOutside(of) && !zone.exists(of) && (types == nullptr || zone.wildcardFor(of) == made.wildcard);
  }
};

// Nothing fits between its names: such are not kept.
bool isNarrow(const dns::RRset& set) {
  const auto record = dnssec::readNsecSet(set, kZone);
  return record && record->nsec.next == record->owner.withLabel(std::string_view("\0", 1));
}

void checkZone(Dice& dice, const ModelZone& zone, const std::vector<dns::RRset>& chain, bool optOut) {
  const base::WallTime now{std::chrono::seconds(1'800'000'000)};
  AggressiveCache cache({.minNsec3HitRatio = UINT32_MAX, .shards = 1});
  cache.storeSoa(kZone, test::record("zone.test. 3600 IN SOA ns.zone.test. host.zone.test. 1 2 3 4 600"), 3600, now);
  const auto narrow = static_cast<std::size_t>(std::count_if(chain.begin(), chain.end(), isNarrow));
  for (const bool whole : {false, true}) {
    for (const dns::RRset& set : whole ? chain : dice.some(chain)) cache.store(kZone, set, 600, now);
    if (whole) CHECK(cache.entries() == chain.size() - narrow);
    for (int i = 0; i < 40; ++i) {
      const dns::Name of = dice.below(12) == 0 ? kZone : dice.nameBelow(kZone);
      Asked{zone, cache, whole && narrow == 0, optOut}.check(of, dice.type(), now);
    }
  }
}

} // namespace

TEST_CASE("the aggressive cache says what the model says, from NSEC") {
  Dice dice(11);
  for (int i = 0; i < 300; ++i) {
    const ModelZone zone = dice.zone(kZone);
    checkZone(dice, zone, zone.nsecChain(), false);
  }
}

TEST_CASE("the aggressive cache says what the model says, from NSEC3") {
  Dice dice(12);
  for (int i = 0; i < 300; ++i) {
    const ModelZone zone = dice.zone(kZone);
    checkZone(dice, zone, zone.nsec3Chain({.iterations = dice.below(2), .salt = denialtest::Octets(dice.below(3))}),
              false);
  }
}

TEST_CASE("the aggressive cache says nothing of what opt-out leaves open") {
  Dice dice(13);
  for (int i = 0; i < 300; ++i) {
    const ModelZone zone = dice.zone(kZone);
    checkZone(dice, zone, zone.nsec3Chain({.flags = 1}), true);
  }
}

TEST_CASE("threads store, find, wipe and resize at once") {
  const base::WallTime now{std::chrono::seconds(1'800'000'000)};
  AggressiveCache cache({.maxEntries = 60, .minNsec3HitRatio = UINT32_MAX, .shards = 4});
  const auto work = [&](unsigned seed) {
    Dice dice(seed);
    for (int i = 0; i < 60; ++i) {
      const dns::Name apex = name(std::string(1, static_cast<char>('a' + dice.below(8))) + ".test.");
      const ModelZone zone = dice.zone(apex);
      const auto soa = test::record(apex.text() + " 3600 IN SOA ns. host. 1 2 3 4 600");
      cache.storeSoa(apex, soa, 3600, now);
      for (const auto& set : dice.below(2) == 0 ? zone.nsecChain() : zone.nsec3Chain()) {
        cache.store(apex, set, 1 + dice.below(600), now);
      }
      for (int k = 0; k < 20; ++k) {
        static_cast<void>(cache.find(dice.nameBelow(apex), dice.type(), now + std::chrono::seconds(dice.below(600))));
      }
      if (dice.below(10) == 0) cache.wipe(apex, true);
      if (dice.below(10) == 0) cache.setMaxEntries(20 + dice.below(60));
    }
  };
  std::thread other(work, 21);
  work(22);
  other.join();
  CHECK(cache.entries() <= 80);
  cache.wipe(dns::Name(), true);
  CHECK(cache.entries() == 0);
}

TEST_CASE("random names below a zone cost no more questions than the zone has records") {
  const base::WallTime now{std::chrono::seconds(1'800'000'000)};
  ModelZone zone(kZone);
  for (int i = 0; i < 1000; ++i) zone.add(name("host" + std::to_string(i) + ".zone.test."), {RRType::A});
  const auto chain = zone.nsecChain();
  AggressiveCache cache({});
  cache.storeSoa(kZone, test::record("zone.test. 3600 IN SOA ns. host. 1 2 3 4 600"), 3600, now);
  const auto storeFor = [&](const dns::Name& of) { // what the server would send with its answer
    for (const dns::RRset& set : chain) {
      const auto record = dnssec::readNsecSet(set, kZone);
      if (dnssec::placeByNsec(*record, kZone, of).kind != dnssec::Place::Kind::Unknown)
        cache.store(kZone, set, 600, now);
    }
  };
  Dice dice(31);
  unsigned asked = 0;
  for (int i = 0; i < 10'000; ++i) {
    const dns::Name of = name("host" + std::to_string(dice.below(1000)) + "x" + std::to_string(i) + ".zone.test.");
    if (cache.find(of, RRType::A, now)) continue;
    ++asked;
    storeFor(of);
    storeFor(name("*.zone.test."));
  }
  CHECK(asked <= chain.size());
  CHECK(asked + cache.hits().nsec == 10'000);
}
