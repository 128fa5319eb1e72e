// The words for ranks and validation states that dumps and traces print.
#include "recursor/cache/rank.hh"

namespace rec {

std::string_view text(Rank rank) {
  switch (rank) {
  case Rank::Additional: return "additional";
  case Rank::Referral: return "referral";
  case Rank::AuthorityAuth: return "authority";
  case Rank::AnswerNonAuth: return "answer-nonauth";
  case Rank::AnswerAuth: return "answer";
  case Rank::Local: return "local";
  }
  return "?";
}

std::string_view text(Security security) {
  switch (security) {
  case Security::Indeterminate: return "Indeterminate";
  case Security::Insecure: return "Insecure";
  case Security::Secure: return "Secure";
  case Security::Bogus: return "Bogus";
  }
  return "?";
}

} // namespace rec
