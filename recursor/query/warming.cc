// keepwarm in the pipeline: a coroutine for each name whose home this worker is keeps it in the shared caches, from the
// start on and whether or not anybody asks.
#include <algorithm>

#include "lib/coro/wait.hh"
#include "recursor/cache/renewal.hh"
#include "recursor/query/pipeline.hh"

namespace rec {
namespace {

using std::chrono::seconds;

constexpr std::chrono::milliseconds kBetween{5}; // the first look-ups of two names
constexpr seconds kPatience{5};
constexpr seconds kOften{60};       // it may have been wiped or evicted
constexpr seconds kAfterFailure{5}; // the failure cache says whether it is really asked for again

// How long nothing has to be done for what the caches say.
seconds untilDue(const Outcome& known, unsigned percent) {
  seconds least = kOften;
  const auto look = [&](const std::vector<AgedRRset>& sets) {
    for (const AgedRRset& set : sets) {
      const std::uint32_t lead = renewalLead(set.originalTtl == 0 ? set.ttl : set.originalTtl, percent);
      least = std::min(least, seconds(set.ttl > lead ? set.ttl - lead : 1));
    }
  };
  look(known.answer);
  if (known.answer.empty()) {
    look(known.authority);
  }
  return std::max(least, seconds(1));
}

} // namespace

void Pipeline::keepWarm(const std::vector<dns::Question>& questions) {
  ++d_warmGeneration;
  std::chrono::milliseconds pause{0};
  for (const dns::Question& question : questions) {
    Query query;
    query.question = question;
    if (homeOf(query) == d_parts.host.self()) {
      d_parts.roots.spawn(keepOneWarm(question, pause += kBetween, d_warmGeneration));
    }
  }
}

coro::Task<void> Pipeline::keepOneWarm(dns::Question question, std::chrono::milliseconds pause, unsigned generation) {
  co_await coro::Sleep(d_parts.loop, pause);
  while (generation == d_warmGeneration) {
    const auto query = std::make_shared<Query>();
    query->errand = Errand::Warm;
    query->question = question;
    query->header.rd = query->header.ad = true; // validated, where anything is
    query->received = d_parts.loop.now();
    co_await warmUp(query);
    const Request request = requestFor(*query);
    const auto known = d_parts.resolver.fromCache(request);
    const bool isThere = known && known->rcode != dns::RCode::ServFail;
    const seconds rest = isThere ? untilDue(*known, renewalOf(*query).renew) : kAfterFailure;
    co_await coro::Sleep(d_parts.loop, rest);
  }
}

// Resolved when it is not in the caches or about to leave them.
coro::Task<void> Pipeline::warmUp(QueryPtr query) {
  if (isBusy() || d_parts.resolver.fromCache(renewalOf(*query))) {
    co_return;
  }
  d_counters.add(Metric::KeepwarmRenewals);
  const auto flight = join(*query);
  if (flight) {
    coro::Gate& gate = flight->gate;
    const base::MonoTime deadline = query->received + kPatience;
    co_await coro::GateWait(gate, deadline);
  }
}

} // namespace rec
