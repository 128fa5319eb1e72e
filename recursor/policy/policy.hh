// Policy: one set of block lists or one response policy zone, and Policies: all of them in their order. Immutable
// snapshots, looked into by all workers without a lock; looking has no side effect, hits are counted by whoever applies
// a verdict. PolicyBoard (policyboard.hh) has the current snapshot.
//
// The order of the questions, as PowerDNS asks them: client and name before resolving; name servers and their addresses
// while resolving; alias targets and addresses of the answer afterwards. At each step the source of the lowest priority
// number decides, and an earlier verdict (a passthru, say) is overridden only by a source that goes before it.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "lib/base/address.hh"
#include "lib/base/clock.hh"
#include "lib/dns/message.hh"
#include "recursor/policy/namebatch.hh"
#include "recursor/policy/policychange.hh"
#include "recursor/policy/verdict.hh"

namespace rec {

// Whom and what a verdict is about. Lives as long as the call.
struct PolicySubject {
  const base::Address& client;
  const dns::Question& question;
  bool tcp = false;
  base::WallTime now{};
  const std::set<std::string>* tags = nullptr;              // policy tags that gettag or a hit gave the question
  const std::set<std::string>* discardedPolicies = nullptr; // names of sources that have no say in this question
  std::uint32_t before = std::numeric_limits<std::uint32_t>::max(); // only sources with a lower priority number

  // Whether the source may decide here.
  [[nodiscard]] bool admits(const PolicySource& source) const {
    return source.priority < before && (discardedPolicies == nullptr || !discardedPolicies->contains(source.name));
  }
};

// Which kinds of rules there are: bit 1 << PolicyTrigger.
using PolicyTriggers = std::uint8_t;
[[nodiscard]] constexpr PolicyTriggers bitOf(PolicyTrigger trigger) {
  return static_cast<PolicyTriggers>(1U << static_cast<unsigned>(trigger));
}

// What a policy says of a name without a verdict being made: most names are not listed, and most that are get a denial
// and nothing else.
struct NameGlance {
  enum class Kind : std::uint8_t {
    Nothing, // onName() would say nothing at all
    Denied,  // a verdict that stands for all clients, at all times
    Unclear  // onName() has to be asked
  };
  Kind kind = Kind::Unclear;
  PolicyAction action = PolicyAction::None; // NXDomain, NoData or Refused
  const PolicySource* source = nullptr;     // not null when denied; lives as long as the snapshot
  std::uint32_t ttl = 0;
  bool hasSoa = false; // by which clients may keep the denial: at the name asked
  std::string rule;    // as written; only when it was wanted
};

[[nodiscard]] constexpr bool isDenial(PolicyAction action) {
  return action == PolicyAction::NXDomain || action == PolicyAction::NoData || action == PolicyAction::Refused;
}

class Policy {
 public:
  virtual ~Policy() = default;
  [[nodiscard]] virtual PolicyTriggers triggers() const = 0;
  // Of the source that goes first in it: the order of policies.
  [[nodiscard]] virtual std::uint32_t priority() const = 0;

  [[nodiscard]] virtual PolicyVerdict onClient(const PolicySubject& /*subject*/) const { return {}; }
  // The question's name, and each alias target.
  [[nodiscard]] virtual PolicyVerdict onName(const dns::Name& /*name*/, const PolicySubject& /*subject*/) const {
    return {};
  }
  // The same as onName(), as far as it can be said at a glance. `wantsRule`: NameGlance::rule.
  [[nodiscard]] virtual NameGlance glance(const dns::Name& /*name*/, const PolicySubject& /*subject*/,
                                          bool /*wantsRule*/) const {
    return {};
  }
  // glance() will be asked about these: has the memory loaded that it will read, that of all names at a time.
  virtual void prefetch(NameBatch& /*batch*/) const {}
  [[nodiscard]] virtual PolicyVerdict onServerName(const dns::Name& /*server*/,
                                                   const PolicySubject& /*subject*/) const {
    return {};
  }
  [[nodiscard]] virtual PolicyVerdict onServerAddress(const base::Address& /*server*/,
                                                      const PolicySubject& /*subject*/) const {
    return {};
  }
  [[nodiscard]] virtual PolicyVerdict onAnswer(const base::Address& /*address*/,
                                               const PolicySubject& /*subject*/) const {
    return {};
  }
};
using PolicyPtr = std::shared_ptr<const Policy>;

// All policies, those of the lowest priority number first. A policy whose verdict is that of a shadow source is asked
// for no other by this class: it has to go on by itself and note the source in PolicyVerdict::shadowed.
class Policies {
 public:
  Policies() = default;
  // `change`: what differs from the epoch before; null: it may be anything.
  explicit Policies(std::vector<PolicyPtr> policies, std::uint64_t epoch = 0, PolicyChangePtr change = nullptr);

  [[nodiscard]] bool empty() const { return d_policies.empty(); }
  [[nodiscard]] bool has(PolicyTrigger trigger) const { return (d_triggers & bitOf(trigger)) != 0; }
  [[nodiscard]] std::uint64_t epoch() const { return d_epoch; } // grows with each swap
  [[nodiscard]] const PolicyChangePtr& change() const { return d_change; }

  [[nodiscard]] PolicyVerdict onClient(const PolicySubject& subject) const;
  [[nodiscard]] PolicyVerdict onName(const dns::Name& name, const PolicySubject& subject) const;
  [[nodiscard]] NameGlance glance(const dns::Name& name, const PolicySubject& subject, bool wantsRule) const;
  void prefetch(NameBatch& batch) const;
  [[nodiscard]] PolicyVerdict onServerName(const dns::Name& server, const PolicySubject& subject) const;
  [[nodiscard]] PolicyVerdict onServerAddress(const base::Address& server, const PolicySubject& subject) const;
  [[nodiscard]] PolicyVerdict onAnswer(const base::Address& address, const PolicySubject& subject) const;

 private:
  template <typename Ask> [[nodiscard]] PolicyVerdict first(PolicyTrigger trigger, const Ask& ask) const;

  std::vector<PolicyPtr> d_policies;
  PolicyTriggers d_triggers = 0;
  std::uint64_t d_epoch = 0;
  PolicyChangePtr d_change;
};
using PoliciesPtr = std::shared_ptr<const Policies>;

} // namespace rec
