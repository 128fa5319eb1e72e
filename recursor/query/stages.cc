// The stages of the pipeline, in the order of its arrays. Each looks at one thing and either lets the question go on,
// answers it or drops it.
#include <algorithm>
#include <array>

#include "lib/base/log.hh"
#include "lib/dns/message.hh"
#include "lib/dns/rdata.hh"
#include "recursor/policy/luaquestion.hh"
#include "recursor/query/anchorquery.hh"
#include "recursor/query/hotpath.hh"
#include "recursor/query/pipeline.hh"
#include "recursor/query/querylogging.hh"
#include "recursor/trust/keytags.hh"

namespace rec {
namespace {

// What the CHAOS names tell; null for other names.
const std::string* chaosText(const dns::Name& name, const Settings& settings) {
  const std::string text = name.lowercased().text();
  if (text == "version.bind." || text == "version.server.") {
    return &settings.versionString;
  }
  if (text == "id.server." || text == "hostname.bind.") {
    return &settings.serverId;
  }
  return nullptr;
}

bool isTransfer(dns::RRType type) { return type == dns::RRType::AXFR || type == dns::RRType::IXFR; }

// Nothing that a zone can have: 0, OPT, and the range of QTYPEs and meta types (RFC 6895 3.1).
bool isNoData(dns::RRType type) {
  const auto number = static_cast<unsigned>(type);
  return number == 0 || type == dns::RRType::OPT || (number >= 128 && number <= 254);
}

bool notifyAllowedFor(const dns::Name& zone, const Settings& settings) {
  const auto covers = [&zone](const dns::Name& allowed) { return zone.isWithin(allowed); };
  return std::any_of(settings.allowNotifyFor.begin(), settings.allowNotifyFor.end(), covers);
}

// RFC 8482 4.2: what a name has that does not have the type we looked for.
AgedRRset conventionalHinfo(const dns::Name& name) {
  constexpr std::array<unsigned char, 9> kRdata{7, 'R', 'F', 'C', '8', '4', '8', '2', 0};
  constexpr std::uint32_t kTtl = 3600;
  dns::RRsetBuilder builder(name, dns::RRType::HINFO, dns::RRClass::IN, kTtl);
  builder.add(std::as_bytes(std::span(kRdata)));
  return {builder.build(), kTtl};
}

AnsweredFrom sourceOf(AnswerKind kind) {
  switch (kind) {
  case AnswerKind::Local: return AnsweredFrom::Local;
  case AnswerKind::RecordCache: return AnsweredFrom::RecordCache;
  case AnswerKind::Iterated:
  case AnswerKind::Forwarded: return AnsweredFrom::Resolved;
  case AnswerKind::Stale: return AnsweredFrom::Stale;
  case AnswerKind::Failure:
  case AnswerKind::CachedFailure: return AnsweredFrom::Failure;
  }
  return AnsweredFrom::Failure;
}

} // namespace

Pipeline::Step Pipeline::checkOpcode(Query& query) {
  if (query.header.opcode == dns::Opcode::Query) {
    return Step::Next;
  }
  if (query.header.opcode == dns::Opcode::Notify) {
    return notify(query);
  }
  query.outcome.rcode = dns::RCode::NotImp;
  return Step::Answer;
}

// A zone that is transferred hears from its primaries, whatever allow-notify-from says.
bool Pipeline::toldListener(const dns::Header& header, std::span<const std::byte> packet, const Client& client) {
  const auto answer = d_parts.notified != nullptr ? d_parts.notified->notify(packet, client.source) : std::nullopt;
  if (!answer) {
    return false;
  }
  countRCode(d_counters, dns::parseHeader(*answer).value_or(header).rcode);
  d_parts.host.reply(client, *answer);
  return true;
}

// RFC 1996: what we know of the zone may be out of date. NOTIMP when NOTIFYs are not wanted at all.
Pipeline::Step Pipeline::notify(Query& query) {
  query.outcome.cacheable = false;
  query.outcome.rcode = dns::RCode::NotImp;
  const base::Address& source = query.client.source;
  const base::Address& client = d_mapping ? d_mapping->forAccess(source) : source;
  if (d_settings.allowNotifyFrom.empty()) {
    const bool known = d_settings.allowFrom.empty() || d_settings.allowFrom.contains(client);
    return known ? Step::Answer : Step::Drop;
  }
  if (!d_settings.allowNotifyFrom.contains(client)) {
    d_counters.add(Metric::SourceDisallowedNotify);
    return Step::Drop;
  }
  if (!notifyAllowedFor(query.question.name, d_settings) && !d_parts.resolver.wantsNotify(query.question.name)) {
    d_counters.add(Metric::ZoneDisallowedNotify);
    query.outcome.rcode = dns::RCode::Refused;
    return Step::Answer;
  }
  d_parts.host.wipeZone(query.question.name);
  query.outcome.rcode = dns::RCode::NoError;
  return Step::Answer;
}

// What we asked an upstream has come back.
Pipeline::Step Pipeline::checkLoop(Query& query) {
  if (d_parts.loops == nullptr || !d_parts.loops->notice(query.question.name)) {
    return Step::Next;
  }
  query.outcome = Outcome(); // SERVFAIL
  query.outcome.cacheable = false;
  query.outcome.errors.push_back({dns::EdeCode::Other, "this question came from here: a forwarding loop"});
  return Step::Answer;
}

Pipeline::Step Pipeline::checkEdns(Query& query) {
  if (!query.edns) {
    return Step::Next;
  }
  if (query.edns->version != 0) { // RFC 6891 6.1.3
    query.outcome.rcode = dns::RCode::BadVers;
    return Step::Answer;
  }
  const bool scoped = query.edns->clientSubnet && query.edns->clientSubnet->scope != 0;
  if (query.edns->cookieMalformed || query.edns->clientSubnetMalformed || scoped) { // RFC 7873 5.2.2, RFC 7871 6
    query.outcome.rcode = dns::RCode::FormErr;
    return Step::Answer;
  }
  return Step::Next;
}

Pipeline::Step Pipeline::answerChaos(Query& query) {
  const dns::Question& question = query.question;
  if (question.rrclass == dns::RRClass::IN) {
    return Step::Next;
  }
  query.outcome.cacheable = false;
  query.outcome.rcode = dns::RCode::Refused;
  const bool isText = question.type == dns::RRType::TXT || question.type == dns::RRType::ANY;
  const std::string* text = chaosText(question.name, d_settings);
  if (question.rrclass == dns::RRClass::CH && isText && d_settings.allowTrustAnchorQuery && d_anchors) {
    if (const auto set = anchorAnswer(question.name, d_anchors->current(), d_parts.loop.wall())) {
      query.outcome.rcode = dns::RCode::NoError;
      if (*set) query.outcome.answer.push_back({*set, set->ttl()});
      return Step::Answer;
    }
  }
  if (question.rrclass == dns::RRClass::CH && isText && text != nullptr && *text != "disabled") {
    query.outcome.rcode = dns::RCode::NoError;
    query.outcome.answer.push_back({dns::makeTxtRRset(question.name, dns::RRClass::CH, 0, *text), 0});
  }
  return Step::Answer;
}

Pipeline::Step Pipeline::checkType(Query& query) {
  if (!isNoData(query.question.type)) {
    return Step::Next;
  }
  query.outcome.rcode = isTransfer(query.question.type) ? dns::RCode::Refused : dns::RCode::NotImp;
  return Step::Answer;
}

Pipeline::Step Pipeline::answerAny(Query& query) {
  if (query.question.type == dns::RRType::ANY && !query.client.tcp && d_settings.anyToTcp) {
    query.outcome.rcode = dns::RCode::NoError;
    query.truncate = true;
    return Step::Answer;
  }
  return Step::Next;
}

Pipeline::Step Pipeline::checkRecursionDesired(Query& query) {
  if (query.header.rd || d_settings.allowNoRd) {
    return Step::Next;
  }
  query.outcome.rcode = dns::RCode::Refused;
  query.outcome.errors.push_back({dns::EdeCode::NotAuthoritative, "recursion was not desired"}); // RFC 8914 4.21
  return Step::Answer;
}

Pipeline::Step Pipeline::askCaches(Query& query) {
  const Request request = requestFor(query);
  auto outcome = d_parts.resolver.fromCache(request);
  const bool isWhole =
      outcome && (!d_additionals.wants(request.question.type) || d_additionals.addKnown(request, *outcome));
  if (isWhole || (outcome && request.cacheOnly)) {
    d_counters.add(outcome->kind == AnswerKind::Local ? Metric::AuthZoneQueries : Metric::CacheHits);
    if (request.trace) {
      d_parts.tracer->end(request.question, *request.trace, *outcome);
    }
    adopt(query, std::move(*outcome));
    return Step::Answer;
  }
  query.missed = d_parts.resolver.foundNothing();
  if (query.header.rd) {
    return Step::Next;
  }
  query.outcome.rcode = dns::RCode::Refused;
  query.outcome.cacheable = false;
  query.outcome.errors.push_back({dns::EdeCode::NotAuthoritative, "not in the cache"});
  return Step::Answer;
}

void Pipeline::adopt(Query& query, Outcome&& outcome) {
  query.outcome = std::move(outcome);
  query.variable = query.variable || !query.outcome.cacheable; // and what a policy makes of it
  if (query.followed) {
    const Outcome& begun = query.followed->begun;
    auto& answer = query.outcome.answer;
    answer.insert(answer.begin(), begun.answer.begin(), begun.answer.end());
    query.outcome.errors.insert(query.outcome.errors.begin(), begun.errors.begin(), begun.errors.end());
    query.outcome.security = Security::Insecure;
    query.outcome.narrow(begun.scope);
    return;
  }
  const bool nothingThere = query.outcome.rcode == dns::RCode::NoError && query.outcome.answer.empty();
  if (query.question.type == dns::RRType::ANY && nothingThere) {
    query.outcome.answer.push_back(conventionalHinfo(query.question.name));
    query.outcome.authority.clear();
    query.outcome.security = Security::Insecure;
  }
}

// RFC 8509 3: only of answers that were validated for the client.
Pipeline::Step Pipeline::checkSentinel(Query& query) {
  const dns::RRType type = query.question.type;
  const bool isAddress = type == dns::RRType::A || type == dns::RRType::AAAA;
  if (!isAddress || query.outcome.security != Security::Secure || query.header.cd || !d_settings.rootKeySentinel ||
      !d_anchors || sentinelVerdict(query.question.name, d_anchors->current()) != SentinelVerdict::ServFail) {
    return Step::Next;
  }
  query.outcome = Outcome();
  query.outcome.cacheable = false;
  query.outcome.errors.push_back({dns::EdeCode::Other, "root key sentinel (RFC 8509)"});
  return Step::Next;
}

Pipeline::Step Pipeline::compose(Query& query) {
  d_composed = d_composer.compose(query);
  return Step::Next;
}

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

void Pipeline::noteAnswer(const Query& query) const {
  if (d_parts.top == nullptr) {
    return;
  }
  const auto note = [&](TopEvent event) {
    d_parts.top->note(event, query.question.name.wire(), query.question.type, query.client.source);
  };
  if (query.outcome.rcode == dns::RCode::ServFail) note(TopEvent::ServFail);
  if (query.outcome.security == Security::Bogus) note(TopEvent::Bogus);
  if (d_composed.message.size() > kLargeAnswer) d_parts.top->note(TopEvent::Large, query.client.source);
}

Pipeline::Step Pipeline::send(Query& query) {
  d_parts.host.reply(query.client, d_composed.message);
  noteAnswer(query);
  countRCode(d_counters, query.outcome.rcode);
  d_counters.add(Metric::StaleAnswers, query.outcome.kind == AnswerKind::Stale ? 1 : 0);
  const bool truncated = (d_composed.message[2] & std::byte{2}) != std::byte{0};
  d_counters.add(Metric::TruncatedAnswers, truncated ? 1 : 0);
  const auto took = d_parts.loop.now() - query.received;
  d_parts.latencies.answered(sourceOf(query.outcome.kind), took, query.waited);
  return Step::Next;
}

// NOTIFYs are none of its business, and scripts may keep a question out.
bool Pipeline::isLogged(const Query& query) const {
  return d_parts.queryLog != nullptr && d_parts.queryLog->isOn() && query.header.opcode == dns::Opcode::Query &&
         (!query.lua || query.lua->logResponse);
}

Pipeline::Step Pipeline::log(Query& query) {
  if (isLogged(query)) {
    logAnswer(*d_parts.queryLog, query, d_composed.message, d_parts.loop.now() - query.received);
  }
  if (d_settings.quiet || (query.lua && !query.lua->logResponse)) {
    return Step::Next;
  }
  const auto took = std::chrono::duration<double, std::milli>(d_parts.loop.now() - query.received).count();
  if (base::logIsStructured()) {
    base::log(base::LogLevel::Notice, "answer",
              {{"subsystem", "out"},
               {"qname", query.question.name.text()},
               {"qtype", dns::text(query.question.type)},
               {"remote", query.client.source.textWithPort()},
               {"answers", std::to_string(query.outcome.answer.size())},
               {"additional", std::to_string(query.outcome.additional.size())},
               {"totms", std::to_string(took)},
               {"rcode", dns::text(query.outcome.rcode)}});
    return Step::Next;
  }
  base::log(base::LogLevel::Notice, "[" + std::to_string(d_parts.host.self()) + "] answer to question '" +
                                        query.question.name.text() + "|" + dns::text(query.question.type) + "' from " +
                                        query.client.source.textWithPort() + ": " +
                                        std::to_string(query.outcome.answer.size()) + " answers, " +
                                        std::to_string(query.outcome.additional.size()) + " additional, took " +
                                        std::to_string(took) + " ms, rcode=" + dns::text(query.outcome.rcode));
  return Step::Next;
}

} // namespace rec
