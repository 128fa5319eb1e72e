// PolicyChange: the names about which a new version of a policy may say something else than the one before; what was
// made of other names stays right. Plain data; made by who knows the difference, asked by the workers.
#pragma once

#include <memory>
#include <span>
#include <unordered_set>

#include "lib/dns/name.hh"

namespace rec {

class PolicyChange;
using PolicyChangePtr = std::shared_ptr<const PolicyChange>;

class PolicyChange {
 public:
  // The name itself, or all below it.
  void add(const dns::Name& name, bool below) { (below ? d_below : d_names).insert(name); }
  [[nodiscard]] std::size_t size() const { return d_names.size() + d_below.size(); }
  // Whether it may be judged otherwise now.
  [[nodiscard]] bool touches(const dns::Name& name) const;
  // The same of the question of an answer in wire form, or of an alias target in it.
  [[nodiscard]] bool touchesAnswer(std::span<const std::byte> message) const;

  // Both changes, one after the other; null, which is what anything may have changed, stays null.
  [[nodiscard]] static PolicyChangePtr merged(const PolicyChangePtr& one, const PolicyChangePtr& other);

 private:
  using Names = std::unordered_set<dns::Name, dns::NameHash>;
  Names d_names, d_below;
};

} // namespace rec
