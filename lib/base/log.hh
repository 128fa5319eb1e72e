// The log: lines to stderr and syslog, or to systemd's journal, filtered by level (PowerDNS's numbers). Thread safe; a
// line is written whole. Never called on the hit path.
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace base {

enum class LogLevel : int { Alert = 1, Critical = 2, Error = 3, Warning = 4, Notice = 5, Info = 6, Debug = 7 };

// structured-logging, structured-logging-backend
enum class LogForm : int {
  Plain,  // "[info] message key="value""
  Pairs,  // msg="message" prio="Info" key="value"
  Json,   // {"msg": "message", ...}
  Journal // to systemd's journal, with fields of their own; to stderr when that cannot be reached
};

struct LogOptions {
  LogLevel level = LogLevel::Info;
  LogForm form = LogForm::Plain;
  bool toSyslog = false;
  bool timestamp = true;
  int facility = -1; // LOG_LOCAL0.. or -1 for LOG_DAEMON
};

// What a line says besides its text. Keys are words with dashes.
struct LogField {
  std::string_view key;
  std::string value;
};
using LogFields = std::span<const LogField>;

void configureLog(const LogOptions& options); // may be called again at run time
[[nodiscard]] bool logEnabled(LogLevel level);
// Lines have fields of their own: a text need not say what they say.
[[nodiscard]] bool logIsStructured();
// How lines of the calling thread name it from now on; 0 until then.
void nameLogThread(unsigned number);

// Control characters in `line` are escaped, so that no packet content can forge a line.
void log(LogLevel level, std::string_view line);
void log(LogLevel level, std::string_view line, std::initializer_list<LogField> fields);
void log(LogLevel level, std::string_view line, LogFields fields);

} // namespace base
