// Explainer: completes an Explanation after its walk: the zones from the trust anchor down to each name, with the DS,
// the keys and the denials that led to what TrustChain concluded of them. Reads the caches first and asks for what they
// do not have. One per worker, used by its router.
#pragma once

#include "recursor/resolve/explanation.hh"
#include "recursor/resolve/parts.hh"
#include "recursor/resolve/trustchain.hh"

namespace rec {

class Explainer {
 public:
  Explainer(ResolveParts& parts, Lookups& lookups, TrustChain& chain)
      : d_parts(parts), d_lookups(lookups), d_chain(chain) {}

  // Ends at `deadline`, with what it has by then. `explanation` must outlive the task.
  coro::Task<void> followTrust(Explanation& explanation, base::MonoTime deadline);

 private:
  coro::Task<void> followLink(ExplainedLink& link, Walk& walk);
  coro::Task<void> addZone(ExplainedLink& link, dns::Name zone, bool isSilent, Walk& walk);
  coro::Task<void> findDs(ExplainedZone& zone, ZoneTrustPtr above, Walk& walk);
  coro::Task<void> findKeys(ExplainedZone& zone, Walk& walk);
  void takeDs(ExplainedZone& zone, const Lookup& answer, const ZoneTrust& above, Walk& walk) const;
  [[nodiscard]] DelegationPtr cutAt(const dns::Name& zone) const;
  [[nodiscard]] bool beginsZone(const dns::Name& name, const ExplainedLink& link) const;

  ResolveParts& d_parts;
  Lookups& d_lookups;
  TrustChain& d_chain;
};

} // namespace rec
