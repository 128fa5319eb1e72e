// Emptying rings, in the order of time, and committing blocks.
#include "recursor/querylog/writer.hh"

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <limits>

#include "lib/base/exacttime.hh"
#include "lib/base/log.hh"

namespace rec {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kRetry = 5 * kSecond;   // after the sink could not take something
constexpr std::int64_t kExpiry = 60 * kSecond; // between looks for old blocks while nothing is written
constexpr std::size_t kReleaseEvery = 512;     // records popped before the worker gets their room
constexpr int kNice = 3;                       // the workers come first

// As linux/sched/types.h has it since Linux 3.14; that header does not go together with the C library's.
struct SchedulingOfThread {
  std::uint32_t size = 48, policy = SCHED_BATCH;
  std::uint64_t flags = 0;
  std::int32_t nice = kNice;
  std::uint32_t priority = 0;
  std::uint64_t runtime = 10'000'000, deadline = 0, period = 0; // nanoseconds
};
static_assert(sizeof(SchedulingOfThread) == 48);

// A writer that is woken takes the processor from nobody, and a worker that is woken takes it from the writer: that has
// the longer slice (since Linux 6.12; before, the slice means nothing). Its share of a busy one is what the nice value
// gives, a third: so a worker that never sleeps does not starve it.
void stepBack() {
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNice);
  const sched_param none{};
  ::sched_setscheduler(0, SCHED_BATCH, &none); // of this thread: Linux
  const SchedulingOfThread wanted;
  ::syscall(SYS_sched_setattr, 0, &wanted, 0U);
}

bool isUnlogged(const std::byte* record) {
  return formOf(record) == RawForm::Record && (RawRecord(record).head().marks & kRawUnlogged) != 0;
}

} // namespace

LogWriter::LogWriter(const std::vector<LogRing*>& rings, LogSink& sink, Options options)
    : d_sink(sink), d_interval(options.interval), d_maxAge(options.maxAge), d_commitBytes(options.commitBytes),
      d_wake(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  for (LogRing* ring : rings) d_rings.emplace_back(*ring);
}

LogWriter::~LogWriter() { stop(); }

void LogWriter::start() {
  d_ends = false;
  d_thread = base::startThread(d_arena, [this] { run(); });
}

void LogWriter::stop() {
  if (d_thread.joinable()) {
    d_ends = true;
    wake();
    d_thread.join();
  }
}

void LogWriter::setTimes(std::chrono::milliseconds interval, std::chrono::seconds maxAge) {
  d_interval = interval;
  d_maxAge = maxAge;
  wake();
}

void LogWriter::wake() {
  const std::uint64_t one = 1;
  static_cast<void>(::write(d_wake.get(), &one, sizeof one) == sizeof one);
}

void LogWriter::waitUntil(std::chrono::steady_clock::time_point time) const {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(time - std::chrono::steady_clock::now()).count();
  pollfd waiting{d_wake.get(), POLLIN, 0};
  ::poll(&waiting, 1, static_cast<int>(std::max<decltype(left)>(left, 0)));
  std::uint64_t count = 0;
  static_cast<void>(::read(d_wake.get(), &count, sizeof count));
}

void LogWriter::run() {
  ::pthread_setname_np(::pthread_self(), "querylog");
  stepBack();
  auto due = std::chrono::steady_clock::now() + interval();
  while (!d_ends) {
    waitUntil(due);
    const std::int64_t now = base::wallMicros();
    if (std::chrono::steady_clock::now() < due) {
      drain(now);
      continue;
    }
    flush(now);
    due = std::chrono::steady_clock::now() + interval();
  }
  flush(base::wallMicros());
}

void LogWriter::lose(std::uint64_t records) {
  (d_trouble == LogSink::Status::DiskFull ? d_counts.dropsDisk : d_counts.dropsError) += records;
}

inline void LogWriter::take(const std::byte* record, std::size_t ring) {
  if (d_trouble != LogSink::Status::Ok) [[unlikely]] {
    if (!isUnlogged(record)) lose(1);
    return;
  }
  d_builder.take(record, d_rings[ring].moment(), static_cast<std::uint16_t>(ring));
  if (d_builder.isFull()) endBlock();
}

// What is not later than `time`.
void LogWriter::drainUntil(std::size_t ring, std::int64_t time) {
  RawReader& reader = d_rings[ring];
  for (const std::byte* at = reader.next(); at != nullptr && reader.timeOf(at) <= time; at = reader.next()) {
    take(at, ring);
    reader.pop();
    if (++d_taken % kReleaseEvery == 0) reader.release();
  }
  reader.release();
}

// From the ring with the oldest record as long as it is the oldest: answers of a batch have the same time.
void LogWriter::drainMerged() {
  for (;;) {
    std::size_t best = d_rings.size();
    std::int64_t bestTime = std::numeric_limits<std::int64_t>::max(), nextTime = bestTime;
    for (std::size_t i = 0; i < d_rings.size(); ++i) {
      const std::byte* const record = d_rings[i].next();
      if (record == nullptr) continue;
      const std::int64_t time = d_rings[i].timeOf(record);
      if (best == d_rings.size() || time < bestTime) {
        nextTime = best == d_rings.size() ? nextTime : bestTime;
        best = i;
        bestTime = time;
      } else {
        nextTime = std::min(nextTime, time);
      }
    }
    if (best == d_rings.size()) break;
    drainUntil(best, nextTime);
  }
}

void LogWriter::drain(std::int64_t now) {
  for (RawReader& ring : d_rings) ring.look();
  if (d_trouble != LogSink::Status::Ok && now >= d_retryAt) d_trouble = LogSink::Status::Ok;
  drainMerged();
  if (d_pendingBytes >= d_commitBytes) commit(now);
}

void LogWriter::endBlock() {
  if (d_id == 0) d_id = d_sink.nextId();
  d_pendingRecords += d_builder.records() - d_kept;
  d_pending.push_back({d_id++, d_builder.encode()});
  d_pendingBytes += d_pending.back().encoded.block.size();
  d_builder.clear();
  d_kept = 0;
  if (d_pendingBytes >= 2 * d_commitBytes) commit(base::wallMicros());
}

// The block that is being built goes along as far as it is.
void LogWriter::flush(std::int64_t now) {
  drain(now);
  if (d_builder.records() > d_kept) {
    if (d_id == 0) d_id = d_sink.nextId();
    d_pendingRecords += d_builder.records() - d_kept;
    d_pending.push_back({d_id, d_builder.encode()});
    d_pendingBytes += d_pending.back().encoded.block.size();
    d_kept = d_builder.records();
  }
  if (!d_pending.empty() || now >= d_expireAt) commit(now);
}

void LogWriter::commit(std::int64_t now) {
  const std::int64_t begun = base::wallMicros();
  const std::int64_t age = std::chrono::microseconds(std::chrono::seconds(d_maxAge)).count();
  const auto status = d_sink.append(d_pending, age > 0 ? now - age : 0);
  if (status != LogSink::Status::Ok) {
    return fail(status, now);
  }
  const auto took = static_cast<std::uint64_t>(std::max<std::int64_t>(base::wallMicros() - begun, 0));
  d_counts.flushes += 1;
  d_counts.flushMicros += took;
  d_counts.flushLongest = std::max(d_counts.flushLongest.load(), took);
  d_counts.records += d_pendingRecords;
  d_counts.blocks += d_pending.size();
  d_counts.bytes += d_pendingBytes;
  if (d_counts.isStopped.exchange(false)) {
    base::log(base::LogLevel::Notice, "query log " + d_sink.place() + ": it is written again");
  }
  d_pending.clear();
  d_pendingBytes = d_pendingRecords = 0;
  d_expireAt = now + kExpiry;
}

// What has not been written is lost, and what comes until the next attempt: so no memory is taken, and no time.
void LogWriter::fail(LogSink::Status status, std::int64_t now) {
  d_trouble = status;
  d_retryAt = now + kRetry;
  lose(d_pendingRecords);
  if (d_builder.records() > d_kept) lose(d_builder.records() - d_kept);
  d_builder.clear();
  d_kept = 0;
  d_id = d_sink.nextId();
  d_pending.clear();
  d_pendingBytes = d_pendingRecords = 0;
  if (!d_counts.isStopped.exchange(true)) {
    base::log(base::LogLevel::Error,
              "query log " + d_sink.place() + ": " +
                  (status == LogSink::Status::DiskFull ? "the disk is full" : "it cannot be written") +
                  ": what is answered is not logged until it can be");
  }
}

} // namespace rec
