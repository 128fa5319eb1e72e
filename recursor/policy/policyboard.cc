// Swapping policies.
#include "recursor/policy/policyboard.hh"

namespace rec {

PoliciesPtr PolicyBoard::current() const {
  const std::lock_guard lock(d_mutex);
  return d_current;
}

void PolicyBoard::onChange(Listener listener) {
  const std::lock_guard lock(d_mutex);
  d_listener = std::move(listener);
}

// The listener posts to loops and waits for nobody, so it may be called with the mutex held, which keeps the order.
void PolicyBoard::replace(const std::map<std::string, PolicyPtr>& slots, PolicyChangePtr change) {
  PoliciesPtr old; // a large policy is given back after the mutex
  const std::lock_guard lock(d_mutex);
  for (const auto& [slot, policy] : slots) {
    if (policy) {
      d_slots[slot] = policy;
    } else {
      d_slots.erase(slot);
    }
  }
  std::vector<PolicyPtr> all;
  for (const auto& [name, kept] : d_slots) {
    all.push_back(kept);
  }
  old = std::move(d_current);
  d_current = all.empty() ? nullptr : std::make_shared<const Policies>(std::move(all), ++d_epoch, std::move(change));
  if (d_listener) {
    d_listener(d_current);
  }
}

void PolicyBoard::replace(const std::string& slot, PolicyPtr policy, PolicyChangePtr change) {
  replace(std::map<std::string, PolicyPtr>{{slot, std::move(policy)}}, std::move(change));
}

} // namespace rec
