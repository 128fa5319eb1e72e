// CacheKeeper: has the caches loaded at the start and saved from time to time, when asked, and at the end. It has a
// thread, of low priority once the caches are loaded, so that nothing waits for the disk. Owned by the daemon.
//
// Locking: one mutex for its state, never held while files or caches are worked on.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "lib/base/clock.hh"
#include "lib/base/live.hh"
#include "lib/base/memory.hh"
#include "recursor/cachefile/cacheloader.hh"
#include "recursor/cachefile/cachesaver.hh"
#include "recursor/stats/statistics.hh"

namespace rec {

struct Settings;

class CacheKeeper {
 public:
  struct Options {
    std::string path;                      // cache-file; empty: nothing is kept
    std::uint64_t maxBytes = UINT64_MAX;   // cache-file-max-bytes
    std::chrono::milliseconds loadWait{0}; // cache-load-wait
    std::chrono::seconds atStop{0};        // cache-save-at-stop
    std::chrono::seconds interval{0};      // cache-save-interval
    std::uint32_t maxTtl = 86400;          // max-cache-ttl
    unsigned threads = 1;                  // to load with
  };
  [[nodiscard]] static Options optionsOf(const Settings& settings);

  // `prints`: of the settings as they are at that moment; any thread.
  CacheKeeper(Options options, const KeptCaches& caches, std::function<FilePrints()> prints, const base::Clock& clock);
  ~CacheKeeper();

  // Once nothing forks any more and privileges are final: begins to load, and comes back when that is done, or after
  // loadWait.
  void start();
  // Saves once more, within the time there is for it, and ends the thread. The caches may be in use.
  void stop();

  // When and how much is saved from now on; the file stays. Any thread.
  void adopt(const Options& options);
  // Now, and waits for it: how many entries, how long it took.
  base::Result<std::string> save();
  // Something was taken out of the caches that must not come back: they are saved soon. Any thread; never waits.
  void noteWipe();
  [[nodiscard]] bool isLoading() const { return d_loading.load(); }
  void awaitLoaded();

  void addReadings(Statistics& statistics) const;

 private:
  using Moment = std::chrono::steady_clock::time_point;
  struct Saved {
    std::uint64_t entries = 0, bytes = 0;
    std::chrono::milliseconds took{0};
  };

  void run();
  void load();
  void reportLoaded(const base::Result<CacheLoader::Report>& report, std::chrono::milliseconds took);
  void saveWhenDue();
  [[nodiscard]] Moment due() const; // mutex held
  base::Result<Saved> saveOnce(const std::function<CacheSaver::Pace()>& pace);
  base::Result<Saved> writeFile(const std::function<CacheSaver::Pace()>& pace);
  void reportSaved(const base::Result<Saved>& saved);
  void saveAtStop(Moment deadline);
  [[nodiscard]] std::string describe(const Saved& saved) const;

  const std::chrono::milliseconds d_loadWait;
  const unsigned d_threads;
  std::string d_path; // empty: nothing is kept
  base::Live<std::uint64_t> d_maxBytes;
  base::Live<std::chrono::seconds> d_atStop, d_interval;
  base::Live<std::uint32_t> d_maxTtl;
  KeptCaches d_caches;
  std::function<FilePrints()> d_prints;
  const base::Clock& d_clock;

  std::mutex d_mutex;
  std::condition_variable d_changed;
  bool d_ends = false, d_ended = false;  // the thread is to end; it has
  std::uint64_t d_asked = 0, d_done = 0; // saves that were asked for; as many of them are done
  base::Result<Saved> d_last = Saved{};  // the last one
  Moment d_savedAt{}, d_wipedAt{};
  bool d_wiped = false; // since the last save
  std::atomic<bool> d_loading{false}, d_interrupted{false};
  bool d_whole = true;    // what the file had was loaded to its end: else it is not to be replaced
  bool d_failing = false; // the last save did not succeed: said once
  std::atomic<std::uint64_t> d_saves{0}, d_failures{0}, d_savedEntries{0}, d_savedBytes{0}, d_saveMsec{0},
      d_loadMsec{0};
  struct {
    std::atomic<std::uint64_t> loaded{0}, expired{0}, otherSettings{0}, noRoom{0}, damaged{0};
  } d_counts;
  base::ThreadArena d_arena;
  std::thread d_thread;
};

} // namespace rec
