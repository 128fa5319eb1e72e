// Forwarder: resolves one name and type by asking the recursive servers that a forward-zones-recurse rule names, one
// after the other. Their answers are believed within the rule's zone only and cached as not authoritative.
#pragma once

#include "recursor/resolve/asker.hh"
#include "recursor/resolve/lookup.hh"
#include "recursor/resolve/parts.hh"

namespace rec {

class Forwarder {
 public:
  Forwarder(ResolveParts& parts, Asker& asker) : d_parts(parts), d_asker(asker) {}
  coro::Task<Lookup> lookup(dns::Question question, DelegationPtr servers, Walk& walk);

 private:
  ResolveParts& d_parts;
  Asker& d_asker;
};

// The servers of a rule as a delegation that never expires.
[[nodiscard]] DelegationPtr toDelegation(const ForwardRule& rule);

} // namespace rec
