// LookupKeySource: asks the zones of trust anchors for their keys through a worker's own look-ups, past the caches and
// without validation: the follower of trust anchors judges by itself. One per worker; used by the first one's.
#pragma once

#include "recursor/resolve/lookup.hh"
#include "recursor/resolve/parts.hh"
#include "recursor/trust/anchorfollower.hh"

namespace rec {

class LookupKeySource final : public KeySource {
 public:
  LookupKeySource(ResolveParts& parts, Lookups& lookups) : d_parts(parts), d_lookups(lookups) {}
  coro::Task<dns::RRset> dnskeys(dns::Name zone) override;
  coro::Task<void> signal(dns::Name name) override;

 private:
  [[nodiscard]] Walk newWalk() const;
  ResolveParts& d_parts;
  Lookups& d_lookups;
};

} // namespace rec
