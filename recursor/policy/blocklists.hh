// BlockLists: all block lists as one policy. An immutable snapshot that the list keeper makes; the lists themselves are
// shared with the snapshots before and after.
//
// Lists go by priority. Among those of one priority, a name that one of them exempts (an allow list, or an exception in
// a list) is exempt; else the first one that has it decides. Lists in shadow mode are passed over, and noted.
#pragma once

#include <vector>

#include "recursor/policy/blocklistoptions.hh"
#include "recursor/policy/listcompiler.hh"
#include "recursor/policy/policy.hh"

namespace rec {

// Block lists come behind response policy zones.
constexpr std::uint32_t kBlockListsFrom = 1'000'000;

class BlockLists final : public Policy {
 public:
  struct List {
    BlockListOptions options;
    PolicySourcePtr source;
    CompiledListPtr rules;
  };
  static PolicySourcePtr sourceOf(const BlockListOptions& options, std::shared_ptr<PolicyHits> hits);

  explicit BlockLists(std::vector<List> lists);

  [[nodiscard]] PolicyTriggers triggers() const override { return bitOf(PolicyTrigger::QName); }
  [[nodiscard]] std::uint32_t priority() const override { return d_first; }
  [[nodiscard]] PolicyVerdict onName(const dns::Name& name, const PolicySubject& subject) const override;
  [[nodiscard]] NameGlance glance(const dns::Name& name, const PolicySubject& subject, bool wantsRule) const override;
  void prefetch(NameBatch& batch) const override;
  [[nodiscard]] const std::vector<List>& lists() const { return d_lists; }

 private:
  // As the list has it; `words` is part of the probed name, or a pattern of the list.
  struct Rule {
    RuleKind kind{};
    bool isPattern = false;
    std::string_view words;
    [[nodiscard]] std::string text() const;
  };
  struct Found {
    const List* list = nullptr; // that decides; null: none
    bool exempts = false;
    Rule rule;
    bool variable = false; // PolicyVerdict::variable, also when nothing decides
    std::vector<PolicySourcePtr> shadowed;
  };
  [[nodiscard]] static std::optional<Rule> ruleFor(const List& list, const NameProbe& probe, bool allowing);
  static void prefetchIn(const NameSet& names, NameBatch& batch);
  static bool concerns(const List& list, const PolicySubject& subject);
  static bool decides(const List& list, const NameProbe& probe, const PolicySubject& subject, bool allowing,
                      Found& found);
  [[nodiscard]] Found find(const NameProbe& probe, const PolicySubject& subject) const;

  std::vector<List> d_lists; // by priority
  std::uint32_t d_first = kBlockListsFrom;
};

} // namespace rec
