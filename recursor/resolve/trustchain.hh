// TrustChain: follows the chain of trust from an anchor down to a zone (RFC 4035 5): DS at the parent, DNSKEY at the
// child, proofs of insecurity. Looks up what is missing, asks other servers when one gave bad data, and keeps what it
// concluded in ZoneTrusts. Equal questions of a worker are merged. Never judges answers: that is the validator's work.
#pragma once

#include "lib/coro/inflight.hh"
#include "lib/dnssec/keyset.hh"
#include "recursor/resolve/lookup.hh"
#include "recursor/resolve/parts.hh"
#include "recursor/resolve/zoneproofs.hh"

namespace rec {

class TrustChain {
 public:
  TrustChain(ResolveParts& parts, Lookups& lookups);

  // The trust of the zone that begins at `zone`; when no zone begins there, that of the zone it is in (see
  // ZoneTrust::zone). Never null.
  coro::Task<ZoneTrustPtr> of(dns::Name zone, Walk& walk);
  // The trust of the zone that `name` is in, as far down as a secure chain goes: the deepest secure zone, or the first
  // one on the way that is insecure or bogus. For names whose data says nothing of who signed it.
  coro::Task<ZoneTrustPtr> enclosing(dns::Name name, Walk& walk);
  // A referral to a zone without DS: concludes that it is insecure if that can be seen without asking anybody, and then
  // forgets the proofs.
  void settle(Delegation& cut, Walk& walk);

  [[nodiscard]] const AnchorSnapshot& anchors() { return d_anchors.current(); }
  [[nodiscard]] const ZoneProofs& proofs() const { return d_proofs; }

 private:
  static constexpr std::uint32_t kBogusTtl = 30; // seconds that a zone is believed bogus
  using Flights = coro::InFlight<dns::Name, ZoneTrustPtr, dns::NameHash>;

  coro::Task<ZoneTrustPtr> build(dns::Name zone, std::shared_ptr<Work> work, std::shared_ptr<Trace> trace,
                                 unsigned depth);
  coro::Task<ZoneTrustPtr> fromParent(dns::Name zone, Walk& walk);
  coro::Task<ZoneTrustPtr> fromDsAnswer(dns::Name zone, LookupPtr answer, Walk& walk);
  coro::Task<ZoneTrustPtr> fromKeys(dns::Name zone, dns::RRset ds, std::uint32_t ttl, Walk& walk);
  coro::Task<ZoneTrustPtr> fromCut(DelegationPtr cut, Walk& walk);
  [[nodiscard]] std::uint32_t secondsLeft(base::WallTime until) const;
  [[nodiscard]] DelegationPtr cutAt(const dns::Name& zone) const;
  [[nodiscard]] ZoneTrustPtr keep(ZoneTrust trust, std::uint32_t ttl, const Walk& walk) const;
  // Keys or DS could not be had.
  [[nodiscard]] ZoneTrustPtr keepFailure(const dns::Name& zone, const Lookup& answer, const Walk& walk) const;
  [[nodiscard]] ZoneTrustPtr inherit(const dns::Name& zone, const ZoneTrustPtr& above, const Walk& walk) const;
  [[nodiscard]] Walk stepInto(const Walk& walk) const;
  void note(const Walk& walk, const ZoneTrust& trust) const;

  ResolveParts& d_parts;
  Lookups& d_lookups;
  ZoneProofs d_proofs;
  AnchorReader d_anchors;
  Flights d_flights;
};

} // namespace rec
