// The almost inverse (Kaliski 1995): greatest common divisor by subtracting and halving, without reducing on the way,
// and one multiplication by a power of 1/2 at the end. Throughout, with m the modulus and a the number:
//   u*s + v*r = m, hence r and s never outgrow 256 bits;  a*r = -sign*u*2^k,  a*s = sign*v*2^k  (mod m).
#include "lib/dnssec/modularinverse.hh"

#include <array>
#include <bit>
#include <cstdint>
#include <utility>

namespace dnssec {
namespace {

constexpr std::size_t kLimbs = 4, kOctets = 32, kMostHalvings = 512;
using Limbs = std::array<std::uint64_t, kLimbs>; // the lowest first

Limbs fromNumber(const BIGNUM* number) {
  std::array<unsigned char, kOctets> octets{};
  Limbs out{};
  if (BN_bn2lebinpad(number, octets.data(), kOctets) != static_cast<int>(kOctets)) {
    return out;
  }
  for (std::size_t i = 0; i < kOctets; ++i) {
    out[i / 8] |= std::uint64_t{octets[i]} << (8 * (i % 8));
  }
  return out;
}

bool toNumber(const Limbs& limbs, BIGNUM* out) {
  std::array<unsigned char, kOctets> octets;
  for (std::size_t i = 0; i < kOctets; ++i) {
    octets[i] = static_cast<unsigned char>(limbs[i / 8] >> (8 * (i % 8)));
  }
  return BN_lebin2bn(octets.data(), kOctets, out) != nullptr;
}

bool isZero(const Limbs& a) { return (a[0] | a[1] | a[2] | a[3]) == 0; }

bool isLess(const Limbs& a, const Limbs& b) {
  for (std::size_t i = kLimbs; i-- > 0;) {
    if (a[i] != b[i]) {
      return a[i] < b[i];
    }
  }
  return false;
}

void add(Limbs& a, const Limbs& b) {
  std::uint64_t carry = 0;
  for (std::size_t i = 0; i < kLimbs; ++i) {
    const std::uint64_t partial = a[i] + carry;
    carry = partial < carry ? 1 : 0;
    a[i] = partial + b[i];
    carry += a[i] < partial ? 1 : 0;
  }
}

void subtract(Limbs& a, const Limbs& b) {
  std::uint64_t borrow = 0;
  for (std::size_t i = 0; i < kLimbs; ++i) {
    const std::uint64_t partial = a[i] - b[i];
    const std::uint64_t under = a[i] < b[i] ? 1 : 0;
    a[i] = partial - borrow;
    borrow = under | (partial < borrow ? 1U : 0U);
  }
}

// By 1 to 63 bits.
void halve(Limbs& a, unsigned bits) {
  for (std::size_t i = 0; i + 1 < kLimbs; ++i) {
    a[i] = a[i] >> bits | a[i + 1] << (64 - bits);
  }
  a[kLimbs - 1] >>= bits;
}

void twice(Limbs& a, unsigned bits) {
  for (std::size_t i = kLimbs - 1; i > 0; --i) {
    a[i] = a[i] << bits | a[i - 1] >> (64 - bits);
  }
  a[0] <<= bits;
}

struct Almost {
  Limbs r{};
  std::size_t halvings = 0; // k
  bool negative = true;     // 1/a is -r/2^k
};

Almost almostInverse(Limbs u, Limbs v) {
  Almost out;
  Limbs& r = out.r;
  Limbs s = {1, 0, 0, 0};
  while (!isZero(v) && out.halvings <= kMostHalvings) {
    while ((v[0] & 1U) == 0) {
      const unsigned bits = v[0] == 0 ? 63U : static_cast<unsigned>(std::countr_zero(v[0]));
      halve(v, bits);
      twice(r, bits);
      out.halvings += bits;
    }
    if (isLess(v, u)) {
      std::swap(u, v);
      std::swap(r, s);
      out.negative = !out.negative;
    }
    subtract(v, u);
    add(s, r);
  }
  return out;
}

} // namespace

ModularInverse::ModularInverse(const BIGNUM* modulus) : d_modulus(BN_dup(modulus)) {
  BIGNUM* power = BN_new();
  bool good = power != nullptr && d_modulus != nullptr && BN_one(power) == 1;
  for (std::size_t k = 0; good && k <= kMostHalvings; ++k) {
    d_halves.push_back(BN_dup(power));
    good = d_halves.back() != nullptr && (BN_is_odd(power) == 0 || BN_add(power, power, d_modulus) == 1) &&
           BN_rshift1(power, power) == 1;
  }
  BN_free(power);
}

ModularInverse::~ModularInverse() {
  for (BIGNUM* power : d_halves) {
    BN_free(power);
  }
  BN_free(d_modulus);
}

bool ModularInverse::invert(BIGNUM* out, const BIGNUM* number, BN_CTX* context) const {
  const Almost almost = almostInverse(fromNumber(d_modulus), fromNumber(number));
  if (almost.halvings >= d_halves.size() || !toNumber(almost.r, out)) {
    return false;
  }
  bool good = BN_mod_mul(out, out, d_halves[almost.halvings], d_modulus, context) == 1 &&
              (!almost.negative || BN_sub(out, d_modulus, out) == 1);
  BN_CTX_start(context);
  BIGNUM* product = BN_CTX_get(context);
  good = good && product != nullptr && BN_mod_mul(product, out, number, d_modulus, context) == 1 &&
         BN_is_one(product) == 1;
  BN_CTX_end(context);
  return good;
}

} // namespace dnssec
