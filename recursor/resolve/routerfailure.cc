// What becomes of a failure: stale data instead, an explanation, a report to the agent of the zone (RFC 9567),
// counters.
#include "recursor/resolve/errorreport.hh"
#include "recursor/resolve/router.hh"

namespace rec {

// RFC 9567: the agent named by the server that gave the bad data. What the agent says is cached and spares repetitions.
void Router::report(const dns::Question& question, const Lookup& bogus) {
  if (!d_parts.options->validation.reportErrors || !bogus.reportTo || bogus.errors.empty()) {
    return;
  }
  auto name = errorReportName(question.name, question.type, bogus.errors.back().code, *bogus.reportTo);
  if (name) {
    d_parts.counters.add(Metric::DnsErrorReports);
    d_parts.roots.spawn(tell(std::move(*name)));
  }
}

coro::Task<void> Router::tell(dns::Name name) {
  Walk walk;
  walk.work = std::make_shared<Work>(d_parts.options->limits);
  walk.work->deadline = d_parts.loop.now() + d_parts.options->maxTotal;
  const dns::Question question{name, dns::RRType::TXT, dns::RRClass::IN};
  co_await lookup(question, walk);
}

void Router::explainFailure(const Chain& chain, const Walk& walk, const Request& request, Outcome& outcome) {
  countLimits(walk, chain);
  if (d_parts.options->staleKept && outcome.security != Security::Bogus) {
    Request stale = request;
    stale.allowStale = true;
    stale.renew = 0;
    if (auto kept = knownChain(stale); kept && kept->rcode != dns::RCode::ServFail) {
      outcome = std::move(*kept);
      return;
    }
  }
  if (outcome.kind == AnswerKind::CachedFailure) {
    d_parts.counters.add(Metric::FailureCacheHits);
    outcome.errors.push_back({dns::EdeCode::CachedError, {}});
    return;
  }
  outcome.kind = AnswerKind::Failure;
  if (outcome.security == Security::Bogus) {
    return; // explained already
  }
  if (!chain.broken().empty()) {
    outcome.errors = {{dns::EdeCode::Other, chain.broken()}};
    if (outcome.cacheable) { // else the aliases of other networks may lead somewhere
      d_parts.caches.failures.store(request.question.name, request.question.type, outcome.errors, d_parts.loop.wall());
    }
    return;
  }
  outcome.errors = walk.explain();
  walk.note({StepKind::Failed,
             0,
             request.question.name,
             request.question.type,
             {},
             {},
             outcome.errors.front().text,
             d_parts.loop.now()});
}

void Router::countEffort(const Walk& walk, Outcome& outcome) {
  const dnssec::Effort& effort = walk.work->effort;
  outcome.upstreamQueries = walk.work->queries;
  outcome.upstreamBytes = static_cast<std::uint32_t>(walk.work->bytes);
  d_parts.counters.add(Metric::DnssecSignatureChecks, effort.signatures());
  d_parts.counters.add(Metric::DnssecNsec3Hashes, effort.hashes());
  d_parts.counters.add(Metric::MaxSignatureValidationsExceeded, effort.signaturesExceeded() ? 1 : 0);
  d_parts.counters.add(Metric::MaxNsec3HashComputationsExceeded, effort.hashesExceeded() ? 1 : 0);
}

void Router::countLimits(const Walk& walk, const Chain& chain) {
  if (chain.tooLong()) {
    d_parts.counters.add(Metric::MaxCnamesFollowedExceeded);
  }
  if (d_parts.loop.now() >= walk.work->deadline) {
    d_parts.counters.add(Metric::MaxTotalMsecExceeded);
  }
  if (walk.work->exhausted()) {
    walk.note({StepKind::Limit, 0, {}, {}, {}, {}, walk.work->exceeded, d_parts.loop.now()});
    d_parts.counters.add(Metric::ResourceLimits);
  }
  if (walk.work->counter) {
    d_parts.counters.add(*walk.work->counter);
  }
}

} // namespace rec
