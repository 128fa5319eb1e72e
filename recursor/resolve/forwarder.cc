// Forwarding: one question with RD=1 to the servers of a rule.
#include "recursor/resolve/forwarder.hh"

#include "recursor/resolve/keep.hh"

namespace rec {

coro::Task<Lookup> Forwarder::lookup(dns::Question question, DelegationPtr servers, Walk& walk) {
  Asking asking{servers, question};
  asking.recurse = true;
  auto verdict = co_await d_asker.ask(std::move(asking), walk);
  keep(*verdict, question, d_parts, walk.renew != 0);
  Lookup lookup = toLookup(std::move(*verdict), *d_parts.options);
  lookup.source = AnswerKind::Forwarded;
  co_return lookup;
}

DelegationPtr toDelegation(const ForwardRule& rule) {
  Delegation delegation;
  delegation.zone = rule.zone;
  delegation.fixed = true;
  delegation.servers.push_back(NameServer{rule.zone, rule.servers});
  return std::make_shared<const Delegation>(std::move(delegation));
}

} // namespace rec
