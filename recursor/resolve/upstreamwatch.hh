// UpstreamWatch: what the forwarder asks upstreams for its own sake: probes of those that are down, and whether what
// they are asked comes back here. Tells the log of changes. One per worker, owned by its forwarder.
#pragma once

#include "recursor/resolve/parts.hh"
#include "recursor/upstream/exchange.hh"

namespace rec {

class UpstreamWatch {
 public:
  explicit UpstreamWatch(ResolveParts& parts) : d_parts(parts) {}
  // This rule's first question was sent to it.
  void begin(const UpstreamPtr& upstream, const ForwardRulePtr& rule);
  // An exchange with it, by this rule, has changed what is thought of it.
  void follow(UpstreamChange change, const UpstreamPtr& upstream, const ForwardRulePtr& rule);

 private:
  [[nodiscard]] ServerQuestion probeOf(const UpstreamPtr& upstream, const ForwardRule& rule) const;
  [[nodiscard]] bool isWanted(const UpstreamPtr& upstream) const;
  [[nodiscard]] bool mayLoop(const UpstreamPtr& upstream, const ForwardRule& rule) const;
  coro::Task<void> probe(UpstreamPtr upstream, ForwardRulePtr rule);
  coro::Task<void> look(UpstreamPtr upstream, ForwardRulePtr rule);
  coro::Task<void> watchForLoop(UpstreamPtr upstream, ForwardRulePtr rule);
  void settle(UpstreamResolver& upstream, const ForwardRule& rule, const LoopWatch::Check& check,
              const ServerReply& reply, bool& found);
  void lift(UpstreamResolver& upstream, const ForwardRule& rule);

  ResolveParts& d_parts;
};

// A question to that upstream, as yet without a name and a deadline.
[[nodiscard]] ServerQuestion questionFor(const UpstreamPtr& upstream);

} // namespace rec
