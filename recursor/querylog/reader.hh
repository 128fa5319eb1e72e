// LogReader: searches the query log, oldest or newest record first, and follows it. Made by rec_control for a file, and
// by the daemon's web server for the log that it writes itself (QueryLog::source()). Never changes the log.
//
//   auto source = openLog(path);                     // or queryLog.source()
//   auto filter = LogFilter::parse("suffix=example.com since=-1h", now);
//   LogReader(**source).search(*filter, {.newestFirst = true}, [&](const LogRecord& record) { ...; return --left > 0;
//   });
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "recursor/querylog/blockindex.hh"
#include "recursor/querylog/filter.hh"

namespace rec {

struct NumberedIndex {
  std::uint64_t id = 0; // ascending with time
  BlockIndex index;
};

// The blocks of a log, wherever they are. Thread safe; each call sees the log as it is at that moment.
class BlockSource {
 public:
  virtual ~BlockSource() = default;
  // Of the blocks from `from` on in ascending order, or from `from` down when `backwards`; at most `most`.
  virtual base::Result<std::vector<NumberedIndex>> indexes(std::uint64_t from, bool backwards, std::size_t most) = 0;
  // Encoded; an error when it has gone meanwhile or the log cannot be read.
  virtual base::Result<std::vector<std::byte>> block(std::uint64_t id) = 0;
  // What has come, or may have come, so far; changes when anything is written. For following.
  virtual base::Result<std::uint64_t> version() = 0;
};
using BlockSourcePtr = std::shared_ptr<BlockSource>;

// The log in a folder (query-log-path), whether a recursor writes there or not.
[[nodiscard]] base::Result<BlockSourcePtr> openLog(const std::string& path);

struct LogProgress {
  std::uint64_t blocks = 0;  // in all
  std::uint64_t done = 0;    // of them, skipped ones included
  std::uint64_t skipped = 0; // because of their indexes
  std::uint64_t damaged = 0; // could not be decoded
  std::uint64_t records = 0; // looked at
  std::uint64_t matched = 0;
};
// Called now and then; false ends the search.
using ProgressCall = std::function<bool(const LogProgress&)>;

// Calls `call` for each block that may have something that matches, until it returns false; counts blocks in
// `progress`. Gives how many were looked at.
using BlockCall = std::function<bool(const NumberedIndex&)>;
base::Result<std::uint64_t> eachBlock(BlockSource& source, const LogFilter& filter, bool newestFirst,
                                      LogProgress& progress, const BlockCall& call);

class LogReader {
 public:
  explicit LogReader(BlockSource& source) : d_source(source) {}

  struct Order {
    bool newestFirst = false;
  };
  // `take` gets each record that matches, in order of time, until it returns false. On the calling thread.
  base::Result<LogProgress> search(const LogFilter& filter, Order order,
                                   const std::function<bool(const LogRecord&)>& take,
                                   const ProgressCall& progress = {});

 private:
  BlockSource& d_source;
};

// What has been written since the last call; begins after what is there when it is made. Does not wait.
class LogFollower {
 public:
  static base::Result<LogFollower> make(BlockSource& source);
  base::Result<void> next(const LogFilter& filter, const std::function<void(const LogRecord&)>& take);

 private:
  explicit LogFollower(BlockSource& source) : d_source(&source) {}
  base::Result<void> readNew(const NumberedIndex& numbered, const LogFilter& filter,
                             const std::function<void(const LogRecord&)>& take);

  BlockSource* d_source;
  std::uint64_t d_block = 0;   // that was read last
  std::uint32_t d_records = 0; // of it
  std::uint64_t d_version = 0;
};

} // namespace rec
