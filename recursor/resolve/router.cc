// resolve(): local data or cache -> forward rule or iterator -> alias: once more with its target -> outcome, or an
// explained failure that is remembered (RFC 9520), or stale data instead of it (RFC 8767). With DNS64 the same may be
// done once more, for A: resolve() and fromCache() are resolveChain() and knownChain() with that around them.
// What is known without asking is in routerknown.cc, one link of a chain in routerlink.cc, failures in
// routerfailure.cc.
#include "recursor/resolve/router.hh"

#include "recursor/resolve/operatorzones.hh"

namespace rec {

Router::Router(ResolveParts parts, std::shared_ptr<const LocalZones> localZones)
    : d_parts(std::move(parts)), d_localZones(std::move(localZones)), d_addresses(d_parts, *this),
      d_asker(d_parts, d_addresses), d_trust(d_parts, *this), d_iterator(d_parts, d_asker, d_trust),
      d_forwarder(d_parts), d_validator(d_parts, *this, d_trust), d_explainer(d_parts, *this, d_trust),
      d_keySource(d_parts, *this) {}

void Router::replace(std::shared_ptr<const ResolveOptions> options, std::shared_ptr<const LocalZones> localZones) {
  d_parts.options = std::move(options);
  d_localZones = std::move(localZones);
}

bool Router::wantsNotify(const dns::Name& zone) const {
  const ForwardRule* rule = d_parts.options->forwards.at(zone);
  return rule != nullptr && rule->notifyAllowed;
}

bool Router::isOperators(const dns::Name& name) const {
  return rec::isOperators(name, d_parts.options->forwards, *d_localZones);
}

dns::Name Router::zoneOf(const dns::Name& name) const {
  const ForwardRule* rule = d_parts.options->forwards.find({name, dns::RRType::A, dns::RRClass::IN});
  if (rule != nullptr && rule->recurse) {
    return rule->zone;
  }
  const DelegationPtr cut = d_parts.caches.delegations.find(name, d_parts.loop.wall());
  const bool isBelowRule = cut && (rule == nullptr || cut->zone.isWithin(rule->zone));
  return isBelowRule ? cut->zone : rule != nullptr ? rule->zone : dns::Name();
}

std::optional<Outcome> Router::fromCache(const Request& request) {
  auto outcome = knownChain(request);
  if (!outcome || !needsIpv4(request, *outcome)) {
    return outcome;
  }
  const auto forA = knownChain(inIpv4(request));
  d_foundNothing = false;
  return forA ? std::optional(translate(std::move(*outcome), *forA)) : std::nullopt;
}

Walk Router::beginWalk(const Request& request) const {
  Walk walk;
  walk.work = std::make_shared<Work>(d_parts.options->limits);
  walk.work->deadline = request.deadline;
  walk.work->requestor = request.client;
  walk.trace = request.trace;
  walk.dnssecOk = d_parts.options->askDnssec;
  walk.acceptBogus = request.checking != Checking::Enforce;
  walk.subnet = request.subnet;
  walk.renew = request.renew;
  walk.missed = request.missed;
  walk.judging = Judging(request.judge);
  return walk;
}

coro::Task<Outcome> Router::resolve(Request request) {
  Walk walk = beginWalk(request);
  auto outcome = co_await resolveChain(request, walk);
  if (needsIpv4(request, outcome)) {
    co_await addIpv4(request, outcome, walk);
  }
  countEffort(walk, outcome);
  co_return outcome;
}

// DNS64: the same name's A makes up for the AAAA that it does not have.
coro::Task<void> Router::addIpv4(const Request& request, Outcome& outcome, Walk& walk) {
  const Request second = inIpv4(request);
  auto forA = co_await resolveChain(second, walk);
  outcome = translate(std::move(outcome), std::move(forA));
}

// Link after link, asking whoever has to be asked.
coro::Task<Outcome> Router::resolveChain(const Request& request, Walk& walk) {
  Chain chain = begin(request);
  while (chain.broken().empty()) {
    dns::Question wanted = chain.wanted();
    walk.note({StepKind::Question, 0, wanted.name, wanted.type, {}, {}, {}, d_parts.loop.now()});
    if (walk.judging.isWanted() && isRefused(wanted, walk.judging)) {
      break;
    }
    auto found = co_await resolveLink(wanted, request.checking, walk);
    if (walk.judging.isRefused() || !chain.add(std::move(*found))) {
      break;
    }
  }
  Outcome outcome = chain.take();
  outcome.servers = walk.judging.verdict();
  if (walk.judging.isRefused()) {
    co_return outcome;
  }
  if (outcome.rcode == dns::RCode::ServFail) {
    explainFailure(chain, walk, request, outcome);
  }
  co_return outcome;
}

} // namespace rec
