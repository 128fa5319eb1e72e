// Denials against a model: random small zones with wildcards, delegations, DNAMEs and empty non-terminals. The whole
// chain proves exactly what is true; no part of it proves anything else.
#include <catch2/catch.hpp>

#include "lib/dnssec/denial.hh"
#include "tests/lib/dnssec/denialzone.hh"

using namespace denialtest;
using dnssec::Denial;

namespace {

const dnssec::DenialPolicy kPolicy{.maxIterations = 50, .maxNsec3Records = 0};

struct Asked {
  const ModelZone& zone;
  std::span<const dns::RRset> sets;
  bool optOut = false;
  bool whole = false; // all the chain: what is true must be proven

  void check(const Name& of, RRType type) const {
    INFO(of.text() << " " << dns::text(type) << (whole ? " whole" : " part") << (optOut ? " opt-out" : ""));
    compare(proveNoName(records(), of, kPolicy, effort()), zone.noName(of), of);
    compare(proveNoType(records(), of, type, kPolicy, effort()), zone.noType(of, type), of);
    checkDs(of);
    checkCloser(of);
  }

 private:
  [[nodiscard]] dnssec::DenialRecords records() const { return {zone.apex(), sets}; }
  static dnssec::Effort& effort() {
    static dnssec::Effort endless(0, 0);
    return endless;
  }
  // At or below a delegation without DS, which opt-out leaves out of the chain.
  [[nodiscard]] bool belowUnsigned(const Name& of) const {
    for (Name above = of; above != zone.apex(); above = above.parent()) {
      if (zone.hasCutWithoutDs(above)) return true;
    }
    return false;
  }
  // Empty, but for delegations that have no records of the chain.
  [[nodiscard]] bool mayBeUnsigned(const Name& of) const {
    return optOut && (belowUnsigned(of) || (zone.exists(of) && zone.typesOf(of) == nullptr));
  }
  // The encloser has no record either, and the wildcard beside it looks as if it applied.
  [[nodiscard]] bool hidden(const Name& of) const { return optOut && zone.typesOf(zone.encloser(of)) == nullptr; }
  void compare(Denial said, bool truth, const Name& of) const {
    if (said == Denial::Proven) CHECK(truth);
    if (said == Denial::Insecure) CHECK((optOut && (truth || mayBeUnsigned(of) || !zone.exists(of))));
    if (whole && truth && !hidden(of)) CHECK((said == Denial::Proven || (optOut && said == Denial::Insecure)));
    CHECK((said != Denial::WorkLimit && said != Denial::TooManyIterations && said != Denial::InsecureCut));
  }
  void checkDs(const Name& of) const {
    const Denial said = proveNoDs(records(), of, kPolicy, effort());
    const bool within = !zone.isOutside(of) && of != zone.apex();
    const Types* types = zone.typesOf(of);
    const bool cut = within && zone.hasCutWithoutDs(of);
    const bool noCut = within && (types == nullptr || (types->count(RRType::NS) == 0 && types->count(RRType::DS) == 0));
    if (said == Denial::Proven) CHECK(noCut);
    if (said == Denial::InsecureCut) CHECK((cut || (optOut && (noCut || belowUnsigned(of)))));
    if (whole && cut) CHECK(said == Denial::InsecureCut);
    if (whole && noCut) CHECK((said == Denial::Proven || (optOut && said == Denial::InsecureCut)));
  }
  void checkCloser(const Name& of) const {
    if (of == zone.apex()) return;
    for (std::size_t labels = zone.apex().labelCount(); labels < of.labelCount(); ++labels) {
      const Denial said = proveNoCloser(records(), of, of.suffix(labels), kPolicy, effort());
      const Name next = of.suffix(labels + 1);
      // Where the encloser lies is for the signature to say; NSEC3 looks at the next closer name alone.
      const bool truth = !zone.exists(next);
      if (said == Denial::Proven) CHECK((truth || zone.isOutside(next)));
      if (whole && truth && !zone.isOutside(next)) CHECK(said != Denial::Invalid);
    }
  }
};

void checkZone(const ModelZone& zone, const std::vector<dns::RRset>& chain, bool optOut, Dice& dice) {
  for (int i = 0; i < 30; ++i) {
    const Name of = dice.below(12) == 0 ? zone.apex() : dice.nameBelow(zone.apex());
    const RRType type = dice.type();
    Asked{zone, chain, optOut, true}.check(of, type);
    const auto part = dice.some(chain);
    Asked{zone, part, optOut, false}.check(of, type);
  }
}

} // namespace

TEST_CASE("NSEC chains of random zones prove what is true and nothing else") {
  Dice dice(1);
  for (int i = 0; i < 300; ++i) {
    const ModelZone zone = dice.zone(name("zone.test."));
    checkZone(zone, zone.nsecChain(), false, dice);
  }
}

TEST_CASE("NSEC3 chains of random zones prove what is true and nothing else") {
  Dice dice(2);
  for (int i = 0; i < 300; ++i) {
    const ModelZone zone = dice.zone(name("zone.test."));
    checkZone(zone, zone.nsec3Chain({.iterations = dice.below(3), .salt = Octets(dice.below(3))}), false, dice);
  }
}

TEST_CASE("NSEC3 chains with opt-out prove nothing of what they leave out") {
  Dice dice(3);
  for (int i = 0; i < 300; ++i) {
    const ModelZone zone = dice.zone(name("zone.test."));
    checkZone(zone, zone.nsec3Chain({.flags = 1}), true, dice);
  }
}
