// Putting the log together, switching it, telling about it.
#include "recursor/querylog/querylog.hh"

#include <algorithm>
#include <stdexcept>

#include "recursor/querylog/memorylog.hh"
#include "recursor/querylog/store.hh"

namespace rec {
namespace {

std::shared_ptr<LogSink> makeSink(const Settings& settings) {
  if (settings.queryLogPath.empty()) return std::make_shared<MemoryLog>(settings.queryLogMemorySize);
  return std::make_shared<LogStore>(
      LogStore::Options{settings.queryLogPath, settings.queryLogMaxSize, settings.queryLogSync});
}

// What the settings say is logged; throws when query-log-only makes no sense.
LogOrders ordersOf(const Settings& settings) {
  LogOrders orders{.sample = settings.queryLogSample,
                   .only = std::nullopt,
                   .onlyText = settings.queryLogOnly,
                   .ipv4Bits = settings.queryLogIpv4Bits,
                   .ipv6Bits = settings.queryLogIpv6Bits,
                   .answers = settings.queryLogAnswers};
  if (!settings.queryLogOnly.empty()) {
    auto filter = LogFilter::parse(settings.queryLogOnly, base::wallMicros());
    if (!filter) throw std::runtime_error("query-log-only: " + filter.error().message);
    orders.only = std::move(*filter);
  }
  return orders;
}

} // namespace

QueryLog::QueryLog(const Settings& settings)
    : d_settings(settings), d_sink(makeSink(settings)), d_on(settings.queryLog), d_orders(ordersOf(settings)) {}

QueryLog::~QueryLog() { stop(); }

void QueryLog::attach(LogTap& tap) {
  LogRing& ring = *d_rings.emplace_back(std::make_unique<LogRing>(d_settings.queryLogRingSize));
  tap.attach(ring, [this] { d_writer->wake(); });
}

void QueryLog::start(std::function<void(LogOrdersPtr)> publish) {
  std::vector<LogRing*> rings;
  for (const auto& ring : d_rings) rings.push_back(ring.get());
  constexpr std::uint64_t kMostCommit = std::uint64_t{1} << 20;
  const std::uint64_t commit = std::min(d_settings.queryLogMaxSize / 32, kMostCommit);
  d_writer = std::make_unique<LogWriter>(
      rings, *d_sink, LogWriter::Options{d_settings.queryLogFlushInterval, d_settings.queryLogMaxAge, commit});
  const std::lock_guard lock(d_mutex);
  d_publish = std::move(publish);
  if (d_on) publishOrders();
}

void QueryLog::stop() {
  const std::lock_guard lock(d_mutex);
  if (d_isRunning) d_writer->stop();
  d_isRunning = false;
}

void QueryLog::publishOrders() {
  if (d_on && !d_isRunning) {
    d_writer->start();
    d_isRunning = true;
  }
  d_publish(d_on ? std::make_shared<const LogOrders>(d_orders) : nullptr);
}

base::Result<void> QueryLog::check(const Settings& settings) {
  try {
    static_cast<void>(ordersOf(settings));
  } catch (const std::runtime_error& e) {
    return base::Error{e.what()};
  }
  return {};
}

void QueryLog::adopt(const Settings& settings) {
  const std::lock_guard lock(d_mutex);
  d_orders = ordersOf(settings);
  d_on = settings.queryLog;
  d_writer->setTimes(settings.queryLogFlushInterval, settings.queryLogMaxAge);
  publishOrders();
}

void QueryLog::setOn(bool on) {
  const std::lock_guard lock(d_mutex);
  d_on = on;
  publishOrders();
}

base::Result<void> QueryLog::setSample(std::uint32_t oneIn) {
  if (oneIn == 0) return base::Error{"one in 0 is nothing: use off"};
  const std::lock_guard lock(d_mutex);
  d_orders.sample = oneIn;
  publishOrders();
  return {};
}

base::Result<void> QueryLog::setOnly(const std::string& filter) {
  auto parsed = LogFilter::parse(filter, base::wallMicros());
  if (!parsed) return parsed.error();
  const std::lock_guard lock(d_mutex);
  d_orders.only = parsed->empty() ? std::nullopt : std::optional(std::move(*parsed));
  d_orders.onlyText = d_orders.only ? filter : "";
  publishOrders();
  return {};
}

std::shared_ptr<BlockSource> QueryLog::source() {
  const std::lock_guard lock(d_mutex);
  return d_isRunning ? d_sink : nullptr;
}

std::uint64_t QueryLog::dropsOfRings() const {
  std::uint64_t drops = 0;
  for (const auto& ring : d_rings) drops += ring->dropped();
  return drops;
}

std::string QueryLog::status() {
  const std::lock_guard lock(d_mutex);
  const LogCounts& counts = d_writer->counts();
  const LogSink::Totals& totals = d_sink->totals();
  std::size_t waiting = 0;
  for (const auto& ring : d_rings) waiting += ring->used();
  std::string text;
  const auto line = [&text](std::string_view key, const std::string& value) {
    text += std::string(key) + ": " + value + "\n";
  };
  line("state", !d_on ? "off" : counts.isStopped ? "on, but nothing can be written" : "on");
  line("sample", d_orders.sample == 1 ? "everything" : "one in " + std::to_string(d_orders.sample));
  line("only", d_orders.only ? d_orders.onlyText : "everything");
  line("place", d_sink->place());
  line("records", std::to_string(totals.records));
  line("blocks", std::to_string(totals.blocks));
  line("bytes", std::to_string(totals.bytes));
  line("bytes waiting in rings", std::to_string(waiting));
  line("records since the start", std::to_string(counts.records));
  line("dropped, ring full", std::to_string(dropsOfRings()));
  line("dropped, disk full", std::to_string(counts.dropsDisk));
  line("dropped, other reasons", std::to_string(counts.dropsError));
  line("expired", std::to_string(totals.expired));
  line("flush interval", std::to_string(d_writer->interval().count()) + " ms");
  return text;
}

void QueryLog::addReadings(Statistics& statistics) const {
  const auto counted = [&](Metric metric, Counter counter) {
    statistics.setReading(metric, [this, counter] { return d_writer ? (d_writer->counts().*counter).load() : 0; });
  };
  counted(Metric::QueryLogRecords, &LogCounts::records);
  counted(Metric::QueryLogBlocks, &LogCounts::blocks);
  counted(Metric::QueryLogBytes, &LogCounts::bytes);
  counted(Metric::QueryLogDropsDisk, &LogCounts::dropsDisk);
  counted(Metric::QueryLogDropsError, &LogCounts::dropsError);
  counted(Metric::QueryLogFlushes, &LogCounts::flushes);
  counted(Metric::QueryLogFlushTime, &LogCounts::flushMicros);
  counted(Metric::QueryLogFlushLongest, &LogCounts::flushLongest);
  const auto total = [&](Metric metric, std::atomic<std::uint64_t> LogSink::Totals::* value) {
    statistics.setReading(metric, [this, value] { return (d_sink->totals().*value).load(); });
  };
  total(Metric::QueryLogExpired, &LogSink::Totals::expired);
  total(Metric::QueryLogDamaged, &LogSink::Totals::damaged);
  total(Metric::QueryLogStoredRecords, &LogSink::Totals::records);
  total(Metric::QueryLogStoredBytes, &LogSink::Totals::bytes);
  statistics.setReading(Metric::QueryLogDropsRing, [this] { return dropsOfRings(); });
}

} // namespace rec
