// RSA keys (RFC 3110) and their signatures (RFC 5702). The padding (RFC 8017 9.2) is compared as a whole and the power
// is computed with the big numbers themselves: cheaper than the general interface, and the same under every security
// policy (some forbid SHA-1, which RSASHA1 needs).
#include <openssl/bn.h>
#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <bit>

#include "lib/dnssec/keytypes.hh"

namespace dnssec {
namespace {

struct FreeNumber {
  void operator()(BIGNUM* number) const { BN_free(number); }
};
struct FreeMontgomery {
  void operator()(BN_MONT_CTX* context) const { BN_MONT_CTX_free(context); }
};
struct FreeScratch {
  void operator()(BN_CTX* scratch) const { BN_CTX_free(scratch); }
};
using Number = std::unique_ptr<BIGNUM, FreeNumber>;
using Montgomery = std::unique_ptr<BN_MONT_CTX, FreeMontgomery>;

BN_CTX* scratch() {
  thread_local const std::unique_ptr<BN_CTX, FreeScratch> context(BN_CTX_new());
  return context.get();
}

// Numbers out of the thread's scratch, given back at the end of the block.
class Frame {
 public:
  Frame() { BN_CTX_start(scratch()); }
  ~Frame() { BN_CTX_end(scratch()); }
  Frame(const Frame&) = delete;
  Frame& operator=(const Frame&) = delete;
  [[nodiscard]] BIGNUM* number() const { return BN_CTX_get(scratch()); }
};

const unsigned char* raw(Bytes octets) { return reinterpret_cast<const unsigned char*>(octets.data()); }

// The DER of DigestInfo in front of the hash (RFC 8017 9.2, note 1).
Bytes digestInfo(Hash hash) {
  static constexpr std::array<unsigned char, 15> sha1 = {0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2B, 0x0E,
                                                         0x03, 0x02, 0x1A, 0x05, 0x00, 0x04, 0x14};
  static constexpr std::array<unsigned char, 19> sha256 = {0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                                           0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};
  static constexpr std::array<unsigned char, 19> sha512 = {0x30, 0x51, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                                           0x65, 0x03, 0x04, 0x02, 0x03, 0x05, 0x00, 0x04, 0x40};
  switch (hash) {
  case Hash::Sha1: return std::as_bytes(std::span(sha1));
  case Hash::Sha512: return std::as_bytes(std::span(sha512));
  default: return std::as_bytes(std::span(sha256));
  }
}

// 00 01 FF .. FF 00 DigestInfo hash, with at least eight FF.
bool isPadded(Bytes block, Hash hash, Bytes hashed) {
  const Bytes info = digestInfo(hash);
  const std::size_t tail = info.size() + hashed.size();
  if (hashed.empty() || block.size() < tail + 11) {
    return false;
  }
  const Bytes fill = block.subspan(2, block.size() - tail - 3);
  return block[0] == std::byte{0} && block[1] == std::byte{1} &&
         std::ranges::all_of(fill, [](std::byte octet) { return octet == std::byte{0xFF}; }) &&
         block[fill.size() + 2] == std::byte{0} && std::ranges::equal(block.last(tail).first(info.size()), info) &&
         std::ranges::equal(block.last(hashed.size()), hashed);
}

class RsaKey final : public PublicKey {
 public:
  RsaKey(Hash hash, Number modulus, Montgomery montgomery, std::uint64_t exponent)
      : d_hash(hash), d_modulus(std::move(modulus)), d_montgomery(std::move(montgomery)), d_exponent(exponent),
        d_size(static_cast<std::size_t>(BN_num_bytes(d_modulus.get()))) {}

  [[nodiscard]] bool verify(std::span<const Bytes> data, Bytes signature) const override {
    if (signature.size() != d_size) {
      return false;
    }
    std::array<std::byte, kMaxRsaBits / 8> block;
    if (!recover(signature, std::span(block).first(d_size))) {
      ERR_clear_error();
      return false;
    }
    return isPadded(std::span(block).first(d_size), d_hash, digest(d_hash, data).bytes());
  }

 private:
  [[nodiscard]] bool recover(Bytes signature, std::span<std::byte> out) const {
    const Frame frame;
    BIGNUM* base = frame.number();
    BIGNUM* power = frame.number();
    BIGNUM* inside = frame.number();
    return inside != nullptr && BN_bin2bn(raw(signature), static_cast<int>(signature.size()), base) != nullptr &&
           BN_ucmp(base, d_modulus.get()) < 0 && raise(base, inside, power) &&
           BN_bn2binpad(power, reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(out.size())) > 0;
  }
  // power = base ^ exponent, from the exponent's highest bit down. The exponent is odd: its last multiplication, by the
  // base outside of Montgomery form, brings the result out of it too.
  bool raise(const BIGNUM* base, BIGNUM* inside, BIGNUM* power) const {
    BN_MONT_CTX* montgomery = d_montgomery.get();
    bool good = BN_to_montgomery(inside, base, montgomery, scratch()) == 1 && BN_copy(power, inside) != nullptr;
    for (int bit = static_cast<int>(std::bit_width(d_exponent)) - 2; good && bit >= 0; --bit) {
      good = BN_mod_mul_montgomery(power, power, power, montgomery, scratch()) == 1;
      if (good && (d_exponent >> bit & 1U) != 0) {
        good = BN_mod_mul_montgomery(power, power, bit == 0 ? base : inside, montgomery, scratch()) == 1;
      }
    }
    return good;
  }

  Hash d_hash;
  Number d_modulus;
  Montgomery d_montgomery; // only read after it was made
  std::uint64_t d_exponent;
  std::size_t d_size;
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

// 0 when it has more than 64 bits.
std::uint64_t toInteger(Bytes octets) {
  std::uint64_t value = 0;
  for (const std::byte octet : octets) {
    if (value >> 56 != 0) {
      return 0;
    }
    value = value << 8 | std::to_integer<std::uint64_t>(octet);
  }
  return value;
}

} // namespace

std::shared_ptr<PublicKey> parseRsaKey(Hash hash, Bytes key) {
  const std::uint64_t exponent = toInteger(takeExponent(key));
  if (exponent < 3 || exponent % 2 == 0 || key.size() > kMaxRsaBits / 8 + 1 || scratch() == nullptr) {
    return nullptr;
  }
  Number modulus(BN_bin2bn(raw(key), static_cast<int>(key.size()), nullptr));
  Montgomery montgomery(BN_MONT_CTX_new());
  const auto bits = modulus ? static_cast<std::size_t>(BN_num_bits(modulus.get())) : 0;
  if (bits < kMinRsaBits || bits > kMaxRsaBits || BN_is_odd(modulus.get()) == 0 || !montgomery ||
      BN_MONT_CTX_set(montgomery.get(), modulus.get(), scratch()) != 1) {
    ERR_clear_error();
    return nullptr;
  }
  return std::make_shared<RsaKey>(hash, std::move(modulus), std::move(montgomery), exponent);
}

} // namespace dnssec
