// ForwardRules: the rules of forward-zones and forward-zones-recurse, found by the name that is asked for: one look-up
// for each depth at which there are rules, however many there are. Part of ResolveOptions; immutable once workers have
// it.
#pragma once

#include <atomic>
#include <bitset>
#include <memory>
#include <unordered_map>
#include <vector>

#include "lib/dns/message.hh"
#include "recursor/resolve/forwardstrategy.hh"

namespace rec {

// A zone whose questions go to given servers.
struct ForwardRule {
  dns::Name zone;
  std::vector<base::Address> servers; // authoritative ones
  bool recurse = false;               // RD=1 to recursive servers, which follow aliases themselves: the upstreams
  bool notifyAllowed = false;
  std::vector<UpstreamPtr> upstreams; // in the order given
  std::vector<std::string> unknown;   // hosts whose addresses have not been found
  ForwardStrategy strategy = ForwardStrategy::Hedged;
  std::size_t parallel = 0; // forward-parallel; 0 is all
  bool iterates = false;    // forward-first: when no upstream has a good answer the zone's own servers are asked

  // True for the first question that this rule has for that upstream, on any worker.
  [[nodiscard]] bool isFirst(const UpstreamPtr& upstream) const;
  std::shared_ptr<std::vector<std::atomic<bool>>> asked; // of each upstream; copies of the rule share it
};
using ForwardRulePtr = std::shared_ptr<const ForwardRule>;

class ForwardRules {
 public:
  // The first rule of a zone counts.
  ForwardRule& add(ForwardRule rule);
  // The deepest rule that covers the name, or null. DS belongs to the parent, unless a recursor is asked.
  [[nodiscard]] const ForwardRule* find(const dns::Question& question) const;
  [[nodiscard]] const ForwardRule* at(const dns::Name& zone) const; // of exactly this zone; null: none
  [[nodiscard]] auto begin() const { return d_rules.begin(); }
  [[nodiscard]] auto end() const { return d_rules.end(); }

 private:
  std::vector<ForwardRule> d_rules;
  std::unordered_map<dns::Name, std::size_t, dns::NameHash> d_byZone; // in d_rules; the root is not here
  std::size_t d_root = SIZE_MAX;                                      // in d_rules
  std::bitset<dns::kMaxNameSize / 2 + 1> d_depths;                    // numbers of labels that rules have
  std::size_t d_deepest = 0;
};

} // namespace rec
