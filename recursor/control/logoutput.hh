// LogOutput: records and rows of the query log as text: a table, JSON lines or CSV (RFC 4180). Used by rec_control log.
#pragma once

#include <cstdio>
#include <string>
#include <vector>

#include "recursor/querylog/summary.hh"

namespace rec {

enum class LogFormat : std::uint8_t { Table, Json, Csv };

class LogOutput {
 public:
  LogOutput(LogFormat format, std::FILE* out) : d_format(format), d_out(out) {}

  void put(const LogRecord& record);
  void put(const LogTopList& list, LogKey key);
  void put(const Histogram& histogram);
  // False when nobody reads it any more.
  [[nodiscard]] bool isGood() const { return std::ferror(d_out) == 0; }
  void flush() { std::fflush(d_out); }

 private:
  void putTableLine(const LogRecord& record);
  void line(const std::string& text);
  void csv(const std::vector<std::string>& fields);

  LogFormat d_format;
  std::FILE* d_out;
  bool d_hasHead = false;
};

// One record as a JSON object.
[[nodiscard]] std::string jsonOf(const LogRecord& record);

} // namespace rec
