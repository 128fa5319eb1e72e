// The hash of NSEC3. Names and salts are short, so nearly every round is one block of SHA-1: padded once, then only its
// first 20 octets change. The library's block function is called directly, which spares the set-up of a digest
// context, dearer than the hash itself.
#define OPENSSL_SUPPRESS_DEPRECATED // SHA1_Init, SHA1_Transform
#include "lib/dnssec/nsec3hash.hh"

#include <cstring>
#include <openssl/sha.h>

#include "lib/dns/fold.hh"

namespace dnssec {
namespace {

constexpr std::size_t kBlock = SHA_CBLOCK;
constexpr std::size_t kDigest = SHA_DIGEST_LENGTH;
constexpr std::size_t kMaxSalt = 255;
constexpr std::size_t kMaxBlocks = (dns::kMaxNameSize + kMaxSalt + 9 + kBlock - 1) / kBlock;

void putBig(std::byte* at, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    at[i] = static_cast<std::byte>(value >> (8 * (size - 1 - i)));
  }
}

// A message of SHA-1 with its padding (FIPS 180-4 5.1.1), the last octets of which are the salt.
class Padded {
 public:
  // The first `size` octets of the message are in place already.
  void finish(std::size_t size, Bytes salt) {
    if (!salt.empty()) {
      std::memcpy(d_data.data() + size, salt.data(), salt.size());
    }
    const std::size_t whole = size + salt.size();
    d_blocks = (whole + 9 + kBlock - 1) / kBlock;
    std::memset(d_data.data() + whole, 0, d_blocks * kBlock - whole);
    d_data[whole] = std::byte{0x80};
    putBig(d_data.data() + d_blocks * kBlock - 8, whole * 8, 8);
  }
  void digestTo(std::byte* out) const {
    SHA_CTX context;
    SHA1_Init(&context);
    for (std::size_t i = 0; i < d_blocks; ++i) {
      SHA1_Transform(&context, reinterpret_cast<const unsigned char*>(d_data.data() + i * kBlock));
    }
    for (const SHA_LONG word : {context.h0, context.h1, context.h2, context.h3, context.h4}) {
      putBig(out, word, 4);
      out += 4;
    }
  }
  [[nodiscard]] std::byte* data() { return d_data.data(); }

 private:
  std::array<std::byte, kMaxBlocks * kBlock> d_data;
  std::size_t d_blocks = 0;
};

int hexDigit(char c) { // RFC 4648 7
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'v') return c - 'a' + 10;
  return c >= 'A' && c <= 'V' ? c - 'A' + 10 : -1;
}

} // namespace

Nsec3Hash nsec3Hash(const dns::Name& name, std::uint16_t iterations, Bytes salt) {
  salt = salt.first(std::min(salt.size(), kMaxSalt)); // its size is one octet in the record
  Padded message;
  std::byte* to = message.data();
  for (const std::byte octet : name.wire()) {
    *to++ = dns::fold(octet); // RFC 5155 5: canonical form
  }
  Nsec3Hash hash;
  message.finish(name.wireSize(), salt);
  message.digestTo(hash.data());
  if (iterations == 0) {
    return hash;
  }
  message.finish(kDigest, salt);
  for (unsigned i = 0; i < iterations; ++i) {
    std::memcpy(message.data(), hash.data(), kDigest);
    message.digestTo(hash.data());
  }
  return hash;
}

std::optional<Nsec3Hash> ownerHash(const dns::Name& owner) {
  constexpr std::size_t kLabel = 32; // 160 bits, five in each character
  if (owner.isRoot() || owner.label(0).size() != kLabel) {
    return std::nullopt;
  }
  Nsec3Hash hash;
  std::size_t at = 0;
  unsigned bits = 0, held = 0;
  for (const char c : owner.label(0)) {
    const int digit = hexDigit(c);
    if (digit < 0) {
      return std::nullopt;
    }
    bits = (bits << 5 | static_cast<unsigned>(digit)) & 0xFFFF;
    held += 5;
    if (held >= 8) {
      held -= 8;
      hash[at++] = static_cast<std::byte>(bits >> held);
    }
  }
  return hash;
}

std::optional<Nsec3Hash> toNsec3Hash(Bytes hash) {
  Nsec3Hash result;
  if (hash.size() != result.size()) {
    return std::nullopt;
  }
  std::memcpy(result.data(), hash.data(), result.size());
  return result;
}

} // namespace dnssec
