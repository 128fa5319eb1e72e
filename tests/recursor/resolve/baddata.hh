// What tests of validation do to answers on their way: signatures taken away, records bent, signatures expired.
#pragma once

#include "tests/recursor/resolve/signedworld.hh"

namespace rectest {

inline bool isBogus(const Result& result) {
  return result.outcome.rcode == dns::RCode::ServFail && result.outcome.security == rec::Security::Bogus;
}

inline void strip(dns::Message& into) { stripSignatures(into); }
inline void forge(dns::Message& into) {
  for (dns::RRset& set : into.answer) {
    set = forged(set);
  }
}
inline void expire(dns::Message& into, const SignedZone& by) {
  for (dns::RRset& set : into.answer) {
    set = by.signer().signedSet(set.withoutSignatures(), [](auto& fields) {
      fields.inception -= 864000;
      fields.expiration = fields.inception + 86400;
    });
  }
}

} // namespace rectest
