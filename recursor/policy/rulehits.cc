// Counting hits of rules.
#include "recursor/policy/rulehits.hh"

#include <algorithm>

#include "lib/dns/fold.hh"

namespace rec {
namespace {

std::uint64_t hashOf(std::string_view trigger) {
  return trigger.empty() ? 0 : dns::hashFolded(reinterpret_cast<const std::byte*>(trigger.data()), trigger.size());
}

} // namespace

// A name that is listed in its own right decides once, mostly: what is new has to be as cheap as what is known.
void RuleHits::note(std::string_view trigger) {
  const std::uint64_t hash = hashOf(trigger);
  const std::unique_lock lock(d_mutex, std::try_to_lock);
  if (!lock) return;
  Set& set = d_sets[hash % kSets];
  std::size_t least = 0;
  for (std::size_t way = 0; way < kWays; ++way) {
    if (set.hashes[way] == hash && set.hits[way] != 0 && set.triggers[way] == trigger) {
      ++set.hits[way];
      return;
    }
    least = set.hits[way] < set.hits[least] ? way : least;
  }
  set.over[least] = set.hits[least]++;
  set.hashes[least] = hash;
  set.triggers[least].assign(trigger);
}

std::vector<RuleHits::Rule> RuleHits::top(std::size_t most) const {
  std::vector<Rule> rules;
  {
    const std::lock_guard lock(d_mutex);
    for (const Set& set : d_sets) {
      for (std::size_t way = 0; way < kWays; ++way) {
        if (set.hits[way] != 0) rules.push_back({set.triggers[way], set.hits[way], set.over[way]});
      }
    }
  }
  std::ranges::sort(rules, [](const Rule& a, const Rule& b) { return a.hits > b.hits; });
  rules.resize(std::min(rules.size(), most));
  return rules;
}

} // namespace rec
