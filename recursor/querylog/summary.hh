// Summaries of the query log: the busiest names, clients and so on, and a histogram over time. Decodes only the columns
// that are needed, on several threads. Memory is bounded: beyond kMostKeys distinct keys the counts of rare ones are
// estimates (space saving). Used by rec_control log and the web server.
#pragma once

#include "recursor/querylog/reader.hh"

namespace rec {

enum class LogKey : std::uint8_t { Names, Clients, Suffixes, Types, RCodes, Kinds, Policies, Blocked, Slow };
[[nodiscard]] std::optional<LogKey> parseLogKey(std::string_view word); // "names", "clients", ...
[[nodiscard]] std::string logKeyWords();                                // all of them

struct LogTopRow {
  std::string key;
  std::uint64_t count = 0;         // of matching records; Slow: the longest latency in microseconds
  std::uint64_t atMostTooMany = 0; // by so many `count` may be too high
};
struct LogTopList {
  std::vector<LogTopRow> rows; // the highest first
  std::uint64_t total = 0;     // matching records
  LogProgress progress;
};
struct TopOptions {
  LogKey key = LogKey::Names;
  std::size_t rows = 10;
  unsigned suffixLabels = 2; // Suffixes: names are cut to so many labels
  unsigned threads = 0;      // 0: as many as there are CPUs, 4 at most
};
// Blocked: names that a policy decided about; Slow: names by their slowest answer.
base::Result<LogTopList> topOf(BlockSource& source, const LogFilter& filter, const TopOptions& options,
                               const ProgressCall& progress = {});

struct HistogramRow {
  std::int64_t begin = 0; // microseconds since 1970
  std::uint64_t queries = 0, nxdomain = 0, servfail = 0, blocked = 0, hits = 0;
  std::uint64_t latencySum = 0; // microseconds
  std::uint32_t latencyMost = 0;
};
// Rows of `step` microseconds from the first to the last matching record, empty ones included, kMostRows at most (the
// newest); 0: a step that makes some 60 rows.
struct Histogram {
  std::int64_t step = 0;
  std::vector<HistogramRow> rows;
  LogProgress progress;
};
base::Result<Histogram> histogramOf(BlockSource& source, const LogFilter& filter, std::int64_t step = 0,
                                    const ProgressCall& progress = {});

} // namespace rec
