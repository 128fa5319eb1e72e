// Stage of the pipeline that keeps answers in the packet cache: which, and for how long.
#include <algorithm>

#include "recursor/policy/luaquestion.hh"
#include "recursor/query/pipeline.hh"

namespace rec {

// The hot path finds only plain questions; for others an entry would be a waste.
bool Pipeline::fitsPacketCache(const Query& query) const {
  const bool plain = query.header.opcode == dns::Opcode::Query && query.question.rrclass == dns::RRClass::IN &&
                     !isNoData(query.question.type) && query.question.type != dns::RRType::ANY;
  const bool told = query.edns && query.edns->clientSubnet && d_settings.useIncomingEdnsSubnet; // whom it is for
  const bool ownOptions = query.edns && (told || query.edns->nsidRequested || query.edns->keepaliveRequested ||
                                         query.edns->version != 0 || query.outcome.rcode == dns::RCode::FormErr);
  const bool judgedByThese = query.policyEpoch == (d_policies ? d_policies->epoch() : 0);
  return plain && !ownOptions && query.outcome.cacheable && !query.variable && judgedByThese && isSeenByLua(query) &&
         !d_settings.disablePacketcache;
}

// A failure is kept only in the form it has when it comes from the failure cache, and no longer than that keeps it.
std::uint32_t Pipeline::packetTtl(const Query& query) const {
  const auto seconds = [](std::chrono::seconds limit) { return static_cast<std::uint32_t>(limit.count()); };
  const Outcome& outcome = query.outcome;
  if (outcome.rcode == dns::RCode::ServFail) {
    const bool remembered = outcome.kind == AnswerKind::CachedFailure;
    return remembered ? seconds(std::min(d_settings.packetcacheServfailTtl, d_settings.failureCacheTtl)) : 0;
  }
  if (outcome.kind == AnswerKind::Stale) {
    return 0;
  }
  const bool negative = outcome.rcode == dns::RCode::NXDomain || outcome.answer.empty();
  if (isDecided(query) && d_composed.ttlOffsets.empty() && query.policy) {
    return std::min(query.policy->ttl, seconds(d_settings.packetcacheNegativeTtl));
  }
  if (query.keepFor && d_composed.ttlOffsets.empty()) {
    return std::min(*query.keepFor, seconds(d_settings.packetcacheNegativeTtl));
  }
  if (query.lua && query.lua->handled && d_composed.ttlOffsets.empty()) { // no record says for how long
    return seconds(d_settings.packetcacheNegativeTtl);
  }
  return std::min(d_composed.lowestTtl,
                  seconds(negative ? d_settings.packetcacheNegativeTtl : d_settings.packetcacheTtl));
}

Pipeline::Step Pipeline::keep(Query& query) {
  if (!fitsPacketCache(query)) {
    d_counters.add(Metric::VariableResponses);
    return Step::Next;
  }
  if (!d_composed.complete) {
    return Step::Next;
  }
  if (d_settings.maxPacketcacheEntrySize != 0 && d_composed.message.size() > d_settings.maxPacketcacheEntrySize) {
    d_counters.add(Metric::MaxPacketcacheEntrySizeExceeded);
    return Step::Next;
  }
  RawQuestion raw;
  raw.name = query.question.name.wire();
  raw.type = query.question.type;
  raw.recursionDesired = query.header.rd;
  raw.authenticData = query.header.ad;
  raw.checkingDisabled = query.header.cd;
  raw.hasEdns = query.edns.has_value();
  raw.dnssecOk = query.dnssecOk();
  const std::uint32_t ttl = packetTtl(query);
  const bool mayRenew = d_parts.prefetcher != nullptr && query.header.rd && d_composed.lowestTtl > 0 &&
                        !isDecided(query) && !query.lua &&
                        !d_additionals.wants(query.question.type); // a renewal brings the answer alone
  const RenewalPlan renewal =
      mayRenew ? d_parts.prefetcher->plan(ttl, d_composed.lowestTtl, d_composed.originalTtl) : RenewalPlan();
  d_parts.packetCache.store(raw.key(query.client.tcp), d_composed.message, d_composed.ttlOffsets, ttl,
                            d_parts.loop.wall(), renewal, query.lua ? query.lua->tag : 0, isDecided(query));
  return Step::Next;
}

} // namespace rec
