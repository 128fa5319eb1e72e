// Looking a name up in all lists.
#include "recursor/policy/blocklists.hh"

#include <algorithm>
#include <map>

#include "lib/dns/rdata.hh"

namespace rec {
namespace {

// As an ad blocker's list would have it.
std::string ruleText(RuleKind kind, std::string_view name) {
  const std::string text(name);
  switch (kind) {
  case RuleKind::Tree: return "||" + text + "^";
  case RuleKind::Exact: return text;
  case RuleKind::Below: return "*." + text;
  case RuleKind::AllowTree: return "@@||" + text + "^";
  case RuleKind::AllowExact: return "@@" + text;
  case RuleKind::AllowBelow: return "@@*." + text;
  }
  return text;
}

// By which clients may keep a denial (RFC 2308 5): at the name asked, so that it concerns no other.
dns::RRset denialAt(const dns::Name& name, std::uint32_t ttl) {
  dns::SoaData soa;
  soa.mname = name;
  soa.rname = name;
  soa.serial = 1;
  soa.refresh = soa.retry = soa.expire = soa.minimum = ttl;
  return dns::makeSoaRRset(name, ttl, soa);
}

bool isAllowList(const BlockLists::List& list) { return list.options.action.action == PolicyAction::NoAction; }

} // namespace

PolicySourcePtr BlockLists::sourceOf(const BlockListOptions& options, std::shared_ptr<PolicyHits> hits) {
  auto source = std::make_shared<PolicySource>();
  source->name = options.name;
  source->tags = options.tags;
  source->error = options.error;
  source->priority = kBlockListsFrom + options.priority;
  source->shadow = options.shadow;
  source->hits = std::move(hits);
  return source;
}

BlockLists::BlockLists(std::vector<List> lists) {
  std::multimap<std::uint32_t, List> ordered;
  for (List& list : lists) {
    const std::uint32_t priority = list.options.priority;
    ordered.emplace(priority, std::move(list));
  }
  for (auto& [priority, list] : ordered) {
    d_lists.push_back(std::move(list));
  }
  d_first += d_lists.empty() ? 0 : d_lists.front().options.priority;
}

std::optional<BlockLists::Rule> BlockLists::ruleFor(const List& list, const NameProbe& probe, bool allowing) {
  if (const auto match = list.rules->names->match(probe, allowing)) {
    return Rule{ruleText(match->kind, probe.text(match->suffix)), std::string(probe.text())};
  }
  const auto& patterns = allowing ? list.rules->allowPatterns : list.rules->patterns;
  const auto pattern = patterns ? patterns->match(probe.text()) : std::nullopt;
  if (!pattern) {
    return std::nullopt;
  }
  return Rule{(allowing ? "@@/" : "/") + std::string(*pattern) + "/", std::string(probe.text())};
}

bool BlockLists::concerns(const List& list, const PolicySubject& subject) {
  const BlockListOptions& options = list.options;
  const auto has = [&subject](const std::string& tag) {
    return subject.tags != nullptr && subject.tags->contains(tag);
  };
  return (!options.clients || options.clients->contains(subject.client)) &&
         (options.forTags.empty() || std::any_of(options.forTags.begin(), options.forTags.end(), has)) &&
         options.schedule.contains(subject.now);
}

// Whether the list has a rule for the name, blocking or allowing ones; then the verdict is its own.
bool BlockLists::decides(const List& list, const NameProbe& probe, const PolicySubject& subject, bool allowing,
                         PolicyVerdict& verdict) {
  const bool inverted = isAllowList(list); // all its rules exempt
  if (inverted && !allowing) {
    return false;
  }
  auto rule = ruleFor(list, probe, allowing);
  if (!rule && inverted) {
    rule = ruleFor(list, probe, false);
  }
  if (!rule || !subject.admits(*list.source)) {
    return false;
  }
  verdict.variable = verdict.variable || list.options.isConditional();
  if (!concerns(list, subject)) {
    return false;
  }
  if (list.options.shadow) {
    verdict.shadowed.push_back(list.source);
    return false;
  }
  verdict.action = allowing ? PolicyAction::NoAction : list.options.action.action;
  verdict.type = PolicyTrigger::QName;
  verdict.source = list.source;
  verdict.trigger = std::move(rule->trigger);
  verdict.hit = std::move(rule->hit);
  verdict.ttl = list.options.ttl;
  return true;
}

PolicyVerdict BlockLists::onName(const dns::Name& name, const PolicySubject& subject) const {
  PolicyVerdict verdict;
  const NameProbe probe(name);
  for (auto level = d_lists.begin(); level != d_lists.end();) {
    const auto end = std::find_if(level, d_lists.end(),
                                  [&](const List& list) { return list.options.priority != level->options.priority; });
    for (const bool allowing : {true, false}) {
      for (auto list = level; list != end; ++list) {
        if (!decides(*list, probe, subject, allowing, verdict)) {
          continue;
        }
        verdict.custom = allowing ? std::vector<dns::RRset>() : list->options.action.custom;
        verdict.denial = allowing ? std::nullopt : std::optional(denialAt(subject.question.name, verdict.ttl));
        return verdict;
      }
    }
    level = end;
  }
  return verdict;
}

} // namespace rec
