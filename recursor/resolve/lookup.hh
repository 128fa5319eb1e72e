// Lookup: the result of resolving one name and type, aliases not followed; and Lookups, the interface of whatever
// resolves one: the router, which knows the caches, local zones, the iterator and the forwarder.
#pragma once

#include <memory>
#include <vector>

#include "lib/coro/task.hh"
#include "recursor/cache/negcache.hh"
#include "recursor/resolve/resolver.hh"
#include "recursor/resolve/verdict.hh"
#include "recursor/resolve/walk.hh"

namespace rec {

enum class LookupKind : std::uint8_t { Records, Alias, NoData, NxDomain, Failed };

struct Lookup {
  LookupKind kind = LookupKind::Failed;
  AnswerKind source = AnswerKind::Iterated;
  std::vector<AgedRRset> records; // Records: the sets; Alias: DNAME and/or CNAME
  dns::Name target;               // Alias
  bool targetTooLong = false;     // Alias: YXDOMAIN
  Negative negative;              // NoData, NxDomain
  std::vector<dns::RRset> proofs; // Records, Alias from a wildcard: that nothing closer exists
  Security security = Security::Indeterminate;
  std::shared_ptr<const dns::Name> reportTo; // the agent that wants to hear of errors in this (RFC 9567)
  AnswerSource from;                         // empty: from a cache
  Rank rank = Rank::AnswerAuth;              // of the records, where they are cached
  bool authoritative = false;                // local data
  std::optional<SubnetScope> scope;          // for these clients only; nothing: for all
  bool varies = false;                       // for all, yet others get something else
  bool stale = false;
  bool brief = false;   // Failed: it may be over any moment, and is not for the packet cache
  bool limited = false; // bogus because the limits of this one question were reached: nobody else's failure
  std::vector<dns::ExtendedError> errors; // Failed: from the failure cache, or why it is bogus; else: what to say along
};

// A look-up on its way up: each coroutine that it passes would have room for several. Never null.
using LookupPtr = std::unique_ptr<Lookup>;

class Lookups {
 public:
  virtual ~Lookups() = default;
  // Caches first, then whoever is responsible for the name. `walk` must outlive the task.
  virtual coro::Task<LookupPtr> lookup(dns::Question question, Walk& walk) = 0;
};

} // namespace rec
