// TSIG: messages signed with a secret that both sides share (RFC 8945). Pure: the caller has the message, the time and
// the key. Used for zone transfers and NOTIFYs.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "lib/base/clock.hh"
#include "lib/base/result.hh"
#include "lib/dns/name.hh"

namespace dnssec {

enum class TsigAlgorithm : std::uint8_t { Md5, Sha1, Sha224, Sha256, Sha384, Sha512 };

// "hmac-sha256", also "hmac-md5" and "hmac-md5.sig-alg.reg.int"; case-insensitive, with or without a dot at the end.
[[nodiscard]] std::optional<TsigAlgorithm> parseTsigAlgorithm(std::string_view text);

struct TsigKey {
  dns::Name name;
  TsigAlgorithm algorithm = TsigAlgorithm::Sha256;
  std::vector<std::byte> secret;

  // The secret in Base64 (RFC 4648 4).
  static base::Result<TsigKey> make(std::string_view name, std::string_view algorithm, std::string_view secret);
  friend bool operator==(const TsigKey&, const TsigKey&) = default;
};

using TsigMac = std::vector<std::byte>;

// Appends a TSIG record to the message and gives its MAC. `requestMac`: that of the question which this answers. The
// message must have no TSIG. Throws when the crypto library cannot do the algorithm.
TsigMac signTsig(const TsigKey& key, std::vector<std::byte>& message, base::WallTime now,
                 std::span<const std::byte> requestMac = {});

[[nodiscard]] bool hasTsig(std::span<const std::byte> message); // whether the last record is one
// The key's name that the message is signed with, if it is.
[[nodiscard]] std::optional<dns::Name> tsigKeyName(std::span<const std::byte> message);

// A question, or NOTIFY, as somebody else sent it: its MAC when it is signed with this key, else what is wrong.
base::Result<TsigMac> verifyTsig(const TsigKey& key, std::span<const std::byte> message, base::WallTime now);

// The answer to one signed question, in one or many messages (RFC 8945 5.3.1): the first and the last are signed, and
// so is at least every hundredth between them.
class TsigAnswer {
 public:
  TsigAnswer(TsigKey key, TsigMac requestMac) : d_key(std::move(key)), d_prior(std::move(requestMac)) {}
  base::Result<void> take(std::span<const std::byte> message, base::WallTime now);
  [[nodiscard]] bool lastWasSigned() const { return d_started && d_unsigned == 0; }

 private:
  TsigKey d_key;
  TsigMac d_prior;
  bool d_started = false;
  unsigned d_unsigned = 0;
  std::vector<std::byte> d_pending; // messages without a signature since the last one with
};

} // namespace dnssec
