// Renewals in the pipeline: what the prefetcher of one worker wants, resolved at the question's home, kept in the
// packet cache of the worker that wanted it. Nobody waits for them, nothing is sent.
#include <algorithm>

#include "recursor/query/pipeline.hh"
#include "recursor/query/prefetcher.hh"

namespace rec {

Request Pipeline::renewalOf(const Query& query) const {
  Request request = requestFor(query);
  constexpr unsigned warm = 10;
  const unsigned percent = d_settings.refreshOnTtlPerc;
  request.renew = query.errand == Errand::Warm ? std::max(percent, warm) : percent;
  return request;
}

Prefetcher::Runner::Start Pipeline::renew(const QueryPtr& query) {
  const auto known = d_parts.resolver.fromCache(renewalOf(*query));
  if (known) {
    if (known->kind != AnswerKind::CachedFailure) {
      d_counters.add(Metric::PrefetchNotNeeded);
      keepRenewed(*query, *known);
    }
    return Start::NotNeeded;
  }
  // What was validated gives way to nothing less, whether or not this client wants it validated.
  const auto expiring = d_parts.resolver.fromCache(requestFor(*query));
  query->validated = expiring && (expiring->security == Security::Secure || expiring->security == Security::Insecure);
  const std::uint32_t home = homeOf(*query);
  if (home == d_parts.host.self()) {
    receive(query);
  } else {
    d_parts.host.handOver(home, query);
  }
  return Start::Running;
}

coro::Task<void> Pipeline::resolveRenewal(QueryPtr query) {
  const auto flight = isBusy() ? nullptr : join(*query);
  query->failed = true;
  if (flight) {
    coro::Gate& gate = flight->gate;
    const base::MonoTime deadline = query->deadline;
    const bool landed = co_await coro::GateWait(gate, deadline);
    query->failed = !landed || flight->failed() || flight->value().rcode == dns::RCode::ServFail;
  }
  query->errand = Errand::Renewed;
  const std::uint32_t wantedBy = query->client.worker;
  if (wantedBy == d_parts.host.self()) {
    endRenewal(*query);
  } else {
    d_parts.host.handOver(wantedBy, query);
  }
}

void Pipeline::endRenewal(Query& query) {
  auto known = query.failed ? std::nullopt : d_parts.resolver.fromCache(renewalOf(query));
  const bool renewed = known && known->kind != AnswerKind::CachedFailure;
  if (renewed) {
    keepRenewed(query, std::move(*known));
  }
  d_parts.prefetcher->ended(renewed);
}

void Pipeline::keepRenewed(Query& query, Outcome outcome) {
  adopt(query, std::move(outcome));
  if (d_lua != nullptr || isJudged(query)) { // a script has to see each question
    return;
  }
  checkRebinding(query);
  checkSentinel(query);
  compose(query);
  keep(query);
}

} // namespace rec
