// QueryLog: the query log of a daemon: rings, writer, where it is kept, and what is logged, which can be changed while
// running. Owned by the daemon; the workers know only their taps.
//
// Locking: one mutex for switching; the orders that workers have are immutable and posted to them.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "recursor/config/settings.hh"
#include "recursor/querylog/sink.hh"
#include "recursor/querylog/tap.hh"
#include "recursor/querylog/writer.hh"
#include "recursor/stats/statistics.hh"

namespace rec {

class QueryLog {
 public:
  // Throws when query-log-only makes no sense.
  explicit QueryLog(const Settings& settings);
  ~QueryLog();
  QueryLog(const QueryLog&) = delete;
  QueryLog& operator=(const QueryLog&) = delete;

  // Before the workers run, for each of them in their order.
  void attach(LogTap& tap);
  // Once the process is in the background. `publish` gives orders to all workers, on their threads; null: log nothing.
  // Nothing is opened, and no thread runs, before the log is on for the first time.
  void start(std::function<void(LogOrdersPtr)> publish);
  // When the workers have ended: what they logged is written.
  void stop();

  // ---- at run time, any thread
  // Whether query-log-only can be read; then what is logged, and how often, is as these say. The place, the ring and
  // the size stay.
  [[nodiscard]] static base::Result<void> check(const Settings& settings);
  void adopt(const Settings& settings);
  void setOn(bool on);
  base::Result<void> setSample(std::uint32_t oneIn);
  base::Result<void> setOnly(const std::string& filter); // empty: everything
  // "key: value" lines.
  [[nodiscard]] std::string status();
  // What has been logged, for LogReader; null as long as the log has never been on.
  [[nodiscard]] std::shared_ptr<BlockSource> source();
  [[nodiscard]] bool isInMemory() const { return d_settings.queryLogPath.empty(); }
  void addReadings(Statistics& statistics) const;

 private:
  using Counter = std::atomic<std::uint64_t> LogCounts::*;
  void publishOrders();
  [[nodiscard]] std::uint64_t dropsOfRings() const;

  const Settings& d_settings;
  std::vector<std::unique_ptr<LogRing>> d_rings;
  std::shared_ptr<LogSink> d_sink;
  std::unique_ptr<LogWriter> d_writer;
  std::mutex d_mutex; // guards what follows, and the start of the writer
  bool d_on = false, d_isRunning = false;
  LogOrders d_orders;
  std::function<void(LogOrdersPtr)> d_publish;
};

} // namespace rec
