// Counting hits of rules.
#include "recursor/policy/rulehits.hh"

#include <algorithm>

namespace rec {

void RuleHits::note(std::string_view trigger) {
  const std::unique_lock lock(d_mutex, std::try_to_lock);
  if (!lock) return;
  const auto known = std::ranges::find(d_rules, trigger, &Rule::trigger);
  if (known != d_rules.end()) {
    ++known->hits;
    return;
  }
  if (d_rules.size() < kRules) {
    d_rules.push_back({std::string(trigger), 1, 0});
    return;
  }
  const auto least = std::ranges::min_element(d_rules, {}, &Rule::hits);
  *least = {std::string(trigger), least->hits + 1, least->hits};
}

std::vector<RuleHits::Rule> RuleHits::top(std::size_t most) const {
  std::vector<Rule> rules;
  {
    const std::lock_guard lock(d_mutex);
    rules = d_rules;
  }
  std::ranges::sort(rules, [](const Rule& a, const Rule& b) { return a.hits > b.hits; });
  rules.resize(std::min(rules.size(), most));
  return rules;
}

} // namespace rec
