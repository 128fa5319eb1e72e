// Words to filters, and what a filter says of a record or of a whole block.
#include "recursor/querylog/filter.hh"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <ctime>

#include "recursor/querylog/blockindex.hh"

namespace rec {
namespace {

using base::Error;
using base::Result;

constexpr std::int64_t kSecond = 1'000'000;

Error bad(std::string_view word, std::string_view what) {
  return Error{"'" + std::string(word) + "' is no " + std::string(what)};
}

template <typename Number> std::optional<Number> numberOf(std::string_view text) {
  Number value{};
  const auto [stop, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || problem != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  return value;
}

// "15m", "1.5s": in microseconds; a number alone is of `unit`.
std::optional<std::int64_t> durationOf(std::string_view text, std::int64_t unit) {
  struct Unit {
    std::string_view name;
    std::int64_t micros;
  };
  constexpr std::array<Unit, 7> kUnits{{{"us", 1},
                                        {"ms", 1000},
                                        {"s", kSecond},
                                        {"m", 60 * kSecond},
                                        {"h", 3600 * kSecond},
                                        {"d", 86400 * kSecond},
                                        {"w", 7 * 86400 * kSecond}}};
  double value = 0;
  const auto [stop, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || !(value >= 0) || value > 1e9) return std::nullopt;
  const std::string_view name(stop, static_cast<std::size_t>(text.data() + text.size() - stop));
  const auto* const found = std::ranges::find(kUnits, name, &Unit::name);
  if (!name.empty() && found == kUnits.end()) return std::nullopt;
  return static_cast<std::int64_t>(value * static_cast<double>(name.empty() ? unit : found->micros));
}

// "2026-01-31", "2026-01-31T12:00", "2026-01-31T12:00:30", all in UTC.
std::optional<std::int64_t> dateOf(std::string_view text) {
  const std::string copy(text);
  for (const char* format : {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d"}) {
    std::tm parts{};
    const char* end = ::strptime(copy.c_str(), format, &parts);
    if (end != nullptr && (*end == '\0' || std::string_view(end) == "Z")) return ::timegm(&parts) * kSecond;
  }
  return std::nullopt;
}

std::optional<std::int64_t> timeOf(std::string_view text, std::int64_t now) {
  if (text == "now") return now;
  if (text.starts_with('-')) {
    const auto ago = durationOf(text.substr(1), kSecond);
    return ago ? std::optional(now - *ago) : std::nullopt;
  }
  if (const auto date = dateOf(text)) return date;
  const auto seconds = numberOf<std::int64_t>(text);
  constexpr std::int64_t kMost = INT64_MAX / kSecond;
  return seconds && *seconds >= 0 && *seconds < kMost ? std::optional(*seconds * kSecond) : std::nullopt;
}

std::optional<dns::RCode> rcodeOf(std::string_view word) {
  std::string upper(word);
  std::ranges::transform(upper, upper.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  for (std::uint16_t code = 0; code < 24; ++code) {
    if (dns::text(static_cast<dns::RCode>(code)) == upper) return static_cast<dns::RCode>(code);
  }
  const auto number = numberOf<std::uint16_t>(word);
  return number && *number < 4096 ? std::optional(static_cast<dns::RCode>(*number)) : std::nullopt;
}

Result<void> takeName(std::vector<dns::Name>& names, std::string_view value) {
  auto name = dns::Name::parse(value);
  if (!name) return Error{"'" + std::string(value) + "': " + name.error().message};
  names.push_back(name->lowercased());
  return {};
}

template <typename T>
Result<void> take(std::vector<T>& list, std::optional<T> value, std::string_view word, std::string_view what) {
  if (!value) return bad(word, what);
  list.push_back(*value);
  return {};
}

template <typename T>
Result<void> set(std::optional<T>& place, std::optional<T> value, std::string_view word, std::string_view what) {
  if (!value) return bad(word, what);
  place = value;
  return {};
}

Result<void> takeClient(LogFilter& filter, std::string_view value) {
  const auto network = base::Netmask::parse(value);
  if (!network) return network.error();
  filter.clients.push_back(*network);
  return {};
}

Result<void> takeSlower(LogFilter& filter, std::string_view value) {
  const auto micros = durationOf(value, 1000);
  if (!micros || *micros > UINT32_MAX) return bad(value, "time, as 100ms");
  filter.slowerThan = static_cast<std::uint32_t>(*micros);
  return {};
}

struct Key {
  std::string_view name;
  Result<void> (*take)(LogFilter& filter, std::string_view value, std::int64_t now);
};
constexpr std::string_view kTimeWords = "time, as -15m, 2026-01-31T12:00 or seconds since 1970";
constexpr std::array kKeys{
    Key{"since",
        [](LogFilter& f, std::string_view v, std::int64_t now) { return set(f.since, timeOf(v, now), v, kTimeWords); }},
    Key{"until",
        [](LogFilter& f, std::string_view v, std::int64_t now) { return set(f.until, timeOf(v, now), v, kTimeWords); }},
    Key{"name", [](LogFilter& f, std::string_view v, std::int64_t) { return takeName(f.names, v); }},
    Key{"suffix", [](LogFilter& f, std::string_view v, std::int64_t) { return takeName(f.suffixes, v); }},
    Key{"client", [](LogFilter& f, std::string_view v, std::int64_t) { return takeClient(f, v); }},
    Key{"net", [](LogFilter& f, std::string_view v, std::int64_t) { return takeClient(f, v); }},
    Key{"type", [](LogFilter& f, std::string_view v,
                   std::int64_t) { return take(f.types, dns::parseRRType(v), v, "record type"); }},
    Key{"rcode",
        [](LogFilter& f, std::string_view v, std::int64_t) { return take(f.rcodes, rcodeOf(v), v, "response code"); }},
    Key{"kind", [](LogFilter& f, std::string_view v,
                   std::int64_t) { return take(f.kinds, parseLogKind(v), v, "kind of answer"); }},
    Key{"transport", [](LogFilter& f, std::string_view v,
                        std::int64_t) { return take(f.transports, parseLogTransport(v), v, "transport"); }},
    Key{"security", [](LogFilter& f, std::string_view v,
                       std::int64_t) { return take(f.securities, parseLogSecurity(v), v, "result of validation"); }},
    Key{"policy",
        [](LogFilter& f, std::string_view v, std::int64_t) {
          f.policies.emplace_back(v);
          return Result<void>();
        }},
    Key{"tag",
        [](LogFilter& f, std::string_view v, std::int64_t) {
          f.tags.emplace_back(v);
          return Result<void>();
        }},
    Key{"slower", [](LogFilter& f, std::string_view v, std::int64_t) { return takeSlower(f, v); }},
    Key{"ede", [](LogFilter& f, std::string_view v,
                  std::int64_t) { return set(f.ede, numberOf<std::uint16_t>(v), v, "number of an extended error"); }},
};

Result<void> takeWord(LogFilter& filter, std::string_view word, std::int64_t now) {
  const std::size_t equals = word.find('=');
  const auto* const key = std::ranges::find(kKeys, word.substr(0, equals), &Key::name);
  if (equals == std::string_view::npos || key == kKeys.end()) {
    return Error{"'" + std::string(word) +
                 "': since, until, name, suffix, client, net, type, rcode, kind, transport, "
                 "security, policy, tag, slower and ede are known, each with =VALUE"};
  }
  std::string_view rest = word.substr(equals + 1);
  for (;;) {
    const std::size_t comma = rest.find(',');
    if (auto taken = key->take(filter, rest.substr(0, comma), now); !taken) return taken;
    if (comma == std::string_view::npos) return {};
    rest.remove_prefix(comma + 1);
  }
}

template <typename T> bool isAmong(const std::vector<T>& list, const T& value) {
  return list.empty() || std::ranges::find(list, value) != list.end();
}

bool hasTag(std::string_view tags, std::string_view wanted) {
  while (!tags.empty()) {
    const std::size_t comma = tags.find(',');
    if (tags.substr(0, comma) == wanted) return true;
    if (comma == std::string_view::npos) return false;
    tags.remove_prefix(comma + 1);
  }
  return false;
}

// Of the stored lengths the longest that is no longer; 0: none, the block may have it.
unsigned storedBits(const base::Netmask& network) {
  const std::span<const std::uint8_t> lengths = network.network.isV4() ? std::span<const std::uint8_t>(kClientBits4)
                                                                       : std::span<const std::uint8_t>(kClientBits6);
  for (const std::uint8_t bits : lengths) {
    if (bits <= network.bits) return bits;
  }
  return 0;
}

} // namespace

Result<LogFilter> LogFilter::parse(std::span<const std::string> words, std::int64_t now) {
  LogFilter filter;
  for (const std::string& word : words) {
    if (const auto taken = takeWord(filter, word, now); !taken) return taken.error();
  }
  return filter;
}

Result<LogFilter> LogFilter::parse(std::string_view text, std::int64_t now) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t blank = std::min(text.find_first_of(" \t"), text.size());
    if (blank != 0) words.emplace_back(text.substr(0, blank));
    text.remove_prefix(std::min(blank + 1, text.size()));
  }
  return parse(words, now);
}

bool LogFilter::empty() const {
  return !since && !until && names.empty() && suffixes.empty() && clients.empty() && types.empty() && rcodes.empty() &&
         kinds.empty() && transports.empty() && securities.empty() && policies.empty() && tags.empty() && !slowerThan &&
         !ede;
}

bool LogFilter::matchesName(const dns::Name& name) const {
  const bool isNamed = isAmong(names, name);
  return isNamed && (suffixes.empty() ||
                     std::ranges::any_of(suffixes, [&name](const dns::Name& suffix) { return name.isWithin(suffix); }));
}

bool LogFilter::matchesClient(const base::Address& client) const {
  return clients.empty() ||
         std::ranges::any_of(clients, [&client](const base::Netmask& network) { return network.contains(client); });
}

bool LogFilter::matchesPolicy(std::string_view policy) const {
  return policies.empty() || std::ranges::any_of(policies, [policy](const std::string& wanted) {
           return wanted == policy || (wanted == "*" && !policy.empty());
         });
}

bool LogFilter::matchesTags(std::string_view given) const {
  return tags.empty() ||
         std::ranges::any_of(tags, [given](const std::string& wanted) { return hasTag(given, wanted); });
}

bool LogFilter::matches(const LogRecord& record) const {
  return (!since || record.time >= *since) && (!until || record.time < *until) &&
         (!slowerThan || record.latency > *slowerThan) && isAmong(types, record.type) &&
         isAmong(rcodes, record.rcode) && isAmong(kinds, record.kind) && isAmong(transports, record.transport) &&
         isAmong(securities, record.security) && (!ede || record.ede == ede) && matchesName(record.name) &&
         matchesClient(record.client) && matchesPolicy(record.policy) && matchesTags(record.tags);
}

bool LogFilter::mayMatch(const BlockIndex& index) const {
  const auto anyOf = [](const auto& list, auto test) { return list.empty() || std::ranges::any_of(list, test); };
  if ((since && index.last < *since) || (until && index.first >= *until) ||
      (slowerThan && index.slowest <= *slowerThan) || (!policies.empty() && !index.hasPolicies)) {
    return false;
  }
  const auto hasName = [&index](const dns::Name& name) {
    return name.isRoot() || index.names.mayHave(suffixHash(name));
  };
  return anyOf(names, hasName) && anyOf(suffixes, hasName) &&
         anyOf(types,
               [&](dns::RRType type) { return (index.types >> (static_cast<unsigned>(type) % 64) & 1U) != 0; }) &&
         anyOf(rcodes,
               [&](dns::RCode rcode) {
                 return (index.rcodes >> std::min(static_cast<unsigned>(rcode), 63U) & 1U) != 0;
               }) &&
         anyOf(kinds, [&](LogKind kind) { return (index.kinds >> static_cast<unsigned>(kind) & 1U) != 0; }) &&
         anyOf(clients, [&](const base::Netmask& network) {
           const unsigned bits = storedBits(network);
           return bits == 0 || index.clients.mayHave(networkHash(network.network.octets(), bits));
         });
}

} // namespace rec
