// WorkerResolver: one worker's resolver, a Router with all it asks servers through. Made by Resolving; lives in its
// worker.
#pragma once

#include <memory>

#include "recursor/policy/luaexchange.hh"
#include "recursor/resolve/router.hh"
#include "recursor/upstreamparts.hh"
#include "recursor/worker.hh"

namespace rec {

class WorkerResolver final : public Resolver {
 public:
  WorkerResolver(Worker& worker, const Caches& caches, DotServers& dotServers, TrustAnchors& anchors,
                 dnssec::SignatureMemo& memo, LoopWatch& loops, const Settings& settings,
                 std::shared_ptr<const ResolveOptions> options, std::shared_ptr<const LocalZones> local,
                 ZoneFetches& fetches)
      : WorkerResolver(worker, caches, dotServers, anchors, memo, loops, settings, std::move(options), std::move(local),
                       fetches, makeExchange(worker, caches.speeds, settings)) {}

  WorkerResolver(Worker& worker, const Caches& caches, DotServers& dotServers, TrustAnchors& anchors,
                 dnssec::SignatureMemo& memo, LoopWatch& loops, const Settings& settings,
                 std::shared_ptr<const ResolveOptions> options, std::shared_ptr<const LocalZones> local,
                 ZoneFetches& fetches, std::unique_ptr<WireExchange> wire)
      : d_wire(*wire), d_exchange(std::move(wire)),
        d_dot({worker.loop(), worker.roots(), d_exchange, dotServers, caches.speeds, worker.counters()},
              dotOptions(settings)),
        d_selector(caches.speeds, selectorOptions(settings)),
        d_router({worker.loop(), worker.roots(), caches, d_exchange, d_selector, worker.counters(), anchors, memo,
                  loops, std::move(options), &d_dot, &fetches},
                 std::move(local)) {}

  coro::Task<Outcome> resolve(Request request) override { return d_router.resolve(std::move(request)); }
  coro::Task<ExplanationPtr> explain(Request request, bool fresh) override {
    return d_router.explain(std::move(request), fresh);
  }
  std::optional<Outcome> fromCache(const Request& request) override { return d_router.fromCache(request); }
  void prefetch(std::span<const Expected> questions) override { d_router.prefetch(questions); }
  [[nodiscard]] bool foundNothing() const override { return d_router.foundNothing(); }
  [[nodiscard]] KeySource* keySource() override { return d_router.keySource(); }
  [[nodiscard]] bool wantsNotify(const dns::Name& zone) const override { return d_router.wantsNotify(zone); }
  [[nodiscard]] dns::Name zoneOf(const dns::Name& name) const override { return d_router.zoneOf(name); }
  [[nodiscard]] bool isOperators(const dns::Name& name) const override { return d_router.isOperators(name); }
  void replace(std::shared_ptr<const ResolveOptions> options, std::shared_ptr<const LocalZones> local) {
    d_router.replace(std::move(options), std::move(local));
  }
  void adopt(const Settings& settings) override {
    d_wire.adopt(exchangeOptions(settings));
    d_dot.adopt(dotOptions(settings));
    d_selector.adopt(selectorOptions(settings));
  }
  [[nodiscard]] std::size_t nonResolvingServers() const { return d_router.nonResolvingServers(); }
  [[nodiscard]] std::vector<NonResolving::Row> nonResolving() const override { return d_router.nonResolving(); }
  void setLua(LuaEngine* lua) override { d_exchange.setLua(lua); }

 private:
  WireExchange& d_wire; // behind d_exchange
  LuaExchange d_exchange;
  DotExchange d_dot;
  Selector d_selector;
  Router d_router;
};

} // namespace rec
