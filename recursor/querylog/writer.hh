// LogWriter: the thread that empties the workers' rings, makes blocks of what is in them and gives these to the sink:
// at the flush interval, or when a ring has a good deal for it. A block that is not full yet is written, too, and again
// when it has grown. Owned by QueryLog.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "lib/base/fd.hh"
#include "lib/base/live.hh"
#include "lib/base/memory.hh"
#include "recursor/querylog/rawreader.hh"
#include "recursor/querylog/sink.hh"

namespace rec {

// Written by the writer's thread, read by any.
struct LogCounts {
  std::atomic<std::uint64_t> records{0}, blocks{0}, bytes{0};
  std::atomic<std::uint64_t> dropsDisk{0}, dropsError{0};
  std::atomic<std::uint64_t> flushes{0}, flushMicros{0}, flushLongest{0};
  std::atomic<bool> isStopped{false}; // the disk is full, or the log cannot be written
};

class LogWriter {
 public:
  struct Options {
    std::chrono::milliseconds interval{1000};
    std::chrono::seconds maxAge{0}; // 0: no limit
    // Of full blocks; what is more is not held back, so that twice as much is written at once at most.
    std::uint64_t commitBytes = std::uint64_t{1} << 20;
  };
  // The rings, in the order of the workers, and the sink must outlive this.
  LogWriter(const std::vector<LogRing*>& rings, LogSink& sink, Options options);
  ~LogWriter();
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;

  void start();
  // What is in the rings is written; then the thread ends.
  void stop();
  // Any thread, at once.
  void wake();
  void setTimes(std::chrono::milliseconds interval, std::chrono::seconds maxAge); // as in Options
  [[nodiscard]] std::chrono::milliseconds interval() const { return d_interval; }
  [[nodiscard]] const LogCounts& counts() const { return d_counts; }

  // For tests, without a thread: what it does when it is woken, and what it does at the interval; `now` in microseconds
  // since 1970.
  void drain(std::int64_t now);
  void flush(std::int64_t now);

 private:
  void run();
  void waitUntil(std::chrono::steady_clock::time_point time) const;
  void take(const std::byte* record, std::size_t ring);
  void drainUntil(std::size_t ring, std::int64_t time);
  void drainMerged();
  void endBlock();
  void commit(std::int64_t now);
  void fail(LogSink::Status status, std::int64_t now);
  void lose(std::uint64_t records);

  std::vector<RawReader> d_rings;
  std::size_t d_taken = 0; // since a worker got room
  LogSink& d_sink;
  base::Live<std::chrono::milliseconds> d_interval;
  base::Live<std::chrono::seconds> d_maxAge;
  const std::uint64_t d_commitBytes;
  LogCounts d_counts;
  BlockBuilder d_builder;
  std::uint64_t d_id = 0;   // of the block that is being built; 0: none yet
  std::uint32_t d_kept = 0; // records of it that the sink has
  std::vector<LogSink::Pending> d_pending;
  std::uint64_t d_pendingBytes = 0, d_pendingRecords = 0; // not in the sink yet
  LogSink::Status d_trouble = LogSink::Status::Ok;
  std::int64_t d_retryAt = 0, d_expireAt = 0;

  base::Fd d_wake; // an eventfd
  std::atomic<bool> d_ends{false};
  base::ThreadArena d_arena;
  std::thread d_thread;
};

} // namespace rec
