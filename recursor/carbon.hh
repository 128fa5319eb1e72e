// Carbon: sends all metrics to Carbon (Graphite) servers every so often: "pdns.host.recursor.questions 5 1700000000".
// A thread of its own, so that nothing waits for a server; all servers at once, each within a time limit. Owned by the
// daemon. Thread safe: one mutex around the options.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "lib/base/address.hh"
#include "lib/base/fd.hh"
#include "lib/base/memory.hh"
#include "recursor/config/settings.hh"
#include "recursor/stats/statistics.hh"

namespace rec {

class Carbon {
 public:
  struct Options {
    std::vector<base::Address> servers; // carbon-server; none: nothing is sent
    std::string prefix;                 // carbon-namespace.carbon-ourname.carbon-instance.
    std::chrono::seconds interval{30};  // carbon-interval
    std::vector<std::string> hidden;    // stats-carbon-disabled-list
  };
  [[nodiscard]] static Options optionsOf(const Settings& settings);

  // Longer than it takes to send the metrics to a server at the other end of the world; then it has failed.
  static constexpr std::chrono::seconds kPatience{10};

  Carbon(Options options, const Statistics& statistics, std::chrono::milliseconds patience = kPatience);
  ~Carbon();
  Carbon(const Carbon&) = delete;
  Carbon& operator=(const Carbon&) = delete;

  void start();
  void stop(); // ends the thread, in the middle of a delivery if need be
  // From now on; the next delivery is soon.
  void adopt(Options options);
  // What would be sent now.
  [[nodiscard]] std::string report(const Options& options) const;

  [[nodiscard]] std::uint64_t deliveries() const { return d_deliveries; } // to one server each
  [[nodiscard]] std::uint64_t failures() const { return d_failures; }

 private:
  struct Delivery;
  void run();
  void deliver(const Options& options);
  void wait(std::vector<Delivery>& deliveries, std::chrono::steady_clock::time_point deadline);
  void close(const std::vector<Delivery>& deliveries);

  const Statistics& d_statistics;
  const std::chrono::milliseconds d_patience;
  std::mutex d_mutex; // guards the next two
  Options d_options;
  bool d_changed = false;
  std::condition_variable d_wake;
  base::Fd d_stop; // an eventfd: the end, for whoever is in poll()
  std::atomic<bool> d_stopping{false};
  std::atomic<std::uint64_t> d_deliveries{0}, d_failures{0};
  base::ThreadArena d_arena;
  std::thread d_thread;
};

} // namespace rec
