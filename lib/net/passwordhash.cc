// scrypt through OpenSSL: see passwordhash.hh.
#include "lib/net/passwordhash.hh"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include <array>
#include <bit>
#include <charconv>

#include "lib/base/random.hh"

namespace net {

namespace {

constexpr std::string_view kPrefix = "$scrypt$";
constexpr std::size_t kSaltSize = 16, kHashSize = 32;
constexpr std::uint64_t kBlockSize = 8, kParallel = 1;
constexpr std::uint64_t kMostMemory = 128U << 20; // of one check

// 128 * N * r, and a little (RFC 7914 2).
std::uint64_t memoryFor(std::uint64_t work, std::uint64_t block, std::uint64_t parallel) {
  return 128 * block * (work + parallel + 2);
}

base::Result<std::string> derive(std::string_view password, std::string_view salt, std::uint64_t work,
                                 std::uint64_t block, std::uint64_t parallel) {
  std::string hash(kHashSize, '\0');
  const int done = EVP_PBE_scrypt(password.data(), password.size(), reinterpret_cast<const unsigned char*>(salt.data()),
                                  salt.size(), work, block, parallel, memoryFor(work, block, parallel) + (1U << 20),
                                  reinterpret_cast<unsigned char*>(hash.data()), hash.size());
  if (done != 1) return base::Error{"scrypt failed"};
  return hash;
}

bool equal(std::string_view left, std::string_view right) {
  return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

// Of equal length whatever was given, so that comparing takes the same time.
std::string digest(std::string_view text) {
  std::string out(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         reinterpret_cast<unsigned char*>(out.data()));
  return out;
}

// Takes what stands before `end` off `rest`.
std::string_view takeUntil(std::string_view& rest, char end) {
  const std::size_t at = std::min(rest.find(end), rest.size());
  const std::string_view part = rest.substr(0, at);
  rest.remove_prefix(std::min(at + 1, rest.size()));
  return part;
}

bool readNumber(std::string_view text, std::string_view key, std::uint64_t& into) {
  if (!text.starts_with(key)) return false;
  text.remove_prefix(key.size());
  const auto read = std::from_chars(text.data(), text.data() + text.size(), into);
  return read.ec == std::errc() && read.ptr == text.data() + text.size();
}

} // namespace

bool looksHashed(std::string_view text) { return text.starts_with(kPrefix); }

std::string toBase64(std::string_view octets) {
  std::string out((octets.size() + 2) / 3 * 4 + 1, '\0');
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                      reinterpret_cast<const unsigned char*>(octets.data()), static_cast<int>(octets.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

// OpenSSL takes blanks around it and does not tell how much was padding; such text is refused here.
base::Result<std::string> fromBase64(std::string_view text) {
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  const std::string_view letters = text.substr(0, text.size() - padding);
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (text.size() % 4 != 0 || letters.find_first_not_of(kAlphabet) != std::string_view::npos) {
    return base::Error{"not base64"};
  }
  std::string out(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  if (size < 0) return base::Error{"not base64"};
  out.resize(static_cast<std::size_t>(size) - padding);
  return out;
}

base::Result<std::string> hashPassword(std::string_view password, std::uint64_t workFactor) {
  if (workFactor < 2 || workFactor > kMaxWorkFactor || !std::has_single_bit(workFactor)) {
    return base::Error{"the work factor is a power of two, up to " + std::to_string(kMaxWorkFactor)};
  }
  std::array<std::byte, kSaltSize> random{};
  base::randomBytes(random);
  const std::string_view salt(reinterpret_cast<const char*>(random.data()), random.size());
  const auto hash = derive(password, salt, workFactor, kBlockSize, kParallel);
  if (!hash) return hash.error();
  return std::string(kPrefix) + "ln=" + std::to_string(std::countr_zero(workFactor)) +
         ",p=" + std::to_string(kParallel) + ",r=" + std::to_string(kBlockSize) + "$" + toBase64(salt) + "$" +
         toBase64(*hash);
}

base::Result<Credential> Credential::make(std::string_view text, bool hashing) {
  Credential credential;
  if (!looksHashed(text) && !hashing) {
    credential.d_plain = digest(text);
    return credential;
  }
  const auto hashed = looksHashed(text) ? base::Result<std::string>(std::string(text)) : hashPassword(text);
  if (!hashed) return hashed.error();
  std::string_view rest = std::string_view(*hashed).substr(kPrefix.size());
  std::string_view numbers = takeUntil(rest, '$');
  std::uint64_t logWork = 0;
  const bool readable = readNumber(takeUntil(numbers, ','), "ln=", logWork) &&
                        readNumber(takeUntil(numbers, ','), "p=", credential.d_parallel) &&
                        readNumber(numbers, "r=", credential.d_block);
  const auto salt = fromBase64(takeUntil(rest, '$'));
  const auto hash = fromBase64(rest);
  if (!readable || !salt || !hash || hash->size() != kHashSize) {
    return base::Error{"not a hash of the form $scrypt$ln=10,p=1,r=8$salt$hash"};
  }
  const bool bounded = logWork >= 1 && logWork <= 20 && credential.d_block >= 1 && credential.d_block <= 64 &&
                       credential.d_parallel >= 1 && credential.d_parallel <= 16;
  credential.d_work = std::uint64_t{1} << (bounded ? logWork : 1);
  if (!bounded || memoryFor(credential.d_work, credential.d_block, credential.d_parallel) > kMostMemory) {
    return base::Error{"the hash asks for more work than is done for one"};
  }
  credential.d_salt = *salt;
  credential.d_hash = *hash;
  return credential;
}

bool Credential::matches(std::string_view given) const {
  if (d_hash.empty()) return equal(d_plain, digest(given));
  const auto hash = derive(given, d_salt, d_work, d_block, d_parallel);
  return hash && equal(*hash, d_hash);
}

} // namespace net
