// The log: filters by level and hands each line, in its form (logformat.hh), to where it goes: one write(2), and syslog
// when asked; or the journal's socket.
#include "lib/base/log.hh"

#include <syslog.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <string>

#include "lib/base/journal.hh"
#include "lib/base/logformat.hh"

namespace base {
namespace {

// Set by configureLog(), read by every thread; each value stands alone, so relaxed order is enough.
std::atomic<int> s_level{static_cast<int>(LogLevel::Info)};
std::atomic<LogForm> s_form{LogForm::Plain};
std::atomic<bool> s_toSyslog{false};
std::atomic<bool> s_timestamp{true};
std::atomic<int> s_facility{LOG_DAEMON};
thread_local unsigned s_thread = 0;

std::string inForm(const LogLine& line, LogForm form, bool timestamp) {
  switch (form) {
  case LogForm::Pairs: return pairsText(line, timestamp);
  case LogForm::Json: return jsonText(line);
  case LogForm::Plain:
  case LogForm::Journal: break;
  }
  return plainText(line, timestamp);
}

void write(const LogLine& line) {
  const LogForm form = s_form.load(std::memory_order_relaxed);
  if (form == LogForm::Journal && sendToJournal(journalEntry(line))) {
    return;
  }
  if (s_toSyslog.load(std::memory_order_relaxed)) {
    const std::string text = form == LogForm::Plain ? plainMessage(line) : inForm(line, form, false);
    syslog(s_facility.load(std::memory_order_relaxed) | static_cast<int>(line.level), "%s", text.c_str());
  }
  const std::string whole = inForm(line, form, s_timestamp.load(std::memory_order_relaxed)) + '\n';
  // A log that cannot be written has nowhere to complain.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, whole.data(), whole.size());
}

} // namespace

void configureLog(const LogOptions& options) {
  s_level.store(static_cast<int>(options.level), std::memory_order_relaxed);
  s_form.store(options.form, std::memory_order_relaxed);
  s_timestamp.store(options.timestamp, std::memory_order_relaxed);
  s_facility.store(options.facility < 0 ? LOG_DAEMON : options.facility, std::memory_order_relaxed);
  s_toSyslog.store(options.toSyslog, std::memory_order_relaxed);
}

bool logEnabled(LogLevel level) { return static_cast<int>(level) <= s_level.load(std::memory_order_relaxed); }

bool logIsStructured() { return s_form.load(std::memory_order_relaxed) != LogForm::Plain; }

void nameLogThread(unsigned number) { s_thread = number; }

void log(LogLevel level, std::string_view line, LogFields fields) {
  if (!logEnabled(level)) {
    return;
  }
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  write({level, line, fields, s_thread, std::chrono::duration_cast<std::chrono::milliseconds>(now).count()});
}

void log(LogLevel level, std::string_view line) { log(level, line, LogFields()); }

void log(LogLevel level, std::string_view line, std::initializer_list<LogField> fields) {
  log(level, line, LogFields(fields.begin(), fields.size()));
}

} // namespace base
