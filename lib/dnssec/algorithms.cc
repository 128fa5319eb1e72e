// Names of algorithms and digests, and which of them this build can check.
#include "lib/dnssec/algorithms.hh"

#include <openssl/evp.h>

#include <charconv>

namespace dnssec {
namespace {

struct Row {
  Algorithm algorithm;
  std::string_view mnemonic;
};

// RFC 8624 and the IANA registry of DNS Security Algorithm Numbers.
constexpr Row kRows[] = {
    {Algorithm::RsaMd5, "RSAMD5"},
    {Algorithm::Dsa, "DSA"},
    {Algorithm::RsaSha1, "RSASHA1"},
    {Algorithm::DsaNsec3Sha1, "DSA-NSEC3-SHA1"},
    {Algorithm::RsaSha1Nsec3Sha1, "RSASHA1-NSEC3-SHA1"},
    {Algorithm::RsaSha256, "RSASHA256"},
    {Algorithm::RsaSha512, "RSASHA512"},
    {Algorithm::EccGost, "ECC-GOST"},
    {Algorithm::EcdsaP256Sha256, "ECDSAP256SHA256"},
    {Algorithm::EcdsaP384Sha384, "ECDSAP384SHA384"},
    {Algorithm::Ed25519, "ED25519"},
    {Algorithm::Ed448, "ED448"},
};

bool equalNoCase(std::string_view a, std::string_view b) {
  const auto upper = [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; };
  bool same = a.size() == b.size();
  for (std::size_t i = 0; same && i < a.size(); ++i) {
    same = upper(a[i]) == upper(b[i]);
  }
  return same;
}

// Some builds (FIPS) leave the Edwards curves out.
bool libraryVerifies(const char* name) {
  EVP_SIGNATURE* signature = EVP_SIGNATURE_fetch(nullptr, name, nullptr);
  EVP_SIGNATURE_free(signature);
  return signature != nullptr;
}

bool haveEd25519() {
  static const bool have = libraryVerifies("ED25519");
  return have;
}

bool haveEd448() {
  static const bool have = libraryVerifies("ED448");
  return have;
}

} // namespace

std::string text(Algorithm algorithm) {
  for (const Row& row : kRows) {
    if (row.algorithm == algorithm) {
      return std::string(row.mnemonic);
    }
  }
  return "ALG" + std::to_string(static_cast<unsigned>(algorithm));
}

std::string text(DigestType type) {
  switch (type) {
  case DigestType::Sha1: return "SHA1";
  case DigestType::Sha256: return "SHA256";
  case DigestType::Gost: return "GOST";
  case DigestType::Sha384: return "SHA384";
  }
  return "DIGEST" + std::to_string(static_cast<unsigned>(type));
}

std::optional<Algorithm> parseAlgorithm(std::string_view given) {
  for (const Row& row : kRows) {
    if (equalNoCase(row.mnemonic, given)) {
      return row.algorithm;
    }
  }
  if (given.size() > 3 && equalNoCase(given.substr(0, 3), "ALG")) {
    given.remove_prefix(3);
  }
  std::uint8_t value = 0;
  const auto [end, error] = std::from_chars(given.data(), given.data() + given.size(), value);
  const bool whole = error == std::errc{} && end == given.data() + given.size();
  return whole ? std::optional(static_cast<Algorithm>(value)) : std::nullopt;
}

Algorithms::Algorithms() {
  for (const Algorithm algorithm : {Algorithm::RsaSha1, Algorithm::RsaSha1Nsec3Sha1, Algorithm::RsaSha256,
                                    Algorithm::RsaSha512, Algorithm::EcdsaP256Sha256, Algorithm::EcdsaP384Sha384}) {
    d_algorithms.set(static_cast<std::size_t>(algorithm));
  }
  d_algorithms.set(static_cast<std::size_t>(Algorithm::Ed25519), haveEd25519());
  d_algorithms.set(static_cast<std::size_t>(Algorithm::Ed448), haveEd448());
  for (const DigestType type : {DigestType::Sha1, DigestType::Sha256, DigestType::Sha384}) {
    d_digests.set(static_cast<std::size_t>(type));
  }
}

} // namespace dnssec
