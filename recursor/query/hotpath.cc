// The way of a hit: header, allow-from, question, packet cache, id and letter case, done.
#include "recursor/query/hotpath.hh"

#include <cstring>

#include "lib/base/log.hh"
#include "lib/dns/message.hh"
#include "recursor/policy/luaengine.hh"
#include "recursor/query/query.hh"

namespace rec {
namespace {

bool isAnswer(std::span<const std::byte> packet) { return (packet[2] & std::byte{0x80}) != std::byte{0}; }

// NOTIFYs have an access list of their own.
bool isNotify(std::span<const std::byte> packet) {
  return (std::to_integer<unsigned>(packet[2]) >> 3 & 15U) == static_cast<unsigned>(dns::Opcode::Notify);
}

} // namespace

void countRCode(Counters& counters, dns::RCode rcode) {
  switch (rcode) {
  case dns::RCode::NoError: return counters.add(Metric::NoerrorAnswers);
  case dns::RCode::NXDomain: return counters.add(Metric::NxdomainAnswers);
  case dns::RCode::ServFail: return counters.add(Metric::ServfailAnswers);
  case dns::RCode::FormErr: return counters.add(Metric::FormerrAnswers);
  case dns::RCode::NotImp: return counters.add(Metric::NotimpAnswers);
  case dns::RCode::Refused: return counters.add(Metric::RefusedAnswers);
  default: return;
  }
}

HotPath::HotPath(const Settings& settings, PacketCache& cache, Counters& counters, Latencies& latencies,
                 Prefetcher* prefetcher)
    : d_settings(settings), d_cache(cache), d_counters(counters), d_latencies(latencies), d_prefetcher(prefetcher) {}

HotPath::Result HotPath::handle(std::span<const std::byte> packet, const base::Address& source, bool tcp,
                                std::span<std::byte> out, base::WallTime now) {
  Asked asked;
  read(packet, source, tcp, tcp, asked);
  const Result result = answer(packet, asked, source, tcp, out, now);
  if (result.verdict == Verdict::Answer) note(asked.question, source, out.first(result.size), 1);
  return result;
}

void HotPath::read(std::span<const std::byte> packet, const base::Address& source, bool tcp, bool admitted,
                   Asked& asked) {
  asked = {};
  if (packet.size() < dns::kHeaderSize) {
    return d_counters.add(Metric::ClientParseErrors);
  }
  if (isAnswer(packet)) { // never answered: two servers could go on for ever
    return d_counters.add(Metric::IgnoredPackets);
  }
  if (!admitted && !isNotify(packet) && !isAllowed(source)) {
    return d_counters.add(Metric::UnauthorizedUdp);
  }
  d_counters.add(Metric::Questions);
  if (source.isV6()) d_counters.add(Metric::Ipv6Questions);
  if (tcp) d_counters.add(Metric::TcpQuestions);
  if (!parseRawQuestion(packet, d_settings.useIncomingEdnsSubnet, asked.question)) {
    asked.verdict = Verdict::Miss;
    return;
  }
  asked.hash = PacketCache::hashOf(asked.question.key(tcp));
  asked.verdict = Verdict::Answer;
  d_cache.prefetch(asked.hash);
}

void HotPath::fetch(std::span<const Asked> batch) const {
  for (const Asked& asked : batch) {
    if (asked.verdict == Verdict::Answer) d_cache.prefetchEntry(asked.hash);
  }
}

void HotPath::setPolicies(PoliciesPtr policies) {
  d_clientPolicies = policies && policies->has(PolicyTrigger::ClientIp) ? std::move(policies) : nullptr;
  d_someHaveOwn = d_clientPolicies || d_sorting;
}

void HotPath::setAnswerRules(const AnswerRulesPtr& rules) {
  d_sorting = rules && !rules->sortLists.empty() ? rules : nullptr;
  d_someHaveOwn = d_clientPolicies || d_sorting;
}

// Whether what the cache has may not be for this client.
bool HotPath::hasOwnAnswers(const base::Address& source, bool tcp, base::WallTime now) const {
  return (d_sorting && d_sorting->sortLists.find(source) != nullptr) ||
         (d_clientPolicies && isJudged(source, tcp, now));
}

bool HotPath::isJudged(const base::Address& source, bool tcp, base::WallTime now) const {
  const dns::Question question;
  const PolicyVerdict verdict =
      d_clientPolicies->onClient({.client = source, .question = question, .tcp = tcp, .now = now});
  return verdict.matched() || !verdict.shadowed.empty();
}

[[gnu::always_inline]] inline HotPath::Result HotPath::use(const PacketCache::Hit& hit,
                                                           std::span<const std::byte> packet,
                                                           const RawQuestion& question, const base::Address& source,
                                                           bool tcp, std::span<std::byte> out) {
  const std::size_t size = hit.message.size();
  if (size == 0 || size > out.size() || (!tcp && size > question.udpSize)) {
    d_counters.add(Metric::PacketcacheMisses);
    return {Verdict::Miss, 0};
  }
  const std::size_t head = dns::kHeaderSize + question.name.size() + 4; // to the end of the question
  if (out.data() != packet.data()) {
    std::memcpy(out.data(), packet.data(), head);
  }
  // The id and the question in the letter case asked stay; RD and CD are as in the question, being part of the key.
  std::memcpy(out.data() + 2, hit.message.data() + 2, dns::kHeaderSize - 2);
  std::memcpy(out.data() + head, hit.message.data() + head, size - head);
  countHit(question, hit.rcode);
  if (hit.renew && d_prefetcher != nullptr) [[unlikely]] {
    d_prefetcher->due(question.key(tcp));
  }
  if (!d_settings.quiet) {
    logHit(question, source);
  }
  return {Verdict::Answer, size};
}

HotPath::Result HotPath::answer(std::span<const std::byte> packet, const Asked& asked, const base::Address& source,
                                bool tcp, std::span<std::byte> out, base::WallTime now) {
  if (asked.verdict != Verdict::Answer) {
    return {asked.verdict, 0};
  }
  if (d_someHaveOwn && hasOwnAnswers(source, tcp, now)) [[unlikely]] {
    return {Verdict::Miss, 0};
  }
  const RawQuestion& question = asked.question;
  const PacketCache::Hit hit = d_cache.find(question.key(tcp), asked.hash, now);
  return use(hit, packet, question, source, tcp, out);
}

// What the script needs is put together from the packet before the cache is asked; an answer that depends on the client
// by `variable` is not looked for.
HotPath::Tagged HotPath::handleTagged(std::span<const std::byte> packet, const Client& client, std::span<std::byte> out,
                                      base::WallTime now) {
  const base::Address& source = client.source;
  const bool tcp = client.tcp;
  Asked asked;
  read(packet, source, tcp, tcp, asked);
  if (asked.verdict != Verdict::Answer) {
    return {{asked.verdict, 0}, nullptr, {}};
  }
  const RawQuestion& question = asked.question;
  auto lua = std::make_shared<LuaQuestion>();
  lua->question = {dns::Name::fromWire(question.name), question.type, dns::RRClass::IN};
  lua->remote = source;
  lua->local = client.local;
  lua->proxy = client.proxy;
  lua->tcp = tcp;
  lua->options = question.hasEdns ? optionsOf(packet) : LuaOptions();
  lua->queryTime = d_tagger->now();
  lua->engine = d_tagger->id();
  d_tagger->tag(*lua);
  const bool own = d_someHaveOwn && hasOwnAnswers(source, tcp, now);
  if (own || lua->variable) {
    return {{Verdict::Miss, 0}, std::move(lua), {}};
  }
  const Result result = use(d_cache.findTagged(question.key(tcp), lua->tag, now), packet, question, source, tcp, out);
  if (result.verdict == Verdict::Answer) note(question, source, out.first(result.size), 1);
  return {result, result.verdict == Verdict::Miss ? std::move(lua) : nullptr, question};
}

void HotPath::noteOne(const Asked& asked, const base::Address& source, std::span<const std::byte> answer) {
  note(asked.question, source, answer, d_top->takeWeight());
}

// Whether it was bogus cannot be seen from an answer; that has been noted when it was found out.
void HotPath::note(const RawQuestion& question, const base::Address& source, std::span<const std::byte> answer,
                   std::size_t weight) {
  if (d_top == nullptr) return;
  d_top->note(TopEvent::Asked, question.name, question.type, source, weight);
  const auto rcode = static_cast<dns::RCode>(std::to_integer<unsigned>(answer[3]) & 15U);
  if (rcode == dns::RCode::ServFail) {
    d_top->note(TopEvent::ServFail, question.name, question.type, source, weight);
  }
  if (answer.size() > kLargeAnswer) {
    d_top->note(TopEvent::Large, source, weight);
  }
}

void HotPath::countHit(const RawQuestion& question, dns::RCode rcode) {
  if (question.dnssecOk) d_counters.add(Metric::DnssecQueries);
  if (question.authenticData) d_counters.add(Metric::DnssecAuthenticDataQueries);
  if (question.checkingDisabled) d_counters.add(Metric::DnssecCheckDisabledQueries);
  countRCode(d_counters, rcode);
}

void HotPath::logHit(const RawQuestion& question, const base::Address& source) const {
  if (base::logIsStructured()) {
    return base::log(base::LogLevel::Notice, "question answered from packet cache",
                     {{"subsystem", "in"},
                      {"qname", dns::Name::fromWire(question.name).text()},
                      {"qtype", dns::text(question.type)},
                      {"remote", source.textWithPort()}});
  }
  base::log(base::LogLevel::Notice, "question for '" + dns::Name::fromWire(question.name).text() + "|" +
                                        dns::text(question.type) + "' from " + source.textWithPort() +
                                        " answered from packet cache");
}

} // namespace rec
