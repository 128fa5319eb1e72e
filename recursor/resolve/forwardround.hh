// ForwardRound: what one forwarded question has done so far: which upstreams it asks in which order, and its shots,
// which are the exchanges it has begun. Lives in the frame of Forwarder::lookup().
#pragma once

#include "lib/coro/race.hh"
#include "recursor/resolve/forwardstrategy.hh"
#include "recursor/resolve/parts.hh"
#include "recursor/upstream/exchange.hh"

namespace rec {

// An exchange that has ended by itself.
struct Shot {
  std::size_t number = 0; // in ForwardRound::shots
  ReplyPtr reply;
};

struct ForwardRound {
  struct Begun {
    UpstreamPtr upstream;
    base::MonoTime at;
    bool over = false;
    bool hedge = false; // begun because another one was late
  };

  ForwardRound(coro::Loop& onLoop, dns::Question asked, ForwardRulePtr from)
      : loop(onLoop), question(std::move(asked)), rule(std::move(from)), race(onLoop) {}
  ForwardRound(const ForwardRound&) = delete;
  ForwardRound& operator=(const ForwardRound&) = delete;
  ~ForwardRound(); // what has not ended by then is cancelled

  [[nodiscard]] std::chrono::microseconds took(const Begun& shot) const {
    return std::chrono::duration_cast<std::chrono::microseconds>(loop.clock().mono() - shot.at);
  }
  [[nodiscard]] bool awaitsAnswer() const; // of one that does not lead back here
  // It answered, or the network did, and asking again would bring the same.
  void leaveOut(const UpstreamPtr& upstream);

  coro::Loop& loop;
  dns::Question question;
  ForwardRulePtr rule;
  std::vector<UpstreamPtr> order; // of those left to ask; begins again when all were, as packets get lost
  std::size_t next = 0;
  unsigned turns = 1;    // how often all have been asked
  bool hedging = true;   // until the budget refuses
  bool heard = false;    // some upstream has answered, if only with an error
  bool looped = false;   // some upstream was not asked because it leads back here
  base::MonoTime nextAt; // when another one joins in
  std::vector<Begun> shots;
  coro::Race<Shot> race; // destroyed first: cancels what runs
};

} // namespace rec
