// From the name upwards, past the depths at which there is no rule.
#include "recursor/resolve/forwardrules.hh"

#include <algorithm>

namespace rec {

bool ForwardRule::isFirst(const UpstreamPtr& upstream) const {
  const auto at = static_cast<std::size_t>(std::ranges::find(upstreams, upstream) - upstreams.begin());
  std::atomic<bool>& before = (*asked)[at];
  return !before.load(std::memory_order_relaxed) && !before.exchange(true);
}

ForwardRule& ForwardRules::add(ForwardRule rule) {
  if (!rule.upstreams.empty()) {
    rule.asked = std::make_shared<std::vector<std::atomic<bool>>>(rule.upstreams.size());
  }
  const std::size_t number = d_rules.size();
  const std::size_t depth = rule.zone.labelCount();
  if (rule.zone.isRoot()) {
    d_root = std::min(d_root, number);
  } else {
    d_byZone.emplace(rule.zone, number);
  }
  d_depths.set(depth);
  d_deepest = std::max(d_deepest, depth);
  d_rules.push_back(std::move(rule));
  return d_rules.back();
}

const ForwardRule* ForwardRules::at(const dns::Name& zone) const {
  if (zone.isRoot()) {
    return d_root == SIZE_MAX ? nullptr : &d_rules[d_root];
  }
  const auto found = d_byZone.find(zone);
  return found == d_byZone.end() ? nullptr : &d_rules[found->second];
}

const ForwardRule* ForwardRules::find(const dns::Question& question) const {
  if (d_rules.empty()) {
    return nullptr;
  }
  const dns::Name& name = question.name;
  for (std::size_t depth = std::min(name.labelCount(), d_deepest) + 1; depth-- > 0;) {
    if (!d_depths.test(depth)) {
      continue;
    }
    const ForwardRule* rule = depth == name.labelCount() ? at(name) : at(name.suffix(depth));
    const bool parentsBusiness =
        rule != nullptr && question.type == dns::RRType::DS && depth == name.labelCount() && !rule->recurse;
    if (rule != nullptr && !parentsBusiness) {
      return rule;
    }
  }
  return nullptr;
}

} // namespace rec
