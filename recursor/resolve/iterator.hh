// Iterator: resolves one name and type by walking down from the deepest known delegation (RFC 1034 5.3.3), one zone
// after the other. Aliases are reported, not followed. Fills the caches. One per worker.
#pragma once

#include <memory>
#include <optional>

#include "recursor/resolve/asker.hh"
#include "recursor/resolve/lookup.hh"
#include "recursor/resolve/parts.hh"

namespace rec {

class Iterator {
 public:
  Iterator(ResolveParts& parts, Asker& asker);

  // `start`: where to begin; null for the deepest known cut, or the root.
  coro::Task<Lookup> lookup(dns::Question question, DelegationPtr start, Walk& walk);

 private:
  struct Priming;
  using PrimingPtr = std::shared_ptr<Priming>;

  coro::Task<DelegationPtr> deepestCut(dns::Question question, Walk& walk);
  coro::Task<DelegationPtr> rootServers(Walk& walk);
  coro::Task<void> prime(PrimingPtr priming);
  [[nodiscard]] DelegationPtr hints() const;
  [[nodiscard]] DelegationPtr enter(const Verdict& verdict, const DelegationPtr& from);
  [[nodiscard]] std::optional<LookupKind> knownOnTheWay(const dns::Question& shown) const;
  [[nodiscard]] Delegation rootFrom(const Verdict& verdict) const;
  void note(const Walk& walk, StepKind kind, const dns::Question& question, const dns::Name& zone,
            std::string detail) const;

  ResolveParts& d_parts;
  Asker& d_asker;
  PrimingPtr d_priming;           // under way
  base::MonoTime d_nextPriming{}; // after a failed one
};

} // namespace rec
