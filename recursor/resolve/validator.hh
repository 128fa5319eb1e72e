// Validator: judges what a look-up brought (RFC 4035 5): secure, insecure or bogus, and why. Looks at signatures and
// proofs with the keys that TrustChain has, asks another server of the zone when one gave bad data, writes the verdict
// into the caches, and feeds validated denials to the aggressive cache (RFC 8198).
#pragma once

#include "recursor/resolve/lookup.hh"
#include "recursor/resolve/parts.hh"
#include "recursor/resolve/trustchain.hh"

namespace rec {

class Validator {
 public:
  Validator(ResolveParts& parts, Lookups& lookups, TrustChain& chain)
      : d_parts(parts), d_lookups(lookups), d_chain(chain) {}

  // The look-up of `question`, judged: `security` is set, TTLs are capped, `errors` say what is to be said. Another
  // look-up, when the first was bogus and another server has a better one.
  coro::Task<LookupPtr> validate(dns::Question question, LookupPtr lookup, Walk& walk);

 private:
  struct Judgement {
    Security security = Security::Indeterminate;
    dnssec::Finding finding;
    std::vector<dns::ExtendedError> errors; // when servers, not data, are to blame
    bool waived = false;
    bool limited = false;
    bool outdated =
        false;           // the anchors changed or the caches were wiped meanwhile: this client's answer, nobody else's
    bool ofZone = false; // the zone's keys are to blame, not this answer: other servers of it will not do better
  };

  coro::Task<Judgement> judge(dns::Question question, Lookup& lookup, Walk& walk);
  coro::Task<Judgement> judgeRecords(Lookup& lookup, Walk& walk);
  coro::Task<Judgement> judgeSet(Lookup& lookup, std::size_t index, Walk& walk);
  coro::Task<Judgement> judgeDenial(dns::Question question, Lookup& lookup, Walk& walk);
  coro::Task<ZoneTrustPtr> trustFor(dns::Name name, dns::RRType type, std::optional<dns::Name> signer, Walk& walk);

  [[nodiscard]] Judgement checkSet(Lookup& lookup, std::size_t index, const ZoneTrust& trust, Walk& walk);
  [[nodiscard]] Judgement checkWildcard(Lookup& lookup, AgedRRset& made, std::size_t labels, const ZoneTrust& trust,
                                        Walk& walk);
  [[nodiscard]] Judgement checkDenial(const dns::Question& question, Lookup& lookup, const ZoneTrust& trust,
                                      Walk& walk);
  static Judgement fromDenial(dnssec::Denial denial, const dnssec::Finding& here, const dnssec::Finding& fault,
                              const Walk& walk);
  static Judgement fromTrust(const ZoneTrust& trust);
  void learn(const ZoneProofs::Proofs& proofs, const dns::Name& zone, std::uint32_t most);
  [[nodiscard]] bool isLate(const Walk& walk) const;
  void settle(const dns::Question& question, Lookup& lookup, const Judgement& judgement, const Walk& walk);
  void keepForSubnet(const Lookup& lookup, Security security, const dns::Question& question, bool prolongs);
  void keepVerdict(const dns::Question& question, const Lookup& lookup, Security security, bool renewing);
  void count(const dns::Question& question, const Judgement& judgement);
  void note(const dns::Question& question, const Judgement& judgement, const Walk& walk) const;

  ResolveParts& d_parts;
  Lookups& d_lookups;
  TrustChain& d_chain;
};

} // namespace rec
