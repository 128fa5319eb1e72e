// Iterator: resolves one name and type by walking down from the deepest known delegation (RFC 1034 5.3.3), one zone
// after the other. Aliases are reported, not followed. Fills the caches. One per worker.
#pragma once

#include <memory>

#include <optional>

#include "lib/coro/inflight.hh"

#include "recursor/resolve/asker.hh"
#include "recursor/resolve/lookup.hh"
#include "recursor/resolve/parts.hh"
#include "recursor/resolve/trustchain.hh"

namespace rec {

class Iterator {
 public:
  Iterator(ResolveParts& parts, Asker& asker, TrustChain& trust);

  // `start`: where to begin; null for the deepest known cut, or the root.
  coro::Task<LookupPtr> lookup(dns::Question question, DelegationPtr start, Walk& walk);

 private:
  struct Priming;
  using PrimingPtr = std::shared_ptr<Priming>;

  // What a minimised question is shared by: many names below one zone ask it at the same time.
  struct SharedKey {
    dns::Name zone;
    dns::Question question;
    friend bool operator==(const SharedKey&, const SharedKey&) = default;
  };
  struct SharedHash {
    std::size_t operator()(const SharedKey& key) const { return key.zone.hash() * 31 + key.question.name.hash(); }
  };
  struct SharedResult {
    VerdictPtr verdict;
    std::vector<ServerFailure> failures;
    bool limited = false; // ended by the limits of whoever began it
  };
  using SharedAsks = coro::InFlight<SharedKey, SharedResult, SharedHash>;

  coro::Task<VerdictPtr> ask(DelegationPtr zone, dns::Question shown, bool full, Walk& walk);
  std::shared_ptr<coro::Flight<SharedResult>> joinShared(const Asking& asking, const Walk& walk);
  coro::Task<SharedResult> askForAll(Asking asking, std::shared_ptr<Work> work, std::shared_ptr<Trace> trace,
                                     unsigned depth);
  coro::Task<DelegationPtr> deepestCut(dns::Question question, Walk& walk);
  coro::Task<DelegationPtr> rootServers(Walk& walk);
  coro::Task<void> prime(PrimingPtr priming);
  [[nodiscard]] DelegationPtr hints() const;
  [[nodiscard]] DelegationPtr enter(const Verdict& verdict, const DelegationPtr& from, Walk& walk);
  [[nodiscard]] DelegationPtr deepestBelow(DelegationPtr cut, const dns::Question& question) const;
  [[nodiscard]] std::optional<LookupKind> knownOnTheWay(const dns::Question& shown) const;
  [[nodiscard]] Delegation rootFrom(const Verdict& verdict) const;
  [[nodiscard]] bool isRefused(const Delegation& zone, Walk& walk) const;
  void note(const Walk& walk, StepKind kind, const dns::Question& question, const dns::Name& zone,
            std::string detail) const;

  ResolveParts& d_parts;
  Asker& d_asker;
  TrustChain& d_trust;
  SharedAsks d_sharedAsks;
  PrimingPtr d_priming;           // under way
  base::MonoTime d_nextPriming{}; // after a failed one
};

} // namespace rec
