// PolicyVerdict: what a block list, a response policy zone or a script decides about a question or an answer, and
// PolicySource: which list or zone it was. Plain data; verdict.cc has the words for it. Nothing here looks anything up.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "lib/dns/edns.hh"
#include "lib/dns/rrset.hh"

namespace rec {

class RuleHits;

// PowerDNS's pdns.policykinds, and Refused.
enum class PolicyAction : std::uint8_t {
  None,     // nothing matched
  NoAction, // passthru: this question is exempt
  Drop,
  NXDomain,
  NoData,
  Truncate, // over UDP: ask again over TCP; over TCP nothing happens
  Custom,   // records of its own
  Refused
};

// PowerDNS's pdns.policytypes: what a rule looks at.
enum class PolicyTrigger : std::uint8_t { None, ClientIp, QName, NsDName, NsIp, ResponseIp };

// How often the rules of a source decided. Written by all workers.
struct PolicyHits {
  std::atomic<std::uint64_t> applied{0};
  std::atomic<std::uint64_t> shadowed{0}; // would have decided, but only looks on
};

// What the operator called a list or zone, shared by all its verdicts. Immutable.
struct PolicySource {
  std::string name;
  std::set<std::string> tags;                                        // the question has them when a rule decided
  std::optional<dns::ExtendedError> error;                           // for the answer (RFC 8914 4.16 to 4.18)
  std::uint32_t priority = 0;                                        // the lowest number decides
  bool shadow = false;                                               // counted, not applied
  bool overridesGettag = true;                                       // over what gettag answered itself
  std::optional<dns::RRset> soa;                                     // includeSOA: goes into the additional section
  std::shared_ptr<PolicyHits> hits = std::make_shared<PolicyHits>(); // kept when the source is loaded again
  std::shared_ptr<RuleHits> ruleHits;                                // null: hits are not counted rule by rule
};
using PolicySourcePtr = std::shared_ptr<const PolicySource>;

struct PolicyVerdict {
  PolicyAction action = PolicyAction::None;
  PolicyTrigger type = PolicyTrigger::None;
  bool variable = false;  // another client, or another time, may get another verdict: also when nothing matched
  PolicySourcePtr source; // null: a script's own
  std::string trigger;    // the rule as written
  std::string hit;        // the name or address that it matched
  std::uint32_t ttl = 0;  // for how long an answer without records may be kept
  std::optional<dns::RRset> denial;      // NXDomain, NoData: the SOA by which clients may keep it (RFC 2308 5)
  std::vector<dns::RRset> custom;        // Custom: owners are replaced by the name asked; a CNAME is followed
  std::vector<PolicySourcePtr> shadowed; // those that would have decided before

  [[nodiscard]] bool matched() const { return action != PolicyAction::None; }
  // Only sources of a lower priority number may override it.
  [[nodiscard]] std::uint32_t openBefore() const {
    if (!matched()) return std::numeric_limits<std::uint32_t>::max();
    return source ? source->priority : 0;
  }
};

// "NXDOMAIN", "passthru", as `rec_control explain` and logs write them.
[[nodiscard]] std::string_view text(PolicyAction action);
// "QName", "ClientIP", ...
[[nodiscard]] std::string_view text(PolicyTrigger trigger);

} // namespace rec
