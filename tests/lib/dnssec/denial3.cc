// Denials from NSEC3: hashes, the closest encloser, opt-out, parameters, and what hashing may cost.
#include <catch2/catch.hpp>

#include "lib/dnssec/denial.hh"
#include "tests/lib/dnssec/denialzone.hh"

using namespace denialtest;
using dnssec::Denial;

namespace {

const Name kZone = name("example.");
const Types kApex{RRType::SOA, RRType::NS, RRType::RRSIG};
const Types kHost{RRType::A, RRType::RRSIG};
const Types kCut{RRType::NS};
const Nsec3Parameters kOptOut{.flags = 1};

dns::RRset match(std::string_view of, const Types& types, const Nsec3Parameters& with = {}) {
  return matching(kZone, name(of), types, with);
}
dns::RRset cover(std::string_view of, const Nsec3Parameters& with = {}) { return covering(kZone, name(of), with); }

struct Proof {
  Proof(std::vector<dns::RRset> given) : sets(std::move(given)) {} // NOLINT: spelled as a list in the cases
  [[nodiscard]] dnssec::DenialRecords records() const { return {kZone, sets}; }

  Denial noName(std::string_view of) { return proveNoName(records(), name(of), policy, effort); }
  Denial noType(std::string_view of, RRType type) { return proveNoType(records(), name(of), type, policy, effort); }
  Denial noDs(std::string_view of) { return proveNoDs(records(), name(of), policy, effort); }
  Denial noCloser(std::string_view of, std::string_view encloser) {
    return proveNoCloser(records(), name(of), name(encloser), policy, effort);
  }

  std::vector<dns::RRset> sets;
  dnssec::DenialPolicy policy;
  dnssec::Effort effort{30, 600};
};

std::string manyLabels(unsigned count) {
  std::string text;
  for (unsigned i = 0; i < count; ++i) text += "x.";
  return text + "example.";
}

} // namespace

TEST_CASE("the hashes of RFC 5155 appendix A") {
  const Nsec3Parameters with{.iterations = 12,
                             .salt = {std::byte{0xAA}, std::byte{0xBB}, std::byte{0xCC}, std::byte{0xDD}}};
  CHECK(base32(hashOf(name("example"), with)) == "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom");
  CHECK(base32(hashOf(name("A.Example"), with)) == "35mthgpgcu1qg68fab165klnsnk3dpvl");
  CHECK(base32(hashOf(name("*.w.example"), with)) == "r53bq7cc2uvmubfu5ocmm6pers9tk9en");
  CHECK(base32(hashOf(name("2t7b4g4vsa5smi47k61mv5bv1a22bojr.example"), with)) == "kohar7mbb8dc2ce8a9qvl8hon4k53uhi");
}

TEST_CASE("long names and salts are hashed whole") {
  // Differs in the last octet of the salt only; 255 octets of name and of salt fill nine blocks.
  const Name longest = name(std::string(63, 'a') + "." + std::string(63, 'b') + "." + std::string(63, 'c') + "." +
                            std::string(61, 'd') + ".");
  REQUIRE(longest.wireSize() == 255);
  Nsec3Parameters one{.iterations = 3, .salt = Octets(255)};
  Nsec3Parameters other = one;
  other.salt.back() = std::byte{1};
  CHECK(hashOf(longest, one) != hashOf(longest, other));
  CHECK(base32(dnssec::nsec3Hash(Name(), 0, {})).size() == 32);
  for (std::size_t size = 0; size < 64; ++size) { // around each block border: padding changes nothing it should not
    const Octets salt(size);
    CHECK(dnssec::nsec3Hash(name("a."), 2, salt) == dnssec::nsec3Hash(name("A."), 2, salt));
  }
}

TEST_CASE("the first label of an owner is a hash in base32hex or none") {
  const Nsec3Hash hash = hashOf(name("example."));
  CHECK(dnssec::ownerHash(kZone.withLabel(base32(hash)).value()) == hash);
  std::string capitals = base32(hash);
  for (char& c : capitals) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  CHECK(dnssec::ownerHash(kZone.withLabel(capitals).value()) == hash);
  CHECK_FALSE(dnssec::ownerHash(Name()));
  CHECK_FALSE(dnssec::ownerHash(name("short.example.")));
  CHECK_FALSE(dnssec::ownerHash(kZone.withLabel(std::string(32, 'w')).value()));
  CHECK_FALSE(dnssec::toNsec3Hash(Octets(19)));
}

TEST_CASE("NSEC3: a name does not exist: encloser, next closer and wildcard") {
  const dns::RRset apex = match("example.", kApex), next = cover("c.example."), wildcard = cover("*.example.");
  CHECK(Proof({apex, next, wildcard}).noName("c.example.") == Denial::Proven);
  CHECK(Proof({wildcard, next, apex}).noName("x.y.C.example.") == Denial::Proven);
  CHECK(Proof({apex, next}).noName("c.example.") == Denial::Invalid);
  CHECK(Proof({next, wildcard}).noName("c.example.") == Denial::Invalid);
  CHECK(Proof({apex, wildcard}).noName("c.example.") == Denial::Invalid);
  CHECK(Proof({apex, next, wildcard}).noName("d.example.") == Denial::Invalid);
  CHECK(Proof({apex, next, wildcard}).noName("example.") == Denial::Invalid);
  CHECK(Proof({apex, match("c.example.", kHost), wildcard}).noName("c.example.") == Denial::Invalid);
  CHECK(Proof({apex, next, match("*.example.", kHost)}).noName("c.example.") == Denial::Invalid);
}

TEST_CASE("NSEC3: the last record of the chain covers what is on both sides, a lone one all but itself") {
  const Nsec3Hash apex = hashOf(kZone);
  const dns::RRset lone = nsec3(kZone, apex, apex, kApex);
  CHECK(Proof({lone}).noName("c.example.") == Denial::Proven);
  CHECK(Proof({lone}).noType("example.", RRType::MX) == Denial::Proven);
  Nsec3Hash low{}, high;
  high.fill(std::byte{0xFF});
  low[19] = std::byte{1};
  const dns::RRset wrapped = nsec3(kZone, high, low, kHost);
  CHECK(Proof({match("example.", kApex), wrapped}).noName("c.example.") == Denial::Invalid);
  const dns::RRset wide = nsec3(kZone, shifted(hashOf(name("c.example.")), false), low, kHost);
  CHECK(Proof({match("example.", kApex), wide}).noCloser("c.example.", "example.") == Denial::Proven);
}

TEST_CASE("NSEC3: types are denied at the name, at its wildcard, and for delegations under opt-out") {
  const dns::RRset apex = match("example.", kApex);
  CHECK(Proof({match("b.example.", kHost)}).noType("b.example.", RRType::MX) == Denial::Proven);
  CHECK(Proof({match("b.example.", kHost)}).noType("b.example.", RRType::A) == Denial::Invalid);
  CHECK(Proof({match("b.example.", {RRType::CNAME})}).noType("b.example.", RRType::A) == Denial::Invalid);
  CHECK(Proof({match("b.example.", {})}).noType("b.example.", RRType::ANY) == Denial::Proven); // non-terminal
  CHECK(Proof({match("b.example.", kCut)}).noType("b.example.", RRType::A) == Denial::Invalid);
  CHECK(Proof({match("b.example.", kCut)}).noType("b.example.", RRType::DS) == Denial::Proven);
  CHECK(Proof({apex}).noType("example.", RRType::DS) == Denial::Invalid);
  CHECK(Proof({apex, cover("c.example."), match("*.example.", kHost)}).noType("c.example.", RRType::MX) ==
        Denial::Proven);
  CHECK(Proof({apex, cover("c.example."), match("*.example.", kHost)}).noType("c.example.", RRType::A) ==
        Denial::Invalid);
  CHECK(Proof({apex, cover("c.example."), match("*.example.", kCut)}).noType("c.example.", RRType::A) ==
        Denial::Invalid);
  CHECK(Proof({apex, cover("c.example.", kOptOut)}).noType("c.example.", RRType::DS) == Denial::Insecure);
  CHECK(Proof({apex, cover("c.example.")}).noType("c.example.", RRType::DS) == Denial::Invalid);
}

TEST_CASE("NSEC3: opt-out makes a denial of names insecure, never proven") {
  const dns::RRset apex = match("example.", kApex), wildcard = cover("*.example.");
  CHECK(Proof({apex, cover("c.example.", kOptOut), wildcard}).noName("c.example.") == Denial::Insecure);
  CHECK(Proof({cover("c.example.", kOptOut)}).noCloser("c.example.", "example.") == Denial::Insecure);
  CHECK(Proof({cover("c.example.")}).noCloser("x.c.example.", "example.") == Denial::Proven);
  CHECK(Proof({apex, cover("c.example.", kOptOut), match("*.example.", kHost)}).noType("c.example.", RRType::MX) ==
        Denial::Insecure);
  CHECK(Proof({match("b.example.", kHost, kOptOut)}).noType("b.example.", RRType::MX) == Denial::Proven);
}

TEST_CASE("NSEC3: insecure delegations") {
  const dns::RRset apex = match("example.", kApex);
  CHECK(Proof({match("b.example.", kCut)}).noDs("b.example.") == Denial::InsecureCut);
  CHECK(Proof({match("b.example.", kHost)}).noDs("b.example.") == Denial::Proven);
  CHECK(Proof({match("b.example.", {RRType::NS, RRType::DS})}).noDs("b.example.") == Denial::Invalid);
  CHECK(Proof({match("b.example.", kApex)}).noDs("b.example.") == Denial::Invalid);
  CHECK(Proof({apex, cover("b.example.", kOptOut)}).noDs("b.example.") == Denial::InsecureCut);
  CHECK(Proof({apex, cover("b.example.", kOptOut)}).noDs("x.b.example.") == Denial::InsecureCut);
  CHECK(Proof({apex, cover("b.example.")}).noDs("b.example.") == Denial::Proven);
  CHECK(Proof({cover("b.example.", kOptOut)}).noDs("b.example.") == Denial::Invalid); // no encloser
}

TEST_CASE("NSEC3: an encloser that is a delegation or a DNAME encloses nothing") {
  for (const Types& types : {kCut, Types{RRType::DNAME}}) {
    Proof proof({match("example.", kApex), match("b.example.", types), cover("x.b.example."), cover("*.b.example.")});
    CHECK(proof.noName("x.b.example.") == Denial::Invalid);
    CHECK(proof.noDs("x.b.example.") == Denial::Invalid);
    CHECK(proof.noType("x.b.example.", RRType::A) == Denial::Invalid);
  }
}

TEST_CASE("NSEC3: records that stand in another place, or of unknown kind, are passed over") {
  const dns::RRset apex = match("example.", kApex), next = cover("c.example."), wildcard = cover("*.example.");
  const auto deeper = matching(name("b.example."), kZone, kApex); // a hash of the child's chain
  CHECK(Proof({deeper, next, wildcard}).noName("c.example.") == Denial::Invalid);
  const auto elsewhere = matching(name("other."), kZone, kApex);
  CHECK(Proof({elsewhere, next, wildcard}).noName("c.example.") == Denial::Invalid);
  CHECK(Proof({match("example.", kApex, {.flags = 2}), next, wildcard}).noName("c.example.") == Denial::Invalid);
  CHECK(Proof({match("example.", kApex, {.algorithm = 2}), next, wildcard}).noName("c.example.") == Denial::Invalid);
  CHECK(Proof({match("example.", kApex, {.iterations = 60, .algorithm = 2})}).noName("c.example.") == Denial::Invalid);
  CHECK(Proof({apex, next, wildcard}).noName("c.example.") == Denial::Proven);
}

TEST_CASE("NSEC3: only records with the same parameters are used together") {
  const Nsec3Parameters one{.iterations = 1}, salted{.salt = Octets(2)};
  CHECK(Proof({match("example.", kApex, one), cover("c.example."), cover("*.example.")}).noName("c.example.") ==
        Denial::Invalid);
  CHECK(Proof({match("example.", kApex), cover("c.example.", salted), cover("*.example.")}).noName("c.example.") ==
        Denial::Invalid);
  CHECK(Proof({match("example.", kApex, salted), match("example.", kApex), cover("c.example.", salted),
               cover("c.example."), cover("*.example.", salted)})
            .noName("c.example.") == Denial::Proven);
}

TEST_CASE("NSEC3: a record of other parameters covers nothing, however wide") {
  const Nsec3Parameters one{.iterations = 1};
  const Nsec3Hash host = hashOf(name("b.example."), one);
  const dns::RRset wide = nsec3(kZone, host, host, kHost, one); // all but one hash
  CHECK(Proof({match("example.", kApex), wide}).noName("c.example.") == Denial::Invalid);
  CHECK(Proof({match("example.", kApex), wide}).noDs("c.example.") == Denial::Invalid);
  CHECK(Proof({match("example.", kApex, one), wide}).noName("c.example.") == Denial::Proven);
}

TEST_CASE("NSEC3: too many iterations are noticed before anything is hashed") {
  const Nsec3Parameters dear{.iterations = 51};
  Proof proof({match("example.", kApex, dear), cover("c.example.", dear), cover("*.example.", dear)});
  CHECK(proof.noName("c.example.") == Denial::TooManyIterations);
  CHECK(proof.noDs("c.example.") == Denial::TooManyIterations);
  CHECK(proof.effort.hashes() == 0);
  proof.policy.maxIterations = 51;
  CHECK(proof.noName("c.example.") == Denial::Proven);
  // With others that may be used, those are used.
  Proof mixed({match("b.example.", kHost, dear), match("b.example.", kHost)});
  CHECK(mixed.noType("b.example.", RRType::MX) == Denial::Proven);
  CHECK(mixed.noType("c.example.", RRType::MX) == Denial::Invalid);
}

TEST_CASE("NSEC3: no name is hashed twice, and none below the next closer one") {
  const std::vector<dns::RRset> sets{match("example.", kApex), cover("x.example."), cover("*.example.")};
  Proof shallow(sets);
  CHECK(shallow.noName("x.example.") == Denial::Proven);
  CHECK(shallow.effort.hashes() == 3);
  Proof deep(sets);
  CHECK(deep.noName(manyLabels(120)) == Denial::Proven);
  CHECK(deep.effort.hashes() == 4); // the name itself, apex, next closer, wildcard
  Proof exact({match("b.example.", kHost)});
  CHECK(exact.noType("b.example.", RRType::MX) == Denial::Proven);
  CHECK(exact.effort.hashes() == 1);
}

TEST_CASE("NSEC3: the effort ends what cannot be proven") {
  Proof proof({cover("a.example.")});
  proof.effort = dnssec::Effort(30, 50);
  CHECK(proof.noName(manyLabels(120)) == Denial::WorkLimit);
  CHECK(proof.effort.hashes() == 50);
  CHECK(proof.noDs("a.example.") == Denial::WorkLimit);
  CHECK(proof.noType("a.example.", RRType::A) == Denial::WorkLimit);
  CHECK(proof.noCloser("a.example.", "example.") == Denial::WorkLimit);
  CHECK(proof.effort.hashesExceeded());
}

TEST_CASE("NSEC3: only so many records are looked at") {
  std::vector<dns::RRset> sets;
  for (char c = 'a'; c < 'k'; ++c) sets.push_back(match(std::string(1, c) + "1.example.", kHost));
  sets.push_back(match("b.example.", kHost));
  Proof proof(sets);
  CHECK(proof.noType("b.example.", RRType::MX) == Denial::Invalid);
  proof.policy.maxNsec3Records = 11;
  CHECK(proof.noType("b.example.", RRType::MX) == Denial::Proven);
  proof.policy.maxNsec3Records = 0;
  CHECK(proof.noType("b.example.", RRType::MX) == Denial::Proven);
}
