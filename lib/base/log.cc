// The log: filters by level, escapes control characters, writes each line with one write(2) and to syslog when asked.
#include "lib/base/log.hh"

#include <syslog.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <ctime>
#include <string>

namespace base {
namespace {

// Set by configureLog(), read by every thread; each value stands alone, so relaxed order is enough.
std::atomic<int> s_level{static_cast<int>(LogLevel::Info)};
std::atomic<bool> s_toSyslog{false};
std::atomic<bool> s_timestamp{true};
std::atomic<int> s_facility{LOG_DAEMON};

std::string_view levelName(LogLevel level) {
  static constexpr std::array<std::string_view, 8> names = {"",           "[alert] ",  "[critical] ", "[error] ",
                                                            "[warning] ", "[notice] ", "[info] ",     "[debug] "};
  return names[static_cast<std::size_t>(level) & 7U];
}

void appendEscaped(std::string& out, std::string_view line) {
  static constexpr std::string_view hex = "0123456789abcdef";
  for (const char c : line) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet >= 0x20 && octet != 0x7F) {
      out += c;
    } else {
      out += "\\x";
      out += hex[octet >> 4];
      out += hex[octet & 15];
    }
  }
}

void appendTimestamp(std::string& out) {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  localtime_r(&now, &parts);
  std::array<char, 32> text{};
  out.append(text.data(), std::strftime(text.data(), text.size(), "%b %d %H:%M:%S ", &parts));
}

} // namespace

void configureLog(const LogOptions& options) {
  s_level.store(static_cast<int>(options.level), std::memory_order_relaxed);
  s_timestamp.store(options.timestamp, std::memory_order_relaxed);
  s_facility.store(options.facility < 0 ? LOG_DAEMON : options.facility, std::memory_order_relaxed);
  s_toSyslog.store(options.toSyslog, std::memory_order_relaxed);
}

bool logEnabled(LogLevel level) { return static_cast<int>(level) <= s_level.load(std::memory_order_relaxed); }

void log(LogLevel level, std::string_view line) {
  if (!logEnabled(level)) {
    return;
  }
  std::string escaped;
  appendEscaped(escaped, line);
  if (s_toSyslog.load(std::memory_order_relaxed)) {
    syslog(s_facility.load(std::memory_order_relaxed) | static_cast<int>(level), "%s", escaped.c_str());
  }
  std::string whole;
  if (s_timestamp.load(std::memory_order_relaxed)) {
    appendTimestamp(whole);
  }
  whole += levelName(level);
  whole += escaped;
  whole += '\n';
  // A log that cannot be written has nowhere to complain.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, whole.data(), whole.size());
}

} // namespace base
