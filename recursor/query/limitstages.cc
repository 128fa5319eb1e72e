// The limits on clients in the pipeline: the stage behind the caches, what becomes of a question that is beyond a
// limit, and what is counted when one has been resolved. Which limit it is says limits/clientlimits.
#include <algorithm>

#include "recursor/query/pipeline.hh"

namespace rec {
namespace {

Metric metricOf(LimitReason reason) {
  switch (reason) {
  case LimitReason::None:
  case LimitReason::Resolutions: break;
  case LimitReason::RandomSubdomains: return Metric::RateLimitRandomSubdomains;
  case LimitReason::Waiting: return Metric::WaitLimitExceeded;
  case LimitReason::ZoneWaiting: return Metric::WaitLimitZoneExceeded;
  }
  return Metric::RateLimitResolutions;
}

// It did not fail by itself: others have taken all that its zone may have.
bool isCrowded(const Outcome& outcome) {
  return std::ranges::any_of(outcome.errors, [](const auto& error) { return error.code == dns::EdeCode::NotReady; });
}

std::optional<dns::Name> soaOf(const Outcome& outcome) {
  for (const AgedRRset& set : outcome.authority) {
    if (set.rrset.type() == dns::RRType::SOA) return set.rrset.owner();
  }
  return std::nullopt;
}

} // namespace

bool isExemptFromLimits(const Settings& settings, const base::Address& client, const dns::Name& name) {
  const auto isAbove = [&name](const dns::Name& zone) { return name.isWithin(zone); };
  return settings.rateLimitExemptClients.contains(client) ||
         std::ranges::any_of(settings.rateLimitExemptZones, isAbove);
}

bool Pipeline::isLimited(const Query& query) const {
  return d_parts.limits != nullptr && ClientLimits::isWanted(d_settings) &&
         !isExemptFromLimits(d_settings, query.client.source, query.question.name);
}

ClientLimits::Asked Pipeline::askedOf(const Query& query) const {
  return {query.client.source, query.client.tcp, query.question.name, d_parts.resolver.zoneOf(query.question.name)};
}

Pipeline::Step Pipeline::checkLimits(Query& query) {
  if (!isLimited(query)) {
    return Step::Next;
  }
  ClientLimits::Verdict verdict = d_parts.limits->judge(askedOf(query), d_parts.loop.now());
  query.waitingSlot = std::move(verdict.slot);
  d_counters.add(Metric::RateLimitKnownNames, verdict.isKnown ? 1 : 0);
  if (verdict.reason == LimitReason::None) {
    return Step::Next;
  }
  d_counters.add(metricOf(verdict.reason));
  if (!d_parts.limits->isInForce()) {
    d_counters.add(Metric::RateLimitLogOnly);
    return Step::Next;
  }
  query.waitingSlot = WaitingSlot();
  return limit(query, verdict.reason);
}

// The client whose address it is comes again over TCP after TC, where it is judged by what came over TCP: nobody can
// have its questions refused for good by sending others in its name.
Pipeline::Step Pipeline::limit(Query& query, LimitReason reason) {
  query.outcome = Outcome();
  query.outcome.cacheable = false;
  const bool slips = d_settings.rateLimitSlip > 0 && ++d_limited % d_settings.rateLimitSlip == 0;
  const std::string& action = d_settings.rateLimitAction;
  if (!query.client.tcp && (slips || action == "truncate")) {
    d_counters.add(Metric::RateLimitTruncated);
    query.truncate = true;
    query.outcome.rcode = dns::RCode::NoError;
    query.outcome.errors.push_back({dns::EdeCode::Prohibited, {}});
    return Step::Answer;
  }
  if (action == "drop") {
    d_counters.add(Metric::RateLimitDropped);
    return Step::Drop;
  }
  const bool fails = action == "servfail";
  d_counters.add(fails ? Metric::RateLimitServfail : Metric::RateLimitRefused);
  query.outcome.rcode = fails ? dns::RCode::ServFail : dns::RCode::Refused;
  query.outcome.errors.push_back(
      {dns::EdeCode::Prohibited, "too many questions (" + std::string(settingOf(reason)) + ")"});
  return Step::Answer;
}

// Only of what servers were asked for, once for each resolution: its first client's.
void Pipeline::noteResolved(const Query& query, const coro::Flight<Outcome>& flight, bool inTime) {
  if (query.followed || !isLimited(query)) {
    return;
  }
  if (!inTime || flight.failed()) {
    return d_parts.limits->denied(askedOf(query), std::nullopt, d_parts.loop.now());
  }
  const Outcome& outcome = flight.value();
  const bool isNew = outcome.kind == AnswerKind::Iterated || outcome.kind == AnswerKind::Forwarded;
  if (outcome.kind == AnswerKind::Failure ? !isCrowded(outcome) : isNew && outcome.rcode == dns::RCode::NXDomain) {
    d_parts.limits->denied(askedOf(query), soaOf(outcome), d_parts.loop.now());
  } else if (isNew) {
    d_parts.limits->exists(query.question.name);
  }
}

} // namespace rec
