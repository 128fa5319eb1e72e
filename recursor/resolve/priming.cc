// Iterator: the root's servers, from the hints at first, then from the root itself (priming, RFC 8109).
#include <algorithm>

#include "recursor/resolve/iterator.hh"
#include "recursor/resolve/keep.hh"

namespace rec {

struct Iterator::Priming {
  explicit Priming(coro::Loop& loop) : gate(loop) {}
  coro::Gate gate;
};

DelegationPtr Iterator::hints() const {
  if (d_parts.options->hints.empty()) {
    return nullptr;
  }
  Delegation delegation;
  delegation.servers = d_parts.options->hints;
  delegation.fixed = true;
  return std::make_shared<const Delegation>(std::move(delegation));
}

// RFC 8109: the root's servers are asked for themselves before the first walk, and again when the answer has expired.
// All walks wait for the same priming; when it fails the hints serve.
coro::Task<DelegationPtr> Iterator::rootServers(Walk& walk) {
  const DelegationPtr fallback = hints();
  if (!fallback || d_parts.loop.now() < d_nextPriming) {
    co_return fallback;
  }
  if (!d_priming) {
    d_priming = std::make_shared<Priming>(d_parts.loop);
    d_parts.roots.spawn(prime(d_priming));
  }
  const PrimingPtr priming = d_priming;
  if (priming) {
    constexpr std::chrono::milliseconds kPatience{400}; // then the hints serve for this walk
    const base::MonoTime deadline = std::min(walk.work->deadline, d_parts.loop.now() + kPatience);
    co_await coro::GateWait(priming->gate, deadline);
  }
  const dns::Name root;
  DelegationPtr primed = d_parts.caches.delegations.find(root, d_parts.loop.wall());
  co_return primed ? primed : fallback;
}

coro::Task<void> Iterator::prime(PrimingPtr priming) {
  struct Landing {
    Iterator& iterator;
    Priming& priming;
    ~Landing() {
      iterator.d_priming.reset();
      priming.gate.open();
    }
  };
  const Landing landing{*this, *priming};
  constexpr std::chrono::seconds kTime{4};
  constexpr std::chrono::seconds kPause{5};
  Walk walk;
  walk.work = std::make_shared<Work>(d_parts.options->limits);
  walk.work->deadline = d_parts.loop.now() + kTime;
  walk.dnssecOk = d_parts.options->askDnssec;
  Asking asking;
  asking.zone = hints();
  asking.question = dns::Question{dns::Name(), dns::RRType::NS, dns::RRClass::IN};
  auto verdict = co_await d_asker.ask(std::move(asking), walk);
  Delegation root = rootFrom(*verdict);
  if (root.servers.empty()) {
    d_nextPriming = d_parts.loop.now() + kPause;
    co_return;
  }
  keep(*verdict, dns::Question{dns::Name(), dns::RRType::NS, dns::RRClass::IN}, d_parts);
  d_parts.caches.delegations.store(std::move(root));
}

// The root as a priming answer has it. Servers without any address are left out: nothing but the root could tell it.
Delegation Iterator::rootFrom(const Verdict& verdict) const {
  Delegation root;
  root.servers = verdict.referral.servers;
  for (NameServer& server : root.servers) {
    const auto& known = d_parts.options->hints;
    const auto hint =
        std::find_if(known.begin(), known.end(), [&](const NameServer& h) { return h.name == server.name; });
    if (server.glue.empty() && hint != known.end()) {
      server.glue = hint->glue;
    }
  }
  std::erase_if(root.servers, [](const NameServer& server) { return server.glue.empty(); });
  const std::uint32_t ttl =
      std::clamp<std::uint32_t>(verdict.ttl, 1, std::max<std::uint32_t>(1, d_parts.options->maxCacheTtl));
  root.expires = d_parts.loop.wall() + std::chrono::seconds(ttl);
  return root;
}

} // namespace rec
