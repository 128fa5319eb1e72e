// The part of the router that explains: a resolution like any client's, on which everything is noted, and then the
// chain of trust of each of its links.
#include "recursor/resolve/router.hh"

namespace rec {
namespace {

constexpr std::chrono::milliseconds kForTrust{1000}; // for what the walk itself did not look up, after its deadline

} // namespace

coro::Task<ExplanationPtr> Router::explain(Request request, bool fresh) {
  const base::MonoTime begun = d_parts.loop.now();
  auto explanation = std::make_shared<Explanation>();
  explanation->question = request.question;
  explanation->isFresh = fresh;
  explanation->isValidated = request.checking != Checking::None;
  explanation->trace = request.trace;
  Walk walk = beginWalk(request);
  walk.fresh = fresh;
  walk.explanation = explanation.get();
  const base::MonoTime deadline = request.deadline + kForTrust;
  auto outcome = co_await resolveChain(request, walk);
  explanation->outcome = std::move(outcome);
  explanation->took = std::chrono::duration_cast<std::chrono::milliseconds>(d_parts.loop.now() - begun);
  if (explanation->isValidated) {
    co_await d_explainer.followTrust(*explanation, deadline);
  }
  explanation->now = d_parts.loop.wall();
  co_return explanation;
}

} // namespace rec
