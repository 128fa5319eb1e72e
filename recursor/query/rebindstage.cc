// The protection against DNS rebinding in the pipeline: the first stage after resolving, so that it sees what comes
// from servers and caches, before policies and scripts have put in something of their own, and before the answer is
// kept: the packet cache has what is left, and a hit costs nothing.
#include "lib/base/log.hh"
#include "recursor/policy/luaquestion.hh"
#include "recursor/query/pipeline.hh"

namespace rec {
namespace {

constexpr std::chrono::seconds kLogInterval{30};

} // namespace

Pipeline::Step Pipeline::checkRebinding(Query& query) {
  const bool isOwn = isDecided(query) || (query.lua && query.lua->handled);
  if (d_rebinding.action() == RebindGuard::Action::None || isOwn) {
    return Step::Next;
  }
  const auto isExempt = [this](const dns::Name& owner) { return d_parts.resolver.isOperators(owner); };
  const auto finding = d_rebinding.look(query.outcome.answer, isExempt);
  if (!finding) {
    return Step::Next;
  }
  warnOfRebinding(query, *finding);
  if (d_rebinding.action() == RebindGuard::Action::Refuse) {
    d_counters.add(Metric::DnsRebindRefused);
    query.outcome.rcode = dns::RCode::Refused;
    query.outcome.answer.clear();
  } else {
    d_counters.add(Metric::DnsRebindRemoved);
    query.outcome.answer = d_rebinding.without(query.outcome.answer, isExempt);
  }
  query.outcome.authority.clear();
  query.outcome.additional.clear();
  query.outcome.security = Security::Insecure; // it is not what was signed
  query.outcome.errors.push_back({dns::EdeCode::Blocked, "it has a private address (stop-dns-rebind)"});
  query.keepFor = finding->ttl;
  return Step::Next;
}

// Once in a while: a page can have its readers ask as often as it likes.
void Pipeline::warnOfRebinding(const Query& query, const RebindGuard::Finding& finding) {
  const base::MonoTime now = d_parts.loop.now();
  if (now < d_nextRebindWarning) {
    return;
  }
  d_nextRebindWarning = now + kLogInterval;
  base::log(base::LogLevel::Warning, "possible DNS rebinding: " + query.question.name.text() + ", asked for by " +
                                         query.client.source.text() + ", has the private address " +
                                         finding.address.text() + " of " + finding.owner.text());
}

} // namespace rec
