// The makers of the kinds of keys, one file each: RSA, ECDSA, EdDSA. Called by PublicKey::parse only. Null when the key
// is malformed. `key` is the key field of a DNSKEY.
#pragma once

#include "lib/dnssec/digest.hh"
#include "lib/dnssec/publickey.hh"

namespace dnssec {

constexpr std::size_t kMinRsaBits = 512, kMaxRsaBits = 4096; // RFC 3110 2, RFC 5702 2

[[nodiscard]] std::shared_ptr<PublicKey> parseRsaKey(Hash hash, Bytes key);
[[nodiscard]] std::shared_ptr<PublicKey> parseEcdsaKey(Algorithm algorithm, Bytes key,
                                                       std::shared_ptr<TableBudget> tables);
[[nodiscard]] std::shared_ptr<PublicKey> parseEddsaKey(Algorithm algorithm, Bytes key);

} // namespace dnssec
