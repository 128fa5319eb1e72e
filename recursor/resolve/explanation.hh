// Explanation: why a name resolves and validates, or does not, as data: the outcome, and for each name of the chain of
// aliases what was found and the zones from the trust anchor down to it. Filled by Router, Validator and Explainer when
// somebody asks for it; printed elsewhere. A walk that nobody explains carries a null pointer.
#pragma once

#include <memory>
#include <vector>

#include "lib/dnssec/denial.hh"
#include "recursor/cache/zonetrusts.hh"
#include "recursor/resolve/lookup.hh"
#include "recursor/resolve/trace.hh"
#include "recursor/trust/trustanchors.hh"

namespace rec {

// One zone on the way from the anchor down.
struct ExplainedZone {
  dns::Name zone;
  dns::RRset anchor;              // DS set that is trusted without the parent's word; null: the parent's counts
  dns::RRset ds;                  // of the parent; null when it denies it or could not be asked
  std::vector<dns::RRset> proofs; // the NSEC or NSEC3 sets of that denial
  dnssec::Denial denial{};        // what they prove; only with proofs
  dns::RRset keys;                // DNSKEY as served; null when not had or of no interest
  ZoneTrustPtr trust;             // null: the zone's servers did not answer, so it was not asked for its keys
};

// One name of the chain of aliases.
struct ExplainedLink {
  dns::Question question;
  Lookup found; // as judged, with its data even when clients do not get it
  dnssec::Finding finding;
  bool isWaived = false; // by a negative trust anchor
  std::optional<std::pair<dns::Name, NegativeAnchor>> waiver;
  std::vector<ExplainedZone> zones; // from the anchor down; empty when no anchor is above
};

struct Explanation {
  dns::Question question;
  bool isFresh = false;     // the caches were not asked for the name
  bool isValidated = false; // false: dnssec=off
  base::WallTime now{};
  std::chrono::milliseconds took{0};
  Outcome outcome;
  std::vector<ExplainedLink> links;
  std::shared_ptr<Trace> trace;

  // Of the validation under way, until the link is complete.
  struct Verdict {
    dnssec::Finding finding;
    bool isWaived = false;
  };
  Verdict verdict;
  void add(const dns::Question& asked, const Lookup& found);
};

} // namespace rec
