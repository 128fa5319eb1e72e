// Flow: start() -> run() on the thread: load(), then saveWhenDue() until stop(); saveOnce() writes a file.
#include "recursor/cachefile/cachekeeper.hh"

#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <future>
#include <utility>

#include "lib/base/log.hh"
#include "recursor/cachefile/savefile.hh"
#include "recursor/config/settings.hh"

namespace rec {
namespace {

using base::LogLevel;
using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

constexpr int kNice = 10;                        // a tenth of a worker's share where both want the CPU
constexpr unsigned kMostThreads = 8;             // that load
constexpr std::chrono::seconds kAfterWipe{10};   // saved again
constexpr std::chrono::seconds kBetween{60};     // but no sooner than so long after the last time
constexpr std::chrono::seconds kPatience{60};    // of save()
constexpr std::chrono::seconds kDiskPatience{2}; // at a stop, beyond the time: for the disk to have it

milliseconds since(Steady::time_point begun) { return std::chrono::duration_cast<milliseconds>(Steady::now() - begun); }

std::string inMsec(milliseconds took) { return " in " + std::to_string(took.count()) + " ms"; }

void addReason(std::string& text, std::uint64_t count, std::string_view reason) {
  if (count > 0) {
    text += "; " + std::to_string(count) + " " + std::string(reason);
  }
}

} // namespace

CacheKeeper::Options CacheKeeper::optionsOf(const Settings& settings) {
  Options options;
  options.path = settings.cacheFile;
  options.maxBytes = settings.cacheFileMaxBytes == 0 ? UINT64_MAX : settings.cacheFileMaxBytes;
  options.loadWait = settings.cacheLoadWait;
  options.atStop = settings.cacheSaveAtStop;
  options.interval = settings.cacheSaveInterval;
  options.maxTtl = static_cast<std::uint32_t>(settings.maxCacheTtl);
  options.threads = std::clamp(static_cast<unsigned>(settings.threads), 1U, kMostThreads);
  return options;
}

CacheKeeper::CacheKeeper(Options options, const KeptCaches& caches, std::function<FilePrints()> prints,
                         const base::Clock& clock)
    : d_loadWait(options.loadWait), d_threads(options.threads), d_path(std::move(options.path)),
      d_maxBytes(options.maxBytes), d_atStop(options.atStop), d_interval(options.interval), d_maxTtl(options.maxTtl),
      d_caches(caches), d_prints(std::move(prints)), d_clock(clock) {}

CacheKeeper::~CacheKeeper() {
  d_interrupted = true;
  {
    const std::lock_guard lock(d_mutex);
    d_ends = true;
  }
  d_changed.notify_all();
  if (d_thread.joinable()) {
    d_thread.join();
  }
}

void CacheKeeper::start() {
  if (d_path.empty()) return;
  if (!hasFolder(d_path)) {
    base::log(LogLevel::Info, "the caches do not outlive a restart: there is no folder for cache-file " + d_path);
    d_path.clear();
    return;
  }
  if (const auto reason = whyNotWritable(d_path)) {
    base::log(LogLevel::Warning, "the caches cannot be saved to cache-file " + d_path + ": " + *reason);
  }
  d_loading = true;
  d_thread = base::startThread(d_arena, [this] { run(); });
  std::unique_lock lock(d_mutex);
  d_changed.wait_for(lock, d_loadWait, [this] { return !d_loading; });
}

// ---- the thread

void CacheKeeper::run() {
  ::pthread_setname_np(::pthread_self(), "caches");
  try {
    load();
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)), kNice); // of this thread: Linux
    saveWhenDue();
  } catch (const std::exception& e) {
    base::log(LogLevel::Critical, std::string("the caches are no longer saved: ") + e.what());
  }
  const std::lock_guard lock(d_mutex);
  d_loading = false;
  d_ended = true;
  d_changed.notify_all();
}

void CacheKeeper::load() {
  const auto begun = Steady::now();
  const auto file = LoadFile::open(d_path);
  if (!file) {
    base::log(LogLevel::Warning, "the caches are empty: " + file.error().message);
  } else if (*file) {
    CacheLoader loader(**file, d_caches, {d_clock.wall(), d_clock.mono(), d_prints(), d_maxTtl, d_threads});
    const auto report = loader.load(d_interrupted);
    reportLoaded(report, since(begun));
  }
  const std::lock_guard lock(d_mutex);
  d_savedAt = Steady::now();
  d_loading = false;
  d_changed.notify_all();
}

void CacheKeeper::reportLoaded(const base::Result<CacheLoader::Report>& report, milliseconds took) {
  if (!report) {
    return base::log(LogLevel::Warning, "the caches are empty: cache-file " + d_path + ": " + report.error().message);
  }
  const LoadCounts& counts = report->counts;
  d_counts.loaded = counts.loaded;
  d_counts.expired = counts.expired;
  d_counts.otherSettings = counts.otherSettings;
  d_counts.noRoom = counts.noRoom;
  d_counts.damaged = counts.damaged;
  d_loadMsec = static_cast<std::uint64_t>(took.count());
  d_whole = !report->stopped;
  std::string text = std::to_string(counts.loaded) + " cached entries were loaded from " + d_path + inMsec(took);
  addReason(text, counts.expired, "had expired");
  addReason(text, counts.otherSettings, "came from other settings or trust anchors");
  addReason(text, counts.noRoom, "found no room");
  base::log(LogLevel::Notice, text);
  if (report->otherData) {
    base::log(LogLevel::Notice, "cache-file: forward zones, root hints, dnssec or the network are others than when it "
                                "was saved: no answers were taken from it");
  } else if (report->otherVerdicts) {
    base::log(LogLevel::Notice, "cache-file: trust anchors or how is validated are others than when it was saved: what "
                                "was taken from it is validated anew");
  }
  const bool cut = report->damage.truncated && !report->stopped;
  if (cut || counts.damaged > 0 || report->damage.places > 0) {
    text = "cache-file " + d_path + " is " + (cut ? "cut off" : "damaged");
    addReason(text, counts.damaged, "entries were not loaded");
    addReason(text, report->damage.places, "times something else stood where entries should");
    base::log(LogLevel::Warning, text);
  }
}

CacheKeeper::Moment CacheKeeper::due() const {
  const std::chrono::seconds interval = d_interval;
  Moment next = interval.count() > 0 ? d_savedAt + interval : Moment::max();
  if (d_wiped) {
    next = std::min(next, std::max(d_wipedAt + kAfterWipe, d_savedAt + kBetween));
  }
  return d_asked != d_done ? Moment{} : next;
}

void CacheKeeper::saveWhenDue() {
  const auto pace = [this] { return d_interrupted ? CacheSaver::Pace::Abandon : CacheSaver::Pace::Go; };
  std::unique_lock lock(d_mutex);
  while (!d_ends) {
    const Moment next = due();
    if (next > Steady::now()) {
      if (next == Moment::max()) {
        d_changed.wait(lock);
      } else {
        d_changed.wait_until(lock, next);
      }
      continue;
    }
    const std::uint64_t answers = d_asked;
    lock.unlock();
    auto saved = saveOnce(pace);
    lock.lock();
    d_last = std::move(saved);
    d_done = answers;
    d_changed.notify_all();
  }
}

// ---- saving

base::Result<CacheKeeper::Saved> CacheKeeper::saveOnce(const std::function<CacheSaver::Pace()>& pace) {
  bool wiped = false;
  {
    const std::lock_guard lock(d_mutex);
    wiped = std::exchange(d_wiped, false); // what is wiped from now on may be in the file
  }
  const auto saved = writeFile(pace);
  reportSaved(saved);
  const std::lock_guard lock(d_mutex);
  d_savedAt = Steady::now();
  d_wiped = d_wiped || (wiped && !saved);
  return saved;
}

base::Result<CacheKeeper::Saved> CacheKeeper::writeFile(const std::function<CacheSaver::Pace()>& pace) {
  const auto begun = Steady::now();
  auto file = SaveFile::create(d_path);
  if (!file) return file.error();
  BlockWriter blocks([&](std::span<const std::byte> octets) { return file->write(octets); }, d_maxBytes);
  const FilePrints prints = d_prints();
  CacheSaver saver(d_caches, {d_clock.wall(), d_clock.mono()}, blocks, pace);
  if (const auto saved = saver.save(prints); !saved) return saved.error();
  if (d_prints() != prints) {
    noteWipe(); // soon again
    return base::Error{"zones or trust anchors changed meanwhile"};
  }
  if (const auto there = file->commit(); !there) return there.error();
  return Saved{blocks.entries(), blocks.bytes(), since(begun)};
}

std::string CacheKeeper::describe(const Saved& saved) const {
  return std::to_string(saved.entries) + " cached entries were saved to " + d_path + " (" +
         std::to_string(saved.bytes) + " octets)" + inMsec(saved.took);
}

void CacheKeeper::reportSaved(const base::Result<Saved>& saved) {
  if (!saved) {
    d_failures += d_interrupted ? 0 : 1;
    if (!std::exchange(d_failing, true) && !d_interrupted) {
      base::log(LogLevel::Error, "the caches were not saved: " + saved.error().message);
    }
    return;
  }
  d_failing = false;
  d_saves += 1;
  d_savedEntries = saved->entries;
  d_savedBytes = saved->bytes;
  d_saveMsec = static_cast<std::uint64_t>(saved->took.count());
  base::log(LogLevel::Info, describe(*saved));
}

base::Result<std::string> CacheKeeper::save() {
  if (d_path.empty()) return base::Error{"there is no cache-file, or no folder for it"};
  std::unique_lock lock(d_mutex);
  const std::uint64_t mine = ++d_asked;
  d_changed.notify_all();
  d_changed.wait_for(lock, kPatience, [&] { return d_done >= mine || d_ended; });
  if (d_done < mine) return base::Error{"the caches could not be saved in time"};
  if (!d_last) return d_last.error();
  return describe(*d_last);
}

void CacheKeeper::noteWipe() {
  const std::lock_guard lock(d_mutex);
  if (!std::exchange(d_wiped, true)) {
    d_wipedAt = Steady::now();
    d_changed.notify_all();
  }
}

void CacheKeeper::awaitLoaded() {
  std::unique_lock lock(d_mutex);
  d_changed.wait(lock, [this] { return !d_loading; });
}

void CacheKeeper::adopt(const Options& options) {
  const std::lock_guard lock(d_mutex);
  d_maxBytes = options.maxBytes;
  d_atStop = options.atStop;
  d_interval = options.interval;
  d_maxTtl = options.maxTtl;
  d_changed.notify_all();
}

// ---- the end

void CacheKeeper::stop() {
  if (!d_thread.joinable()) return;
  const std::chrono::seconds atStop = d_atStop;
  const Moment deadline = Steady::now() + atStop;
  d_interrupted = true;
  {
    std::unique_lock lock(d_mutex);
    d_ends = true;
    d_changed.notify_all();
    if (!d_changed.wait_until(lock, deadline + kDiskPatience, [this] { return d_ended; })) {
      return base::log(LogLevel::Error, "the caches were not saved at the stop: the disk does not answer");
    }
  }
  d_thread.join();
  if (atStop.count() > 0 && d_whole) {
    saveAtStop(deadline);
  }
}

// On a thread of its own, which the process does not wait for when the disk hangs: the one before has a low priority
// for good.
void CacheKeeper::saveAtStop(Moment deadline) {
  const auto done = std::make_shared<std::promise<void>>();
  auto saved = done->get_future();
  d_interrupted = false;
  d_thread = base::startThread(d_arena, [this, deadline, done] {
    const auto pace = [&] { return Steady::now() < deadline ? CacheSaver::Pace::Go : CacheSaver::Pace::Finish; };
    static_cast<void>(saveOnce(pace));
    done->set_value();
  });
  if (saved.wait_until(deadline + kDiskPatience) != std::future_status::ready) {
    base::log(LogLevel::Error, "the caches were not saved at the stop: the disk does not answer");
  }
}

void CacheKeeper::addReadings(Statistics& statistics) const {
  const auto show = [&](Metric metric, const std::atomic<std::uint64_t>& value) {
    statistics.setReading(metric, [&value] { return value.load(); });
  };
  show(Metric::CacheFileSaves, d_saves);
  show(Metric::CacheFileSaveFailures, d_failures);
  show(Metric::CacheFileSavedEntries, d_savedEntries);
  show(Metric::CacheFileSavedBytes, d_savedBytes);
  show(Metric::CacheFileSaveMsec, d_saveMsec);
  show(Metric::CacheFileLoadedEntries, d_counts.loaded);
  show(Metric::CacheFileLoadMsec, d_loadMsec);
  show(Metric::CacheFileExpiredEntries, d_counts.expired);
  show(Metric::CacheFileOtherEntries, d_counts.otherSettings);
  show(Metric::CacheFileNoRoomEntries, d_counts.noRoom);
  show(Metric::CacheFileDamagedEntries, d_counts.damaged);
}

} // namespace rec
