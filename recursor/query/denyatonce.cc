// Names that a list or zone denies, answered before anything else is done: a plain question needs neither a Query nor
// the stages for that. Whatever is unusual in the least goes the long way, which says the same; the tests compare them.
#include <algorithm>

#include "recursor/policy/applying.hh"
#include "recursor/policy/rulehits.hh"
#include "recursor/query/hotpath.hh"
#include "recursor/query/pipeline.hh"
#include "recursor/query/querylogging.hh"

namespace rec {

// Scripts and rules about clients have a say before the name has, sort lists are for some clients only.
bool Pipeline::mayDenyAtOnce() const {
  return d_policies && d_lua == nullptr && d_settings.quiet && !d_answerRules &&
         d_policies->has(PolicyTrigger::QName) && !d_policies->has(PolicyTrigger::ClientIp);
}

// Names that a policy has are looked for in no cache.
void Pipeline::expect(std::span<const Expected> questions) {
  if (!d_policies || !d_policies->has(PolicyTrigger::QName)) {
    return d_parts.resolver.prefetch(questions);
  }
  d_expected.names.clear();
  for (const Expected& question : questions) {
    d_expected.names.push_back({.wire = question.name});
  }
  d_policies->prefetch(d_expected);
  d_unlisted.clear();
  for (std::size_t i = 0; i < questions.size(); ++i) {
    if (!d_expected.names[i].found) d_unlisted.push_back(questions[i]);
  }
  d_parts.resolver.prefetch(d_unlisted);
}

Pipeline::AtOnce Pipeline::denyAtOnce(std::span<const std::byte> packet, const Client& client, base::MonoTime received,
                                      const RawQuestion* read) {
  if (!mayDenyAtOnce()) {
    return AtOnce::Unclear;
  }
  const auto raw = read != nullptr ? std::optional(*read) : parseRawQuestion(packet, d_settings.useIncomingEdnsSubnet);
  if (!raw || !raw->recursionDesired) {
    return AtOnce::Unclear;
  }
  const dns::Question question{dns::Name::fromWire(raw->name), raw->type, raw->rrclass};
  const base::WallTime now = d_parts.loop.wall();
  const bool isLogged = d_parts.queryLog != nullptr && d_parts.queryLog->isOn();
  const NameGlance glance = d_policies->glance(
      question.name, {.client = client.source, .question = question, .tcp = client.tcp, .now = now}, isLogged);
  if (glance.kind != NameGlance::Kind::Denied) {
    return glance.kind == NameGlance::Kind::Nothing ? AtOnce::Unlisted : AtOnce::Unclear;
  }
  if (d_parts.loops != nullptr && d_parts.loops->notice(question.name)) {
    return AtOnce::Unclear;
  }
  const DenialWriter::Denial denial = d_denials.write(packet, *raw, glance, client.tcp);
  if (denial.message.empty()) {
    return AtOnce::Unclear;
  }
  keepDenial(*raw, glance, denial, client.tcp, now);
  d_parts.host.reply(client, denial.message);
  countDenial(*raw, glance, client);
  const auto took = d_parts.loop.clock().mono() - received;
  d_parts.latencies.answered(AnsweredFrom::Local, took, {});
  if (isLogged) {
    logDenial(*d_parts.queryLog, *raw, denial.message, client, glance, took);
  }
  return AtOnce::Denied;
}

// As keep() does it.
void Pipeline::keepDenial(const RawQuestion& raw, const NameGlance& glance, const DenialWriter::Denial& denial,
                          bool tcp, base::WallTime now) {
  if (d_settings.disablePacketcache) {
    d_counters.add(Metric::VariableResponses);
    return;
  }
  if (d_settings.maxPacketcacheEntrySize != 0 && denial.message.size() > d_settings.maxPacketcacheEntrySize) {
    d_counters.add(Metric::MaxPacketcacheEntrySizeExceeded);
    return;
  }
  const auto most = static_cast<std::uint32_t>(d_settings.packetcacheNegativeTtl.count());
  d_parts.packetCache.store(raw.key(tcp), denial.message, denial.ttlOffsets, std::min(glance.ttl, most), now, {}, 0,
                            true);
}

// What countQuestion(), apply() and send() count.
void Pipeline::countDenial(const RawQuestion& raw, const NameGlance& glance, const Client& client) {
  d_counters.add(Metric::DnssecQueries, raw.dnssecOk ? 1 : 0);
  d_counters.add(Metric::DnssecAuthenticDataQueries, raw.authenticData ? 1 : 0);
  d_counters.add(Metric::DnssecCheckDisabledQueries, raw.checkingDisabled ? 1 : 0);
  if (d_parts.types != nullptr) {
    d_parts.types->add(raw.type);
  }
  if (d_parts.top != nullptr) {
    d_parts.top->note(TopEvent::Asked, raw.name, raw.type, client.source);
  }
  d_counters.add(metricOf(glance.action));
  glance.source->hits->applied.fetch_add(1, std::memory_order_relaxed);
  if (glance.source->ruleHits) {
    glance.source->ruleHits->note(glance.rule);
  }
  countRCode(d_counters, rcodeOf(glance.action));
}

} // namespace rec
