// LogRecord: what the query log keeps of one answered question, as readers get it. Made by the block decoder, looked at
// by filters, summaries and whoever prints it. Plain data; record.cc has the words for it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/address.hh"
#include "lib/dns/name.hh"
#include "lib/dns/types.hh"

namespace rec {

// Where the answer came from.
enum class LogKind : std::uint8_t {
  PacketCache,
  RecordCache,
  Iterated,
  Forwarded,
  Local,
  Policy, // a block list or response policy zone decided
  Script, // a Lua hook answered
  Stale,
  Failure,
  CachedFailure,
  Dropped // a policy or script decided that there is no answer
};
constexpr std::size_t kLogKinds = 11;

enum class LogTransport : std::uint8_t { Udp, Tcp };
constexpr std::size_t kLogTransports = 2;

// Unknown: nobody looked, or it was a hit of the packet cache without AD.
enum class LogSecurity : std::uint8_t { Unknown, Secure, Insecure, Bogus };
constexpr std::size_t kLogSecurities = 4;

// Of the question (first five) and of the answer.
enum LogFlag : std::uint16_t {
  kLogRd = 1,
  kLogAd = 2,
  kLogCd = 4,
  kLogDo = 8,
  kLogEdns = 16,
  kLogAnswerAa = 32,
  kLogAnswerTc = 64,
  kLogAnswerAd = 128
};

struct LogRecord {
  std::int64_t time = 0; // when the answer left, in microseconds since 1970
  base::Address client;  // without a port; host bits cleared as query-log-ipv4-bits and -ipv6-bits say
  dns::Name name;        // lower case
  dns::RRType type{};
  dns::RRClass rrclass = dns::RRClass::IN;
  dns::RCode rcode = dns::RCode::NoError;
  LogKind kind = LogKind::PacketCache;
  LogTransport transport = LogTransport::Udp;
  LogSecurity security = LogSecurity::Unknown;
  std::uint16_t flags = 0;            // LogFlag
  std::uint16_t worker = 0;           // that answered
  std::optional<std::uint16_t> ede;   // the first extended error (RFC 8914)
  std::uint32_t latency = 0;          // microseconds, from the question's arrival
  std::uint32_t upstreamQueries = 0;  // that its resolution cost so far; of a merged question the common ones
  std::uint32_t upstreamBytes = 0;    // received for it
  std::string policy, rule;           // which list or zone decided, and its rule; empty: none
  std::string tags;                   // of policies and scripts, separated by commas
  std::vector<base::Address> answers; // with query-log-answers
};

// "packetcache", "iterated", ...
[[nodiscard]] std::string_view text(LogKind kind);
[[nodiscard]] std::optional<LogKind> parseLogKind(std::string_view word);
[[nodiscard]] std::string_view text(LogTransport transport); // "udp", "tcp"
[[nodiscard]] std::optional<LogTransport> parseLogTransport(std::string_view word);
[[nodiscard]] std::string_view text(LogSecurity security);                        // "secure", ...; "" when unknown
[[nodiscard]] std::optional<LogSecurity> parseLogSecurity(std::string_view word); // "unknown", too
// "rd ad cd do edns aa tc answer-ad", those that are set.
[[nodiscard]] std::string logFlagsText(std::uint16_t flags);
// "2026-01-31 23:59:59.123456" in UTC.
[[nodiscard]] std::string logTimeText(std::int64_t micros);

} // namespace rec
