// RSA keys (RFC 3110) and their signatures (RFC 5702). Of the crypto library's interfaces this takes RSA: it is the
// same under every security policy (some forbid SHA-1, which RSASHA1 needs) and keeps its Montgomery form between
// checks.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/err.h>
#include <openssl/obj_mac.h>
#include <openssl/rsa.h>

#include <algorithm>

#include "lib/dnssec/keytypes.hh"

namespace dnssec {
namespace {

struct FreeNumber {
  void operator()(BIGNUM* number) const { BN_free(number); }
};
struct FreeRsa {
  void operator()(RSA* rsa) const { RSA_free(rsa); }
};
using Number = std::unique_ptr<BIGNUM, FreeNumber>;
using Rsa = std::unique_ptr<RSA, FreeRsa>;

const unsigned char* raw(Bytes octets) { return reinterpret_cast<const unsigned char*>(octets.data()); }

Number readNumber(Bytes octets) { return Number(BN_bin2bn(raw(octets), static_cast<int>(octets.size()), nullptr)); }

int identifierOf(Hash hash) {
  switch (hash) {
  case Hash::Sha1: return NID_sha1;
  case Hash::Sha512: return NID_sha512;
  default: return NID_sha256;
  }
}

class RsaKey final : public PublicKey {
 public:
  RsaKey(Hash hash, Rsa rsa) : d_hash(hash), d_rsa(std::move(rsa)) {}

  [[nodiscard]] bool verify(std::span<const Bytes> data, Bytes signature) const override {
    const Digest hashed = digest(d_hash, data);
    const bool good =
        hashed.size != 0 && RSA_verify(identifierOf(d_hash), raw(hashed.bytes()), static_cast<unsigned>(hashed.size),
                                       raw(signature), static_cast<unsigned>(signature.size()), d_rsa.get()) == 1;
    if (!good) {
      ERR_clear_error();
    }
    return good;
  }

 private:
  Hash d_hash;
  Rsa d_rsa; // the crypto library locks what it adds to it
};

// The exponent in front of the modulus, its size in one octet, or in two after a zero (RFC 3110 2).
Bytes takeExponent(Bytes& key) {
  if (key.size() < 3) {
    return {};
  }
  const bool isLong = key[0] == std::byte{0};
  const std::size_t size = isLong ? std::to_integer<std::size_t>(key[1]) << 8 | std::to_integer<std::size_t>(key[2])
                                  : std::to_integer<std::size_t>(key[0]);
  key = key.subspan(isLong ? 3 : 1);
  if (size >= key.size()) {
    return {};
  }
  const Bytes exponent = key.first(size);
  key = key.subspan(size);
  return exponent;
}

// A check must stay cheap, whatever key its zone has made up: exponents end at 64 bits.
bool isSound(const BIGNUM* modulus, const BIGNUM* exponent) {
  const auto bits = static_cast<std::size_t>(BN_num_bits(modulus));
  return bits >= kMinRsaBits && bits <= kMaxRsaBits && BN_is_odd(modulus) == 1 && BN_is_odd(exponent) == 1 &&
         BN_is_one(exponent) == 0 && BN_num_bits(exponent) <= 64;
}

} // namespace

std::shared_ptr<PublicKey> parseRsaKey(Hash hash, Bytes key) {
  Number exponent = readNumber(takeExponent(key));
  Number modulus = readNumber(key.first(std::min(key.size(), kMaxRsaBits / 8 + 1)));
  Rsa rsa(RSA_new());
  if (!exponent || !modulus || !rsa || !isSound(modulus.get(), exponent.get()) ||
      RSA_set0_key(rsa.get(), modulus.get(), exponent.get(), nullptr) != 1) {
    ERR_clear_error();
    return nullptr;
  }
  static_cast<void>(modulus.release()); // the key's now
  static_cast<void>(exponent.release());
  return std::make_shared<RsaKey>(hash, std::move(rsa));
}

} // namespace dnssec
