// Coroutines, roots of their own, that end by themselves: probe(), look() and watchForLoop().
#include "recursor/resolve/upstreamwatch.hh"

#include <algorithm>

#include "lib/base/log.hh"
#include "lib/coro/wait.hh"

namespace rec {
namespace {

constexpr std::chrono::milliseconds kFirstPause{500}; // between two questions to an upstream that is down, or loops
constexpr std::chrono::milliseconds kLoopPause{5000}; // the longest between two looks whether it still loops

bool isGood(const ServerReply& reply) {
  const dns::RCode rcode = reply.message.header.rcode;
  return reply.status == ExchangeStatus::Answered && rcode != dns::RCode::Refused && rcode != dns::RCode::ServFail;
}

std::string nameOf(const UpstreamResolver& upstream) { return "upstream " + upstream.endpoint().text(); }

} // namespace

ServerQuestion questionFor(const UpstreamPtr& upstream) {
  const Endpoint& endpoint = upstream->endpoint();
  ServerQuestion question;
  question.server = endpoint.address;
  if (endpoint.scheme != Scheme::Udp) {
    question.endpoint = std::shared_ptr<const Endpoint>(upstream, &endpoint);
  }
  question.recursionDesired = true;
  question.configured = true;
  return question;
}

void UpstreamWatch::begin(const UpstreamPtr& upstream, const ForwardRulePtr& rule) {
  if (d_parts.options->forwardLoopCheck) {
    d_parts.roots.spawn(watchForLoop(upstream, rule));
  }
}

void UpstreamWatch::follow(UpstreamChange change, const UpstreamPtr& upstream, const ForwardRulePtr& rule) {
  switch (change) {
  case UpstreamChange::None: return;
  case UpstreamChange::WentDown:
    base::log(base::LogLevel::Warning, nameOf(*upstream) + " does not answer: until it does it is asked last");
    begin(upstream, rule); // in a ring all are silent: each waits for the next
    return d_parts.roots.spawn(probe(upstream, rule));
  case UpstreamChange::Doubtful: return d_parts.roots.spawn(look(upstream, rule));
  case UpstreamChange::CameUp:
    base::log(base::LogLevel::Warning, nameOf(*upstream) + " answers again");
    d_parts.caches.failures.wipe(rule->zone, true); // what it could not answer need not wait any longer
  }
}

ServerQuestion UpstreamWatch::probeOf(const UpstreamPtr& upstream, const ForwardRule& rule) const {
  ServerQuestion question = questionFor(upstream);
  question.question = {rule.zone, rule.zone.isRoot() ? dns::RRType::NS : dns::RRType::SOA, dns::RRClass::IN};
  question.deadline = d_parts.loop.now() + d_parts.options->networkTimeout;
  return question;
}

bool UpstreamWatch::isWanted(const UpstreamPtr& upstream) const {
  return std::ranges::any_of(d_parts.options->forwards, [&](const ForwardRule& rule) {
    return std::ranges::find(rule.upstreams, upstream) != rule.upstreams.end();
  });
}

// Somebody would still like to know whether it leads back here with this rule's questions.
bool UpstreamWatch::mayLoop(const UpstreamPtr& upstream, const ForwardRule& rule) const {
  const ForwardRule* now = d_parts.options->forwards.at(rule.zone);
  return d_parts.options->forwardLoopCheck && now != nullptr &&
         std::ranges::find(now->upstreams, upstream) != now->upstreams.end();
}

// Asks an upstream that is down for the rule's zone, ever more seldom, until it answers or no rule names it any more.
// Of one that goes down again meanwhile the next probe takes care.
coro::Task<void> UpstreamWatch::probe(UpstreamPtr upstream, ForwardRulePtr rule) {
  const std::uint64_t times = upstream->totals().timesDown;
  std::chrono::milliseconds pause = kFirstPause;
  for (;;) {
    co_await coro::Sleep(d_parts.loop, pause);
    if (!upstream->view().down || upstream->totals().timesDown != times || !isWanted(upstream)) {
      co_return;
    }
    pause = std::min<std::chrono::milliseconds>(2 * pause, d_parts.options->forwardProbeInterval);
    Work work(d_parts.options->limits);
    ServerQuestion question = probeOf(upstream, *rule);
    work.deadline = question.deadline;
    upstream->probed();
    auto reply = co_await d_parts.exchange.ask(std::move(question), work);
    if (isGood(*reply)) {
      follow(upstream->recovered(), upstream, rule);
    }
  }
}

// Asks it without another one beside it: how long it takes, and whether it is there at all, shows now.
coro::Task<void> UpstreamWatch::look(UpstreamPtr upstream, ForwardRulePtr rule) {
  const base::MonoTime since = d_parts.loop.clock().mono();
  Work work(d_parts.options->limits);
  ServerQuestion question = probeOf(upstream, *rule);
  work.deadline = question.deadline;
  upstream->probed();
  static_cast<void>(upstream->asked());
  auto reply = co_await d_parts.exchange.ask(std::move(question), work);
  if (reply->ownFault) { // says nothing of the upstream
    static_cast<void>(upstream->ended(Ending::Cancelled, {}, 0));
    co_return;
  }
  const bool there = reply->status == ExchangeStatus::Answered;
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(d_parts.loop.clock().mono() - since);
  const Ending how = !there ? Ending::Failed : isGood(*reply) ? Ending::Useful : Ending::Useless;
  const unsigned downAfter = d_parts.options->forwardDownAfter;
  follow(upstream->ended(how, took, downAfter), upstream, rule);
  if (!there && downAfter > 0) {
    follow(upstream->foundSilent(), upstream, rule);
  }
}

// Asks it for a name that nobody else can know. Who finds out that it comes back here looks again and again whether it
// still does, until it does not, or nobody wants to know any more.
coro::Task<void> UpstreamWatch::watchForLoop(UpstreamPtr upstream, ForwardRulePtr rule) {
  bool found = false;
  for (std::chrono::milliseconds pause = kFirstPause;; pause = std::min(2 * pause, kLoopPause)) {
    const LoopWatch::CheckPtr check = d_parts.loops.begin(rule->zone);
    if (!check) {
      co_return;
    }
    Work work(d_parts.options->limits);
    ServerQuestion question = probeOf(upstream, *rule);
    question.question = {check->name(), dns::RRType::A, dns::RRClass::IN};
    question.mayThrottle = false;
    work.deadline = question.deadline;
    auto reply = co_await d_parts.exchange.ask(std::move(question), work);
    settle(*upstream, *rule, *check, *reply, found);
    if (!found) {
      co_return;
    }
    co_await coro::Sleep(d_parts.loop, pause);
    if (!mayLoop(upstream, *rule)) {
      lift(*upstream, *rule);
      co_return;
    }
  }
}

// `found`: the upstream loops, and it was this look that has found out. Silence and failures prove nothing: the others
// in the ring may have seen it, too.
void UpstreamWatch::settle(UpstreamResolver& upstream, const ForwardRule& rule, const LoopWatch::Check& check,
                           const ServerReply& reply, bool& found) {
  if (check.cameBack() && upstream.setLoops(rule.zone, true)) {
    found = true;
    d_parts.counters.add(Metric::ForwardLoops);
    base::log(base::LogLevel::Error, nameOf(upstream) + " leads back to this resolver (a forwarding loop) for " +
                                         rule.zone.text() + ": it is not asked any more");
  } else if (!check.cameBack() && isGood(reply)) {
    lift(upstream, rule);
  }
  found = found && upstream.loops(rule.zone); // another look may have seen that it is over
}

void UpstreamWatch::lift(UpstreamResolver& upstream, const ForwardRule& rule) {
  if (upstream.setLoops(rule.zone, false)) {
    base::log(base::LogLevel::Warning, nameOf(upstream) + " is asked again for " + rule.zone.text() +
                                           ": it does not lead back to this resolver any more, or may");
    d_parts.caches.failures.wipe(rule.zone, true); // what it was not asked need not wait any longer
  }
}

} // namespace rec
