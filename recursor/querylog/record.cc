// The words for what a record says.
#include "recursor/querylog/record.hh"

#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>

namespace rec {
namespace {

constexpr std::array<std::string_view, kLogKinds> kKinds{"packetcache", "recordcache",   "iterated", "forwarded",
                                                         "local",       "policy",        "script",   "stale",
                                                         "failure",     "cachedfailure", "dropped"};
constexpr std::array<std::string_view, kLogTransports> kTransports{"udp", "tcp"};
constexpr std::array<std::string_view, kLogSecurities> kSecurities{"", "secure", "insecure", "bogus"};
constexpr std::array<std::string_view, 8> kFlags{"rd", "ad", "cd", "do", "edns", "aa", "tc", "answer-ad"};

template <typename Enum, std::size_t N>
std::optional<Enum> find(const std::array<std::string_view, N>& words, std::string_view word) {
  for (std::size_t i = 0; i < N; ++i) {
    if (words[i] == word) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

} // namespace

std::string_view text(LogKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }
std::optional<LogKind> parseLogKind(std::string_view word) { return find<LogKind>(kKinds, word); }
std::string_view text(LogTransport transport) { return kTransports[static_cast<std::size_t>(transport)]; }
std::optional<LogTransport> parseLogTransport(std::string_view word) { return find<LogTransport>(kTransports, word); }
std::string_view text(LogSecurity security) { return kSecurities[static_cast<std::size_t>(security)]; }
std::optional<LogSecurity> parseLogSecurity(std::string_view word) {
  return word == "unknown" ? LogSecurity::Unknown : find<LogSecurity>(kSecurities, word);
}

std::string logFlagsText(std::uint16_t flags) {
  std::string text;
  for (std::size_t i = 0; i < kFlags.size(); ++i) {
    if ((flags >> i & 1U) != 0) text += (text.empty() ? "" : " ") + std::string(kFlags[i]);
  }
  return text;
}

std::string logTimeText(std::int64_t micros) {
  constexpr std::int64_t kSecond = 1'000'000;
  const std::time_t seconds = micros / kSecond - (micros % kSecond < 0 ? 1 : 0);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[64];
  const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts);
  char fraction[16];
  std::snprintf(fraction, sizeof fraction, ".%06lld", static_cast<long long>(micros - seconds * kSecond));
  return std::string(text, size) + fraction;
}

} // namespace rec
