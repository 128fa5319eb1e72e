// From answers to entries of the query log.
#include "recursor/query/querylogging.hh"

#include <algorithm>
#include <limits>

#include "lib/dns/message.hh"
#include "recursor/policy/luaquestion.hh"

namespace rec {
namespace {

constexpr std::size_t kMostAnswers = 32;

std::uint32_t microsOf(std::chrono::nanoseconds took) {
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(took).count();
  return static_cast<std::uint32_t>(std::clamp<decltype(micros)>(micros, 0, UINT32_MAX));
}

constexpr unsigned flag(bool set, LogFlag value) { return static_cast<unsigned>(set) * static_cast<unsigned>(value); }

// AA, TC and AD of an answer (RFC 1035 4.1.1, RFC 4035 3.2.3).
unsigned answerFlags(std::span<const std::byte> message) {
  if (message.size() < dns::kHeaderSize) return 0;
  return flag((message[2] & std::byte{4}) != std::byte{0}, kLogAnswerAa) |
         flag((message[2] & std::byte{2}) != std::byte{0}, kLogAnswerTc) |
         flag((message[3] & std::byte{32}) != std::byte{0}, kLogAnswerAd);
}

void collect(const dns::RRset& set, std::vector<base::Address>& addresses) {
  for (const auto octets : set.rdatas()) {
    if (addresses.size() == kMostAnswers) return;
    if (set.type() == dns::RRType::A && octets.size() == 4) {
      addresses.push_back(base::Address::v4(octets.first<4>(), 0));
    } else if (set.type() == dns::RRType::AAAA && octets.size() == 16) {
      addresses.push_back(base::Address::v6(octets.first<16>(), 0));
    }
  }
}

std::vector<base::Address> addressesIn(std::span<const std::byte> message) {
  std::vector<base::Address> addresses;
  if (const auto parsed = dns::parseMessage(message)) {
    for (const dns::RRset& set : parsed->answer) collect(set, addresses);
  }
  return addresses;
}

bool isDecided(const Query& query) {
  return query.policy && query.policy->action != PolicyAction::NoAction && query.policy->action != PolicyAction::None;
}

LogKind kindOf(const Query& query, bool isDropped) {
  if (isDropped) return LogKind::Dropped;
  if (isDecided(query)) return LogKind::Policy;
  if (query.lua && (query.lua->handled || query.lua->answered)) return LogKind::Script;
  switch (query.outcome.kind) {
  case AnswerKind::Local: return LogKind::Local;
  case AnswerKind::RecordCache: return LogKind::RecordCache;
  case AnswerKind::Iterated: return LogKind::Iterated;
  case AnswerKind::Forwarded: return LogKind::Forwarded;
  case AnswerKind::Stale: return LogKind::Stale;
  case AnswerKind::CachedFailure: return LogKind::CachedFailure;
  case AnswerKind::Failure: break;
  }
  return LogKind::Failure;
}

LogSecurity securityOf(Security security) {
  switch (security) {
  case Security::Secure: return LogSecurity::Secure;
  case Security::Insecure: return LogSecurity::Insecure;
  case Security::Bogus: return LogSecurity::Bogus;
  case Security::Indeterminate: break;
  }
  return LogSecurity::Unknown;
}

std::string joined(const std::set<std::string>& tags) {
  std::string text;
  for (const std::string& tag : tags) text += (text.empty() ? "" : ",") + tag;
  return text;
}

unsigned flagsOf(const Query& query) {
  return flag(query.header.rd, kLogRd) | flag(query.header.ad, kLogAd) | flag(query.header.cd, kLogCd) |
         flag(query.dnssecOk(), kLogDo) | flag(query.edns.has_value(), kLogEdns);
}

unsigned flagsOf(const RawQuestion& question) {
  return flag(question.recursionDesired, kLogRd) | flag(question.authenticData, kLogAd) |
         flag(question.checkingDisabled, kLogCd) | flag(question.dnssecOk, kLogDo) | flag(question.hasEdns, kLogEdns);
}

// The same as entryOf(), of what can differ among hits; without a branch, being on the hot path.
RawHit hitOf(const RawQuestion& question, std::span<const std::byte> answer, bool tcp) {
  RawHit hit;
  hit.type = static_cast<std::uint16_t>(question.type);
  hit.code = static_cast<std::uint8_t>((std::to_integer<unsigned>(answer[3]) & 15U) | (tcp ? kHitTcp : 0U));
  hit.flags = static_cast<std::uint8_t>(flagsOf(question) | answerFlags(answer));
  return hit;
}

// What an answer to a plain question tells by itself.
LogEntry entryOf(const RawQuestion& question, std::span<const std::byte> answer, const base::Address& client, bool tcp,
                 std::chrono::nanoseconds took) {
  const unsigned ofAnswer = answerFlags(answer);
  LogEntry entry{.name = question.name, .client = client};
  entry.type = question.type;
  entry.rrclass = question.rrclass;
  entry.rcode = static_cast<dns::RCode>(std::to_integer<unsigned>(answer[3]) & 15U);
  entry.transport = tcp ? LogTransport::Tcp : LogTransport::Udp;
  entry.security = (ofAnswer & kLogAnswerAd) != 0 ? LogSecurity::Secure : LogSecurity::Unknown;
  entry.flags = static_cast<std::uint16_t>(flagsOf(question) | ofAnswer);
  entry.latency = microsOf(took);
  return entry;
}

// The long way: a filter wants to see all of it, or somebody the addresses.
[[gnu::noinline]] void logHitAsEntry(LogTap& log, const RawQuestion& question, std::span<const std::byte> answer,
                                     const base::Address& client, bool tcp, std::chrono::nanoseconds took,
                                     std::int64_t now) {
  LogEntry entry = entryOf(question, answer, client, tcp, took);
  if (!log.wantsAnswers()) {
    return log.add(entry, now);
  }
  const std::vector<base::Address> addresses = addressesIn(answer);
  entry.answers = addresses;
  log.add(entry, now);
}

} // namespace

void logHit(LogTap& log, const RawQuestion& question, std::span<const std::byte> answer, const base::Address& client,
            bool tcp, std::chrono::nanoseconds took, std::int64_t now) {
  if (!log.takesHits()) [[unlikely]] {
    return logHitAsEntry(log, question, answer, client, tcp, took, now);
  }
  const RawMoment moment{.latency = microsOf(took), .time = now};
  log.addHit(moment, hitOf(question, answer, tcp), question.name, client);
}

void logAnswer(LogTap& log, const Query& query, std::span<const std::byte> message, std::chrono::nanoseconds took) {
  const Outcome& outcome = query.outcome;
  LogEntry entry{.name = query.question.name.wire(), .client = query.client.source};
  entry.type = query.question.type;
  entry.rrclass = query.question.rrclass;
  entry.rcode = outcome.rcode;
  entry.kind = kindOf(query, message.empty());
  entry.transport = query.client.tcp ? LogTransport::Tcp : LogTransport::Udp;
  entry.security = securityOf(outcome.security);
  entry.flags = static_cast<std::uint16_t>(flagsOf(query) | answerFlags(message));
  if (!outcome.errors.empty()) entry.ede = static_cast<std::uint16_t>(outcome.errors.front().code);
  entry.latency = microsOf(took);
  entry.upstreamQueries = outcome.upstreamQueries;
  entry.upstreamBytes = outcome.upstreamBytes;
  if (isDecided(query)) {
    entry.policy = query.policy->source ? std::string_view(query.policy->source->name) : "script";
    entry.rule = query.policy->trigger;
  }
  const std::string tags = joined(query.policyTags);
  entry.tags = tags;
  std::vector<base::Address> addresses;
  if (log.wantsAnswers()) {
    for (const AgedRRset& set : outcome.answer) collect(set.rrset, addresses);
  }
  entry.answers = addresses;
  log.add(entry, LogTap::now());
  log.publish();
}

void logDenial(LogTap& log, const RawQuestion& question, std::span<const std::byte> answer, const Client& client,
               const NameGlance& glance, std::chrono::nanoseconds took) {
  LogEntry entry = entryOf(question, answer, client.source, client.tcp, took);
  entry.kind = LogKind::Policy;
  entry.security = LogSecurity::Insecure;
  if (glance.source->error) entry.ede = static_cast<std::uint16_t>(glance.source->error->code);
  entry.policy = glance.source->name;
  entry.rule = glance.rule;
  const std::string tags = joined(glance.source->tags);
  entry.tags = tags;
  log.add(entry, LogTap::now());
  log.publish();
}

void logUnread(LogTap& log, const dns::Header& header, dns::RCode rcode, const Client& client) {
  const dns::Name root;
  LogEntry entry{.name = root.wire(), .client = client.source};
  entry.rcode = rcode;
  entry.kind = LogKind::Failure;
  entry.transport = client.tcp ? LogTransport::Tcp : LogTransport::Udp;
  entry.flags = static_cast<std::uint16_t>(flag(header.rd, kLogRd));
  log.add(entry, LogTap::now());
  log.publish();
}

} // namespace rec
