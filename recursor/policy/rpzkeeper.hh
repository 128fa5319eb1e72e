// RpzKeeper: keeps one response policy zone up to date with its primaries, on a thread of its own: at the start, when
// the SOA's refresh or retry time is over (RFC 1035 3.3.13), and after a NOTIFY (RFC 1996). What it has stays until
// there is something newer, whole and checked; when its expire time is over nothing is left.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "lib/base/clock.hh"
#include "lib/base/fd.hh"
#include "recursor/config/rpzconfig.hh"
#include "recursor/policy/rpzconnection.hh"
#include "recursor/policy/rpzrules.hh"

namespace rec {

// As PowerDNS's rpzstatistics.
struct RpzCounts {
  std::uint64_t failed = 0, success = 0, full = 0; // transfers; full: AXFR among the successful ones
  std::int64_t lastUpdate = 0;                     // wall time, 0: never
};

class RpzKeeper {
 public:
  // A new snapshot, or null: it has expired. On the keeper's thread.
  using Publish = std::function<void(const RpzRulesPtr&)>;
  // `have` was confirmed by a primary at `lastGood`.
  RpzKeeper(RpzConfig config, RpzRulesPtr have, base::MonoTime lastGood, const base::Clock& clock, bool logChanges,
            Publish publish, RpzConnect connect = RpzConnection::open);
  ~RpzKeeper(); // ends the thread; a transfer under way is given up
  RpzKeeper(const RpzKeeper&) = delete;
  RpzKeeper& operator=(const RpzKeeper&) = delete;

  void start();
  [[nodiscard]] std::shared_ptr<const base::Fd> waker() const { return d_wake; } // what checkSoon() writes to
  static void checkSoon(const base::Fd& waker);                                  // any thread
  void setLogChanges(bool on) { d_logChanges = on; }                             // any thread
  [[nodiscard]] base::MonoTime lastGood() const;
  [[nodiscard]] const RpzConfig& config() const { return d_config; }
  [[nodiscard]] RpzCounts counts() const;

 private:
  void run();
  [[nodiscard]] bool check(); // false: no primary was of use
  [[nodiscard]] bool checkAt(const base::Address& primary);
  void take(const RpzRulesPtr& rules, bool whole, const base::Address& primary);
  void failed(const base::Address& primary, const std::string& why);
  void expire();
  void saveDump(bool now);
  [[nodiscard]] std::chrono::seconds pause(bool succeeded);
  void sleepUntil(base::MonoTime due); // or until told to check or to end

  const RpzConfig d_config;
  const base::Clock& d_clock;
  std::atomic<bool> d_logChanges; // log-rpz-changes
  const Publish d_publish;
  const RpzConnect d_connect;
  base::Fd d_stop; // eventfds
  std::shared_ptr<const base::Fd> d_wake;
  std::atomic<bool> d_stopping{false};

  // The thread's own.
  RpzRulesPtr d_have;
  unsigned d_failuresInARow = 0;
  unsigned d_useless = 0; // checks since something was new
  bool d_dumpDue = false;
  base::MonoTime d_nextDump;

  mutable std::mutex d_mutex; // guards all below
  RpzCounts d_counts;
  base::MonoTime d_lastGood;
  std::thread d_thread;
};

} // namespace rec
