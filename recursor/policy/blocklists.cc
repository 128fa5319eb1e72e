// Looking a name up in all lists.
#include "recursor/policy/blocklists.hh"

#include <algorithm>
#include <map>

#include "lib/dns/rdata.hh"

namespace rec {
namespace {

// What an ad blocker's list has around a name.
struct Around {
  std::string_view before, after;
};

Around around(RuleKind kind) {
  switch (kind) {
  case RuleKind::Tree: return {"||", "^"};
  case RuleKind::Exact: break;
  case RuleKind::Below: return {"*.", ""};
  case RuleKind::AllowTree: return {"@@||", "^"};
  case RuleKind::AllowExact: return {"@@", ""};
  case RuleKind::AllowBelow: return {"@@*.", ""};
  }
  return {};
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

std::string BlockLists::Rule::text() const {
  const bool exempts = (bitOf(kind) & kAllowKinds) != 0;
  const Around wrapping = isPattern ? Around{exempts ? "@@/" : "/", "/"} : around(kind);
  std::string text;
  text.reserve(wrapping.before.size() + words.size() + wrapping.after.size());
  return text.append(wrapping.before).append(words).append(wrapping.after);
}

std::optional<BlockLists::Rule> BlockLists::ruleFor(const List& list, const NameProbe& probe, bool allowing) {
  if (const auto match = list.rules->names->match(probe, allowing)) {
    return Rule{match->kind, false, probe.text(match->suffix)};
  }
  const auto& patterns = allowing ? list.rules->allowPatterns : list.rules->patterns;
  const auto pattern = patterns ? patterns->match(probe.text()) : std::nullopt;
  if (!pattern) {
    return std::nullopt;
  }
  return Rule{allowing ? RuleKind::AllowTree : RuleKind::Tree, true, *pattern};
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

// Whether the list has a rule for the name, blocking or allowing ones, that is in force here.
bool BlockLists::decides(const List& list, const NameProbe& probe, const PolicySubject& subject, bool allowing,
                         Found& found) {
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
  found.variable = found.variable || list.options.isConditional();
  if (!concerns(list, subject)) {
    return false;
  }
  if (list.options.shadow) {
    found.shadowed.push_back(list.source);
    return false;
  }
  found.rule = *rule;
  return true;
}

BlockLists::Found BlockLists::find(const NameProbe& probe, const PolicySubject& subject) const {
  Found found;
  for (auto level = d_lists.begin(); level != d_lists.end();) {
    const auto end = std::find_if(level, d_lists.end(),
                                  [&](const List& list) { return list.options.priority != level->options.priority; });
    for (const bool allowing : {true, false}) {
      const auto decisive =
          std::find_if(level, end, [&](const List& list) { return decides(list, probe, subject, allowing, found); });
      if (decisive != end) {
        found.list = &*decisive;
        found.exempts = allowing;
        return found;
      }
    }
    level = end;
  }
  return found;
}

PolicyVerdict BlockLists::onName(const dns::Name& name, const PolicySubject& subject) const {
  const NameProbe probe(name);
  Found found = find(probe, subject);
  PolicyVerdict verdict;
  verdict.variable = found.variable;
  verdict.shadowed = std::move(found.shadowed);
  if (found.list == nullptr) {
    return verdict;
  }
  const BlockListOptions& options = found.list->options;
  verdict.action = found.exempts ? PolicyAction::NoAction : options.action.action;
  verdict.type = PolicyTrigger::QName;
  verdict.source = found.list->source;
  verdict.trigger = found.rule.text();
  verdict.hit = std::string(probe.text());
  verdict.ttl = options.ttl;
  if (!found.exempts) {
    verdict.custom = options.action.custom;
    verdict.denial = denialAt(subject.question.name, verdict.ttl);
  }
  return verdict;
}

void BlockLists::prefetch(NameBatch& batch) const {
  batch.hashes.clear();
  for (NameBatch::Name& name : batch.names) {
    const NameProbe probe(name.wire);
    name.hashes = probe.suffixes().size();
    for (const NameProbe::Suffix& suffix : probe.suffixes()) batch.hashes.push_back(suffix.hash);
  }
  for (const List& list : d_lists) prefetchIn(*list.rules->names, batch);
}

// Three steps of waiting, for all names each.
void BlockLists::prefetchIn(const NameSet& names, NameBatch& batch) {
  for (const std::uint64_t hash : batch.hashes) names.prefetch(hash);
  batch.places.clear();
  for (const std::uint64_t hash : batch.hashes) batch.places.push_back(names.prefetchChunk(hash));
  auto place = batch.places.begin();
  for (NameBatch::Name& name : batch.names) {
    for (const auto end = place + static_cast<std::ptrdiff_t>(name.hashes); place != end; ++place) {
      if (*place == 0) continue;
      names.prefetchNames(*place);
      name.found = true;
    }
  }
}

NameGlance BlockLists::glance(const dns::Name& name, const PolicySubject& subject, bool wantsRule) const {
  using Kind = NameGlance::Kind;
  const NameProbe probe(name);
  const Found found = find(probe, subject);
  if (found.variable || !found.shadowed.empty()) {
    return {};
  }
  if (found.list == nullptr) {
    return {.kind = Kind::Nothing};
  }
  const BlockListOptions& options = found.list->options;
  const PolicyAction action = options.action.action;
  if (found.exempts || !isDenial(action)) {
    return {};
  }
  return {Kind::Denied,
          action,
          found.list->source.get(),
          options.ttl,
          action != PolicyAction::Refused,
          wantsRule ? found.rule.text() : std::string()};
}

} // namespace rec
