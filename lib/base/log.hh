// The log: lines to stderr and syslog, filtered by level (PowerDNS's numbers). Thread safe; a line is written whole.
// Never called on the hit path.
#pragma once

#include <string_view>

namespace base {

enum class LogLevel : int { Alert = 1, Critical = 2, Error = 3, Warning = 4, Notice = 5, Info = 6, Debug = 7 };

struct LogOptions {
  LogLevel level = LogLevel::Info;
  bool toSyslog = false;
  bool timestamp = true;
  int facility = -1; // LOG_LOCAL0.. or -1 for LOG_DAEMON
};

void configureLog(const LogOptions& options); // may be called again at run time
[[nodiscard]] bool logEnabled(LogLevel level);
// Control characters in `line` are escaped, so that no packet content can forge a line.
void log(LogLevel level, std::string_view line);

} // namespace base
