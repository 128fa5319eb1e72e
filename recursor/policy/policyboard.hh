// PolicyBoard: the policies in force. Loaders of lists and keepers of zones put theirs into a slot of their own; each
// change makes a new snapshot, which is given to the workers. Thread safe: one mutex, held for a few copies of
// pointers.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "recursor/policy/policy.hh"

namespace rec {

class PolicyBoard {
 public:
  using Listener = std::function<void(const PoliciesPtr&)>;

  // Null while there is no policy at all, so that having none costs nothing.
  [[nodiscard]] PoliciesPtr current() const;
  // Called with each new snapshot, on the thread of whoever changed it, in the order of the epochs. Set before the
  // first change that somebody shall hear of.
  void onChange(Listener listener);
  // A slot's policy; null empties it. `change`: in what it differs from the one before; null: in anything.
  void replace(const std::string& slot, PolicyPtr policy, PolicyChangePtr change = nullptr);
  void replace(const std::map<std::string, PolicyPtr>& slots, PolicyChangePtr change = nullptr); // in one step

 private:
  mutable std::mutex d_mutex; // guards all below
  std::map<std::string, PolicyPtr> d_slots;
  std::uint64_t d_epoch = 0;
  PoliciesPtr d_current;
  Listener d_listener;
};

} // namespace rec
