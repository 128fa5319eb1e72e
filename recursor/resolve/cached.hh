// Cached answers: what the shared caches know about one name and type. No waiting, no upstream.
#pragma once

#include <optional>

#include "recursor/resolve/lookup.hh"
#include "recursor/resolve/parts.hh"

namespace rec {

struct CachedQuery {
  bool allowStale = false;
  bool failuresToo = true; // RFC 9520: a remembered failure is an answer, too
  bool acceptBogus = true; // data that failed validation, too
  Rank minimum = Rank::AnswerNonAuth;
  const base::Netmask* subnet = nullptr; // the client's, if servers are told: what is for its network only, first
  bool noRecords = false;                // neither the records nor an alias are there, which was looked for just now
  unsigned renew = 0;                    // what has at most so many percent of its TTL left is as good as expired
};

// In this order: the records, an alias at the name, a denial, a DNAME above, what validated denials of other names
// prove (RFC 8198), a remembered failure.
[[nodiscard]] std::optional<Lookup> findCached(const Caches& caches, const ResolveOptions& options,
                                               const dns::Question& question, base::WallTime now,
                                               const CachedQuery& query = {});

} // namespace rec
