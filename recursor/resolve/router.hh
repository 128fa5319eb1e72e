// Router: the resolver of a worker. Decides for every name who answers it: a cache, local data, a forwarder or the
// iterator, and follows aliases across all of them. fromCache() never waits and may be called on any worker.
#pragma once

#include <memory>
#include <optional>

#include "recursor/resolve/addresses.hh"
#include "recursor/resolve/asker.hh"
#include "recursor/resolve/cached.hh"
#include "recursor/resolve/chain.hh"
#include "recursor/resolve/explainer.hh"
#include "recursor/resolve/forwarder.hh"
#include "recursor/resolve/iterator.hh"
#include "recursor/resolve/keysource.hh"
#include "recursor/resolve/localzone.hh"
#include "recursor/resolve/parts.hh"
#include "recursor/resolve/resolver.hh"
#include "recursor/resolve/trustchain.hh"
#include "recursor/resolve/validator.hh"

namespace rec {

class Router final : public Resolver, public Lookups {
 public:
  Router(ResolveParts parts, std::shared_ptr<const LocalZones> localZones);

  [[nodiscard]] bool wantsNotify(const dns::Name& zone) const override;
  [[nodiscard]] dns::Name zoneOf(const dns::Name& name) const override;
  [[nodiscard]] bool isOperators(const dns::Name& name) const override;
  // The outcome if local data and caches suffice, with whatever is fresh (or stale, when the request allows it).
  [[nodiscard]] std::optional<Outcome> fromCache(const Request& request) override;
  void prefetch(std::span<const Expected> questions) override; // routerknown.cc
  [[nodiscard]] bool foundNothing() const override { return d_foundNothing; }
  coro::Task<Outcome> resolve(Request request) override;
  coro::Task<LookupPtr> lookup(dns::Question question, Walk& walk) override; // routerlink.cc
  coro::Task<ExplanationPtr> explain(Request request, bool fresh) override;  // routerexplain.cc

  [[nodiscard]] KeySource* keySource() override { return &d_keySource; }
  // How many name servers are known to give no address. Any thread.
  [[nodiscard]] std::size_t nonResolvingServers() const { return d_addresses.nonResolving().entries(); }
  [[nodiscard]] std::vector<NonResolving::Row> nonResolving() const override {
    return d_addresses.nonResolving().rows(d_parts.loop.now());
  }

  // reload-zones: takes effect for the next look-up.
  void replace(std::shared_ptr<const ResolveOptions> options, std::shared_ptr<const LocalZones> localZones);

 private:
  [[nodiscard]] Walk beginWalk(const Request& request) const;
  // All arguments must outlive the task.
  coro::Task<Outcome> resolveChain(const Request& request, Walk& walk);
  coro::Task<void> addIpv4(const Request& request, Outcome& outcome, Walk& walk);

  // routerknown.cc
  [[nodiscard]] std::optional<Lookup> findLocal(const dns::Question& question) const;
  [[nodiscard]] std::optional<Lookup> findWithoutAsking(const dns::Question& question, const CachedQuery& query) const;
  [[nodiscard]] bool isRefused(const dns::Question& question, Judging& judging) const;
  [[nodiscard]] std::optional<Outcome> knownChain(const Request& request);
  enum class Plain : std::uint8_t {
    Records,  // taken in: the chain is whole
    Alias,    // taken in: the chain goes on
    Unfit,    // there, but only resolve() can answer: they have to be validated, or the chain breaks
    NotThere, // neither of the two
    NotPlain
  };
  [[nodiscard]] Plain takePlain(Chain& chain, const CachedQuery& query, Checking checking) const;
  [[nodiscard]] std::optional<Outcome> endKnown(Chain& chain, const Judging& judging);
  [[nodiscard]] static CachedQuery queryFor(const Request& request);

  // routerlink.cc
  [[nodiscard]] static bool wantsValidation(const Lookup& lookup);
  [[nodiscard]] LookupPtr knownBogus(const dns::Question& question, Checking checking, const Lookup& found,
                                     const Walk& walk) const;
  [[nodiscard]] LookupPtr known(const dns::Question& question, Walk& walk) const;
  coro::Task<LookupPtr> resolveLink(dns::Question question, Checking checking, Walk& walk);
  coro::Task<LookupPtr> validateLink(dns::Question question, Checking checking, LookupPtr found, Walk& walk);
  [[nodiscard]] DelegationPtr localCut(const dns::Question& question) const;
  [[nodiscard]] DelegationPtr startFor(const dns::Question& question, const ForwardRule* rule) const;
  coro::Task<LookupPtr> askServers(dns::Question question, Walk& walk);

  // routerfailure.cc
  void explainFailure(const Chain& chain, const Walk& walk, const Request& request, Outcome& outcome);
  void countLimits(const Walk& walk, const Chain& chain);
  void countEffort(const Walk& walk, Outcome& outcome);
  void report(const dns::Question& question, const Lookup& bogus);
  coro::Task<void> tell(dns::Name name);

  // DNS64: routerdns64.cc
  [[nodiscard]] const Dns64Prefix* translatorFor(const Request& request) const;
  [[nodiscard]] std::optional<dns::Name> reverseFor(const Request& request) const;
  [[nodiscard]] Chain begin(const Request& request) const;
  [[nodiscard]] bool needsIpv4(const Request& request, Outcome& outcome);
  [[nodiscard]] static Request inIpv4(Request request);
  [[nodiscard]] Outcome translate(Outcome forAaaa, Outcome forA);

  ResolveParts d_parts;
  std::shared_ptr<const LocalZones> d_localZones;
  Addresses d_addresses;
  Asker d_asker;
  TrustChain d_trust;
  Iterator d_iterator;
  Forwarder d_forwarder;
  Validator d_validator;
  Explainer d_explainer;
  LookupKeySource d_keySource;
  bool d_foundNothing = false;
  std::vector<std::size_t> d_places; // of prefetch()
};

} // namespace rec
