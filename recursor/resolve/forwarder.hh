// Forwarder: resolves one name and type by asking the recursive servers that a forward-zones-recurse rule names:
// several of them at once, or one after the other, as the rule's strategy says; the first good answer wins. Answers are
// believed within the rule's zone only and cached as not authoritative. One per worker.
#pragma once

#include "recursor/resolve/forwardround.hh"
#include "recursor/resolve/lookup.hh"
#include "recursor/resolve/parts.hh"
#include "recursor/resolve/upstreamwatch.hh"
#include "recursor/resolve/verdict.hh"

namespace rec {

class Forwarder {
 public:
  explicit Forwarder(ResolveParts& parts) : d_parts(parts), d_watch(parts) {}
  // Failed when no upstream had a good answer; the walk's failures say why.
  coro::Task<LookupPtr> lookup(dns::Question question, ForwardRulePtr rule, Walk& walk);

 private:
  [[nodiscard]] bool loops(const ForwardRule& rule, const UpstreamResolver& upstream) const;
  [[nodiscard]] std::vector<UpstreamPtr> candidates(ForwardRound& round, Walk& walk) const;
  [[nodiscard]] bool begin(ForwardRound& round, Walk& walk);
  void leaveLoops(ForwardRound& round, Walk& walk) const;
  [[nodiscard]] bool askNext(ForwardRound& round, Walk& walk);
  coro::Task<Shot> shoot(std::size_t number, ServerQuestion question, std::shared_ptr<Work> work);
  [[nodiscard]] bool isListed(const ForwardRound& round, const base::Address& server) const;
  [[nodiscard]] static bool tellsNetwork(const ForwardRound& round, const Walk& walk);
  [[nodiscard]] ServerQuestion questionTo(const UpstreamPtr& upstream, const ForwardRound& round,
                                          const Walk& walk) const;
  [[nodiscard]] bool afterFailure(ForwardRound& round, Walk& walk);
  [[nodiscard]] bool later(ForwardRound& round, Walk& walk);
  [[nodiscard]] VerdictPtr examine(Shot& shot, ForwardRound& round, Walk& walk);
  void count(ForwardRound& round, std::size_t number, Ending how);
  void count(ForwardRound& round, std::size_t number, Ending how, std::chrono::microseconds took);
  void countUnanswered(ForwardRound& round, std::size_t number, const ServerReply& reply);
  [[nodiscard]] Ending silence(const ForwardRound::Begun& shot) const;
  void countSilent(ForwardRound& round);
  void win(ForwardRound& round, const Shot& shot);
  [[nodiscard]] bool takeHedge();

  ResolveParts& d_parts;
  UpstreamWatch d_watch;
  double d_hedgeTokens = 20; // a cold start may hedge
};

// The authoritative servers of a rule as a delegation that never expires.
[[nodiscard]] DelegationPtr toDelegation(const ForwardRule& rule);

} // namespace rec
