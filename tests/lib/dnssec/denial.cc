// Denials from NSEC and NSEC3: each kind of proof, and what must not count as one.
#include "lib/dnssec/denial.hh"

#include <catch2/catch.hpp>

#include "tests/lib/dnssec/denialzone.hh"

using namespace denialtest;
using dnssec::Denial;

namespace {

const Name kZone = name("example.");
const Types kApex{RRType::SOA, RRType::NS, RRType::RRSIG, RRType::NSEC};
const Types kHost{RRType::A, RRType::RRSIG, RRType::NSEC};
const Types kCut{RRType::NS, RRType::RRSIG, RRType::NSEC};

struct Proof {
  Proof(std::vector<dns::RRset> given) : sets(std::move(given)) {} // NOLINT: spelled as a list in the cases
  [[nodiscard]] dnssec::DenialRecords records() const { return {zone, sets}; }

  Denial noName(std::string_view of) { return proveNoName(records(), name(of), policy, effort); }
  Denial noType(std::string_view of, RRType type) { return proveNoType(records(), name(of), type, policy, effort); }
  Denial noDs(std::string_view of) { return proveNoDs(records(), name(of), policy, effort); }
  Denial noCloser(std::string_view of, std::string_view encloser) {
    return proveNoCloser(records(), name(of), name(encloser), policy, effort);
  }

  Name zone = kZone;
  std::vector<dns::RRset> sets;
  dnssec::DenialPolicy policy;
  dnssec::Effort effort{30, 600};
};

} // namespace

TEST_CASE("a name between two neighbours does not exist when the wildcard does not either") {
  const dns::RRset covering = nsec("b.example.", "f.example.", kHost);
  const dns::RRset apex = nsec("example.", "b.example.", kApex);
  CHECK(Proof({covering, apex}).noName("c.example.") == Denial::Proven);
  CHECK(Proof({covering, apex}).noName("x.y.C.Example.") == Denial::Proven);
  CHECK(Proof({covering}).noName("c.example.") == Denial::Invalid); // *.example. may be there
  CHECK(Proof({apex}).noName("c.example.") == Denial::Invalid);
  CHECK(Proof({covering, apex}).noName("b.example.") == Denial::Invalid);  // it is there
  CHECK(Proof({covering, apex}).noName("f.example.") == Denial::Invalid);  // so is this
  CHECK(Proof({covering, apex}).noName("x.b.example.") == Denial::Proven); // so is not *.b.example.
  CHECK(Proof({covering, apex}).noName("x.f.example.") == Denial::Invalid);
  CHECK(Proof({covering, apex}).noName("c.other.") == Denial::Invalid);
  CHECK(Proof({}).noName("c.example.") == Denial::Missing);
}

TEST_CASE("one record can deny the name and its wildcard") {
  CHECK(Proof({nsec("example.", "b.example.", kApex)}).noName("a.example.") == Denial::Proven);
  CHECK(Proof({nsec("example.", "example.", kApex)}).noName("any.thing.example.") == Denial::Proven);
}

TEST_CASE("the last record of a zone points to the apex and covers all behind it") {
  const dns::RRset last = nsec("y.example.", "example.", kHost);
  const dns::RRset apex = nsec("example.", "b.example.", kApex);
  CHECK(Proof({last, apex}).noName("z.example.") == Denial::Proven);
  CHECK(Proof({last, apex}).noName("\\255.example.") == Denial::Proven);
  CHECK(Proof({last, apex}).noName("c.example.") == Denial::Invalid);
  // Backwards, but not to the apex: no record of a chain.
  CHECK(Proof({nsec("y.example.", "c.example.", kHost), apex}).noName("z.example.") == Denial::Invalid);
  CHECK(Proof({nsec("y.example.", "y.example.", kHost), apex}).noName("z.example.") == Denial::Invalid);
}

TEST_CASE("canonical order: odd octets and capitals") {
  const dns::RRset apex = nsec("example.", "\\000.example.", kApex);
  CHECK(Proof({apex, nsec("Z.example.", "\\200.example.", kHost)}).noName("zz.EXAMPLE.") == Denial::Invalid);
  CHECK(Proof({nsec("example.", "\\001.example.", kApex)}).noName("\\000.example.") == Denial::Invalid); // "*" is open
  CHECK(Proof({nsec("example.", "B.example.", kApex)}).noName("\\000.a.example.") == Denial::Proven);
  CHECK(Proof({nsec("example.", "B.example.", kApex)}).noName("b.example.") == Denial::Invalid);
  const dns::RRset tight = nsec("a.example.", "a\\000.example.", kHost); // all below a.example. is between
  CHECK(Proof({tight}).noName("z.a.example.") == Denial::Proven);
  CHECK(Proof({tight, nsec("example.", "a.example.", kApex)}).noName("a\\000.example.") ==
        Denial::Invalid); // *.a.example.: also covered, see below
}

TEST_CASE("names below an existing name are denied by its own record") {
  const dns::RRset host = nsec("a.example.", "c.example.", kHost);
  CHECK(Proof({host}).noName("x.a.example.") == Denial::Proven); // *.a.example. is covered as well
}

TEST_CASE("a record whose next name is outside the zone denies nothing") {
  const dns::RRset apex = nsec("example.", "b.example.", kApex);
  CHECK(Proof({nsec("y.example.", "com.", kHost), apex}).noName("z.example.") == Denial::Invalid);
  CHECK(Proof({nsec("b.example.", "zzz.", kHost), apex}).noName("c.example.") == Denial::Invalid);
  CHECK(Proof({nsec("b.example.", "zzz.", kHost)}).noType("b.example.", RRType::MX) == Denial::Invalid);
  CHECK(Proof({nsec("b.exampla.", "zz.example.", kHost), apex}).noName("c.example.") == Denial::Invalid);
}

TEST_CASE("a delegation or a DNAME denies nothing below itself") {
  const dns::RRset apex = nsec("example.", "b.example.", kApex);
  CHECK(Proof({nsec("b.example.", "f.example.", kCut), apex}).noName("x.b.example.") == Denial::Invalid);
  CHECK(Proof({nsec("b.example.", "f.example.", kCut), apex}).noType("x.b.example.", RRType::A) == Denial::Invalid);
  CHECK(Proof({nsec("b.example.", "f.example.", kCut), apex}).noDs("x.b.example.") == Denial::Invalid);
  CHECK(Proof({nsec("b.example.", "f.example.", {RRType::DNAME}), apex}).noName("x.b.example.") == Denial::Invalid);
  CHECK(Proof({nsec("b.example.", "f.example.", kCut), apex}).noCloser("x.b.example.", "b.example.") ==
        Denial::Invalid);
  CHECK(Proof({nsec("b.example.", "f.example.", kCut), apex}).noName("c.example.") == Denial::Proven); // beside it
}

TEST_CASE("a type is denied by the record of the name") {
  Proof host({nsec("b.example.", "f.example.", kHost)});
  CHECK(host.noType("B.example.", RRType::MX) == Denial::Proven);
  CHECK(host.noType("b.example.", RRType::DS) == Denial::Proven);
  CHECK(host.noType("b.example.", RRType::A) == Denial::Invalid);
  CHECK(host.noType("b.example.", RRType::NSEC) == Denial::Invalid);
  CHECK(host.noType("c.example.", RRType::MX) == Denial::Invalid);
  Proof alias({nsec("b.example.", "f.example.", {RRType::CNAME})});
  CHECK(alias.noType("b.example.", RRType::MX) == Denial::Invalid);
  CHECK(alias.noType("b.example.", RRType::CNAME) == Denial::Invalid);
}

TEST_CASE("no type at all is denied only by a record that names none") {
  CHECK(Proof({nsec("b.example.", "f.example.", kHost)}).noType("b.example.", RRType::ANY) == Denial::Invalid);
  CHECK(Proof({nsec("b.example.", "f.example.", {RRType::CAA})}).noType("b.example.", RRType::ANY) == Denial::Invalid);
  const Types bare{RRType::RRSIG, RRType::NSEC, RRType{128}};
  CHECK(Proof({nsec("b.example.", "\\000.b.example.", bare)}).noType("b.example.", RRType::ANY) == Denial::Proven);
}

TEST_CASE("a cut's own two sides do not speak for each other") {
  Proof parent({nsec("b.example.", "f.example.", kCut)});
  CHECK(parent.noType("b.example.", RRType::DS) == Denial::Proven);
  CHECK(parent.noType("b.example.", RRType::A) == Denial::Invalid);
  Proof child({nsec("example.", "b.example.", kApex)});
  CHECK(child.noType("example.", RRType::MX) == Denial::Proven);
  CHECK(child.noType("example.", RRType::DS) == Denial::Invalid);
  CHECK(child.noDs("example.") == Denial::Invalid);
  Proof strayed({nsec("b.example.", "f.example.", kApex)}); // SOA: from the child's side
  CHECK(strayed.noType("b.example.", RRType::DS) == Denial::Invalid);
  CHECK(strayed.noDs("b.example.") == Denial::Invalid);
  Proof root({nsec(".", "com.", kApex)});
  root.zone = Name();
  CHECK(root.noType(".", RRType::DS) == Denial::Proven); // there is no parent to have it
}

TEST_CASE("an empty non-terminal has no types and is no missing name") {
  Proof proof({nsec("b.example.", "x.c.example.", kHost), nsec("example.", "b.example.", kApex)});
  CHECK(proof.noType("c.example.", RRType::A) == Denial::Proven);
  CHECK(proof.noName("c.example.") == Denial::Invalid);
  CHECK(proof.noDs("c.example.") == Denial::Proven);
  CHECK(proof.noCloser("a.c.example.", "example.") == Denial::Invalid);
  CHECK(proof.noName("a.c.example.") == Denial::Proven); // *.c.example. sorts before it
  // The wildcard itself may be one.
  Proof wild({nsec("example.", "x.*.example.", kApex), nsec("b.example.", "f.example.", kHost)});
  CHECK(wild.noName("c.example.") == Denial::Invalid);
  CHECK(wild.noType("c.example.", RRType::A) == Denial::Proven);
}

TEST_CASE("a wildcard without the type denies it for the names it makes") {
  const dns::RRset covering = nsec("b.example.", "f.example.", kHost);
  CHECK(Proof({covering, nsec("*.example.", "b.example.", kHost)}).noType("c.example.", RRType::MX) == Denial::Proven);
  CHECK(Proof({covering, nsec("*.example.", "b.example.", kHost)}).noType("c.example.", RRType::A) == Denial::Invalid);
  CHECK(Proof({covering, nsec("*.example.", "b.example.", {RRType::CNAME})}).noType("c.example.", RRType::A) ==
        Denial::Invalid);
  CHECK(Proof({covering, nsec("*.example.", "b.example.", kCut)}).noType("c.example.", RRType::A) == Denial::Invalid);
  CHECK(Proof({covering, nsec("*.example.", "b.example.", kHost)}).noName("c.example.") == Denial::Invalid);
  CHECK(Proof({nsec("*.example.", "b.example.", kHost)}).noType("c.example.", RRType::MX) == Denial::Invalid);
}

TEST_CASE("an expansion needs that nothing closer exists") {
  Proof proof({nsec("b.example.", "f.example.", kHost)});
  CHECK(proof.noCloser("c.example.", "example.") == Denial::Proven);
  CHECK(proof.noCloser("x.y.c.example.", "example.") == Denial::Proven);
  CHECK(proof.noCloser("x.b.example.", "example.") == Denial::Invalid); // b.example. is closer
  CHECK(proof.noCloser("x.b.example.", "b.example.") == Denial::Proven);
  CHECK(proof.noCloser("c.example.", "c.example.") == Denial::Invalid);
  CHECK(proof.noCloser("c.example.", "other.") == Denial::Invalid);
}

TEST_CASE("a delegation without DS is proven by the parent") {
  CHECK(Proof({nsec("b.example.", "f.example.", kCut)}).noDs("b.example.") == Denial::InsecureCut);
  CHECK(Proof({nsec("b.example.", "f.example.", kHost)}).noDs("b.example.") == Denial::Proven);
  CHECK(Proof({nsec("b.example.", "f.example.", kHost)}).noDs("c.example.") == Denial::Proven);
  CHECK(Proof({nsec("b.example.", "f.example.", {RRType::NS, RRType::DS})}).noDs("b.example.") == Denial::Invalid);
  CHECK(Proof({}).noDs("b.example.") == Denial::Missing);
}

TEST_CASE("sets that are no good records are passed over") {
  dns::RRsetBuilder two(name("b.example."), RRType::NSEC, dns::RRClass::IN, 60);
  two.add(nsec("b.example.", "f.example.", kHost).front());
  two.add(nsec("b.example.", "g.example.", kHost).front());
  CHECK(Proof({two.build()}).noType("b.example.", RRType::MX) == Denial::Invalid);
  CHECK(Proof({oneRecord(name("b.example."), RRType::NSEC, Octets(3))}).noName("c.example.") == Denial::Invalid);
  CHECK(Proof({oneRecord(name("b.example."), RRType::NSEC3, Octets(3))}).noName("c.example.") == Denial::Invalid);
  CHECK(Proof({dns::RRset(), oneRecord(name("b.example."), RRType::A, Octets(4))}).noName("c.example.") ==
        Denial::Missing);
}
