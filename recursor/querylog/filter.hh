// LogFilter: which records are meant, from words such as "suffix=example.com rcode=NXDOMAIN slower=100ms". Used for
// searching, for summaries, and at run time for what is logged at all (query-log-only).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/netmask.hh"
#include "lib/base/result.hh"
#include "recursor/querylog/record.hh"

namespace rec {

struct BlockIndex;

// All that is given must be true of a record; of several values of one kind one must be.
struct LogFilter {
  std::optional<std::int64_t> since, until; // microseconds since 1970; from the first on, before the second
  std::vector<dns::Name> names;             // exactly
  std::vector<dns::Name> suffixes;          // or anything below
  std::vector<base::Netmask> clients;       // a single address is a network, too
  std::vector<dns::RRType> types;
  std::vector<dns::RCode> rcodes;
  std::vector<LogKind> kinds;
  std::vector<LogTransport> transports;
  std::vector<LogSecurity> securities;
  std::vector<std::string> policies; // "*" is any
  std::vector<std::string> tags;
  std::optional<std::uint32_t> slowerThan; // microseconds
  std::optional<std::uint16_t> ede;

  // Words of the form key=value: since until name suffix client type rcode kind transport security policy tag slower
  // ede. Values of one key are separated by commas. Times are "-15m", "2026-01-31", "2026-01-31T12:00:00" (UTC) or
  // seconds since 1970; `now` is what "-15m" counts from, in microseconds.
  static base::Result<LogFilter> parse(std::span<const std::string> words, std::int64_t now);
  static base::Result<LogFilter> parse(std::string_view text, std::int64_t now);
  [[nodiscard]] bool empty() const;
  [[nodiscard]] bool matches(const LogRecord& record) const;
  // Parts of it.
  [[nodiscard]] bool matchesName(const dns::Name& name) const;
  [[nodiscard]] bool matchesClient(const base::Address& client) const;
  [[nodiscard]] bool matchesPolicy(std::string_view policy) const;
  [[nodiscard]] bool matchesTags(std::string_view given) const;
  // False only when no record of such a block matches.
  [[nodiscard]] bool mayMatch(const BlockIndex& index) const;
};

} // namespace rec
