// How far a cached record is trusted: by where in a message it stood (RFC 2181 5.4.1) and by what validation said of
// it.
#pragma once

#include <cstdint>
#include <string_view>

namespace rec {

// Lowest first; data of a lower rank never replaces unexpired data of a higher one.
enum class Rank : std::uint8_t {
  Additional,    // additional section: never an answer to a client
  Referral,      // NS set and glue of a referral, from the parent side
  AuthorityAuth, // authority section of an authoritative answer
  AnswerNonAuth, // answer section without AA (forwarders)
  AnswerAuth,    // answer section of an authoritative answer
  Local          // zones loaded from files
};

// RFC 4035 4.3.
enum class Security : std::uint8_t { Indeterminate, Insecure, Secure, Bogus };

[[nodiscard]] std::string_view text(Rank rank);         // "answer"
[[nodiscard]] std::string_view text(Security security); // "Secure"

} // namespace rec
