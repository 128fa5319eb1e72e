// How a line of the log looks: plain text, PowerDNS Recursor's pairs, JSON, or the fields of systemd's journal. Pure;
// called by log.cc.
#pragma once

#include <string>

#include "lib/base/log.hh"

namespace base {

struct LogLine {
  LogLevel level = LogLevel::Info;
  std::string_view message;
  LogFields fields;
  unsigned thread = 0;           // 0 is the daemon's, then the workers
  std::int64_t milliseconds = 0; // since 1970
};

// Each without a newline, all control characters escaped: nothing that a packet has in it can begin another line.
[[nodiscard]] std::string plainText(const LogLine& line,
                                    bool timestamp);         // "Nov 22 12:00:00 [info] message key=\"value\""
[[nodiscard]] std::string plainMessage(const LogLine& line); // without what stands in front
[[nodiscard]] std::string pairsText(const LogLine& line, bool timestamp); // msg="message" level="0" prio="Info" ...
[[nodiscard]] std::string jsonText(const LogLine& line);                  // RFC 8259; text that is no UTF-8 is escaped

// A datagram of the journal's native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL).
[[nodiscard]] std::string journalEntry(const LogLine& line);

} // namespace base
