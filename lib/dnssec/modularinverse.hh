// The inverse of a number of at most 256 bits modulo an odd prime of the same size: a quarter of the time that the
// crypto library's general function takes. Not in constant time: for public numbers (signatures) only. Used by
// PointTable.
#pragma once

#include <openssl/bn.h>

#include <vector>

namespace dnssec {

class ModularInverse {
 public:
  explicit ModularInverse(const BIGNUM* modulus); // copied
  ~ModularInverse();
  ModularInverse(const ModularInverse&) = delete;
  ModularInverse& operator=(const ModularInverse&) = delete;
  // out = 1/number; false when it cannot be found (never for 0 < number < modulus). Any number of threads at once, with
  // a context each. The result is checked before it is given.
  [[nodiscard]] bool invert(BIGNUM* out, const BIGNUM* number, BN_CTX* context) const;

 private:
  BIGNUM* d_modulus;
  std::vector<BIGNUM*> d_halves; // 2^-k, for k of 0 to 512; empty when memory is short
};

} // namespace dnssec
