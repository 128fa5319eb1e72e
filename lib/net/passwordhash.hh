// Passwords as hashes (scrypt, RFC 7914, by OpenSSL) in the form "$scrypt$ln=10,p=1,r=8$salt$hash" (base64), as
// PowerDNS writes them; and comparing without telling by the time how much was right. Used by the web server and
// rec_control hash-password.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/result.hh"

namespace net {

constexpr std::uint64_t kDefaultWorkFactor = 1024; // N of RFC 7914: a power of two
constexpr std::uint64_t kMaxWorkFactor = 32768;    // 32 MB for each check with r=8

base::Result<std::string> hashPassword(std::string_view password, std::uint64_t workFactor = kDefaultWorkFactor);
[[nodiscard]] bool looksHashed(std::string_view text); // begins with "$scrypt$"

// What a client has to know: a password, or its hash.
class Credential {
 public:
  // The error says what is wrong with a hash. `hashing`: a plain text is kept as its hash only.
  static base::Result<Credential> make(std::string_view text, bool hashing);
  [[nodiscard]] bool matches(std::string_view given) const;

 private:
  std::string d_plain; // SHA-256 of a plain text; or else:
  std::string d_salt, d_hash;
  std::uint64_t d_work = 0, d_block = 0, d_parallel = 0;
};

[[nodiscard]] std::string toBase64(std::string_view octets);
base::Result<std::string> fromBase64(std::string_view text);

} // namespace net
