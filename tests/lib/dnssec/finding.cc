// Unit tests of the meaning of faults, of algorithm names and of Effort.
#include "lib/dnssec/finding.hh"

#include <catch2/catch.hpp>
#include <set>

#include "lib/dnssec/effort.hh"

using namespace dnssec;

namespace {

std::vector<Fault> allFaults() {
  std::vector<Fault> all;
  for (unsigned i = 1; i <= static_cast<unsigned>(Fault::WorkLimit); ++i) {
    all.push_back(static_cast<Fault>(i));
  }
  return all;
}

} // namespace

TEST_CASE("every fault has its own line that names zone and key") {
  std::set<std::string> lines;
  for (const Fault fault : allFaults()) {
    Finding finding{.fault = fault, .zone = *dns::Name::parse("zone.test."), .name = *dns::Name::parse("a.zone.test.")};
    finding.type = dns::RRType::MX;
    finding.tag = 12345;
    finding.algorithm = Algorithm::RsaSha256;
    const std::string line = text(finding);
    CHECK(line.starts_with("a.zone.test. MX: "));
    CHECK(line.find('\n') == std::string::npos);
    CHECK(lines.insert(line).second);
  }
}

TEST_CASE("extended errors are as precise as RFC 8914 allows") {
  using dns::EdeCode;
  CHECK(edeCode(Fault::UnsupportedAlgorithm) == EdeCode::UnsupportedDnskeyAlgorithm);
  CHECK(edeCode(Fault::UnsupportedDigest) == EdeCode::UnsupportedDsDigest);
  CHECK(edeCode(Fault::TooManyIterations) == EdeCode::UnsupportedNsec3Iterations);
  CHECK(edeCode(Fault::SignatureMissing) == EdeCode::RrsigsMissing);
  CHECK(edeCode(Fault::SignatureExpired) == EdeCode::SignatureExpired);
  CHECK(edeCode(Fault::SignatureNotYetValid) == EdeCode::SignatureNotYetValid);
  CHECK(edeCode(Fault::SignatureExpiredBeforeValid) == EdeCode::SignatureExpiredBeforeValid);
  CHECK(edeCode(Fault::SignatureInvalid) == EdeCode::DnssecBogus);
  CHECK(edeCode(Fault::DsMismatch) == EdeCode::DnskeyMissing);
  CHECK(edeCode(Fault::NoZoneKeyBit) == EdeCode::NoZoneKeyBit);
  CHECK(edeCode(Fault::DenialMissing) == EdeCode::NsecMissing);
  CHECK(edeCode(Fault::DenialInvalid) == EdeCode::NsecMissing);
  CHECK(edeCode(Fault::WorkLimit) == EdeCode::DnssecBogus);
  for (const Fault fault : allFaults()) {
    CHECK(edeCode(fault) != EdeCode::Other);
  }
}

TEST_CASE("only what cannot be checked is insecure, all else is bogus") {
  CHECK_FALSE(isBogus(Fault::None));
  for (const Fault fault : allFaults()) {
    CHECK(isBogus(fault) == (fault > Fault::TooManyIterations));
  }
}

TEST_CASE("algorithms are read by mnemonic or number and written by mnemonic") {
  CHECK(text(Algorithm::EcdsaP256Sha256) == "ECDSAP256SHA256");
  CHECK(text(static_cast<Algorithm>(200)) == "ALG200");
  CHECK(text(DigestType::Sha384) == "SHA384");
  CHECK(text(static_cast<DigestType>(9)) == "DIGEST9");
  CHECK(parseAlgorithm("rsasha256") == Algorithm::RsaSha256);
  CHECK(parseAlgorithm("13") == Algorithm::EcdsaP256Sha256);
  CHECK(parseAlgorithm("ALG200") == static_cast<Algorithm>(200));
  for (const char* bad : {"", "ALG", "256", "-1", "13x", "RSA"}) {
    CHECK_FALSE(parseAlgorithm(bad));
  }
}

TEST_CASE("all algorithms in use can be switched off") {
  Algorithms algorithms;
  for (const unsigned number : {5U, 7U, 8U, 10U, 13U, 14U, 15U, 16U}) {
    const auto algorithm = static_cast<Algorithm>(number);
    CHECK(algorithms.uses(algorithm));
    algorithms.disable(algorithm);
    CHECK_FALSE(algorithms.uses(algorithm));
  }
  for (const unsigned number : {0U, 1U, 3U, 6U, 12U, 17U, 253U, 255U}) {
    CHECK_FALSE(algorithms.uses(static_cast<Algorithm>(number)));
  }
  CHECK(algorithms.uses(DigestType::Sha1));
  CHECK_FALSE(algorithms.uses(DigestType::Gost));
}

TEST_CASE("effort ends at its limits and says which") {
  Effort effort(2, 1);
  CHECK(effort.exceededText().empty());
  CHECK(effort.chargeSignature());
  CHECK(effort.chargeSignature());
  CHECK_FALSE(effort.exceeded());
  CHECK(effort.chargeHash());
  CHECK_FALSE(effort.chargeHash());
  CHECK(effort.exceededText() == "max-nsec3-hash-computations-per-query (1)");
  CHECK_FALSE(effort.chargeSignature());
  CHECK(effort.exceededText() == "max-signature-validations-per-query (2)");
  CHECK(effort.signatures() == 2);
  Effort open(0, 0);
  for (int i = 0; i < 1000; ++i) {
    REQUIRE(open.chargeSignature());
  }
}
