// Chooses the kind of key by the DNSSEC algorithm and gives it its identity.
#include "lib/dnssec/publickey.hh"

#include <algorithm>

#include "lib/dnssec/keytypes.hh"

namespace dnssec {
namespace {

std::shared_ptr<PublicKey> parseAs(Algorithm algorithm, Bytes key, std::shared_ptr<TableBudget> tables) {
  switch (algorithm) {
  case Algorithm::RsaSha1:
  case Algorithm::RsaSha1Nsec3Sha1: return parseRsaKey(Hash::Sha1, key); // RFC 3110, RFC 5155 2
  case Algorithm::RsaSha256: return parseRsaKey(Hash::Sha256, key);
  case Algorithm::RsaSha512: return parseRsaKey(Hash::Sha512, key);
  case Algorithm::EcdsaP256Sha256:
  case Algorithm::EcdsaP384Sha384: return parseEcdsaKey(algorithm, key, std::move(tables));
  case Algorithm::Ed25519:
  case Algorithm::Ed448: return parseEddsaKey(algorithm, key);
  default: return nullptr;
  }
}

} // namespace

std::optional<PublicKey::Identity> PublicKey::identify(Algorithm algorithm, Bytes key) {
  const std::array<std::byte, 1> number = {static_cast<std::byte>(algorithm)};
  const std::array<Bytes, 2> pieces = {number, key};
  const Digest hash = digest(Hash::Sha256, pieces);
  Identity identity;
  if (hash.size != identity.size()) {
    return std::nullopt;
  }
  std::ranges::copy(hash.bytes(), identity.begin());
  return identity;
}

std::shared_ptr<const PublicKey> PublicKey::parse(Algorithm algorithm, Bytes key, std::shared_ptr<TableBudget> tables) {
  std::shared_ptr<PublicKey> parsed = parseAs(algorithm, key, std::move(tables));
  const auto identity = parsed ? identify(algorithm, key) : std::nullopt;
  if (!identity) {
    return nullptr;
  }
  parsed->d_identity = *identity;
  return parsed;
}

} // namespace dnssec
