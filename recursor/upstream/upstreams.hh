// UpstreamResolver: a resolver that forward rules name, and what is known of it: how fast it answers, how often it is
// late, whether it is down. Upstreams: all of them, so that what is known outlives reload-zones and is shared by rules
// that name the same one. Shared by all workers: what is known is read without a lock, what an answer teaches is
// written under the upstream's mutex; another one is for the list. Never two at once.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "lib/dns/name.hh"
#include "recursor/config/endpoint.hh"
#include "recursor/stats/answertimes.hh"

namespace rec {

// How an exchange with an upstream ended.
enum class Ending : std::uint8_t {
  Useful,   // an answer that could be used
  Useless,  // SERVFAIL and the like: it is there, but had nothing for this name
  Failed,   // silent, unreachable, refusing, or its certificate is not good
  Late,     // another one won, and this one had had more than its usual time
  Cancelled // another one won before that
};

// Doubtful: it has lost so often that it might be dead and nobody would know. It is to be asked by itself.
enum class UpstreamChange : std::uint8_t { None, WentDown, CameUp, Doubtful };

class UpstreamResolver : public std::enable_shared_from_this<UpstreamResolver> {
 public:
  struct View {
    bool known = false; // it has been measured
    bool down = false;
    std::chrono::microseconds usual{0}; // smoothed time of its answers
    std::chrono::microseconds p95{0};   // of the last 64: nineteen of twenty came within that
    double lateness = 0;                // share of recent exchanges that were late, failed or brought nothing of use
    unsigned underWay = 0;
    unsigned failedInARow = 0;
  };
  struct Totals {
    std::uint64_t asked = 0, useful = 0, useless = 0, failed = 0, late = 0, cancelled = 0, probes = 0, timesDown = 0;
    // The times of useful answers: how many in each bucket of AnswerTimes, and the sum.
    std::array<std::uint64_t, AnswerTimes::kBuckets> times{};
    std::uint64_t micros = 0;
  };

  explicit UpstreamResolver(Endpoint endpoint) : d_endpoint(std::move(endpoint)) {}
  [[nodiscard]] const Endpoint& endpoint() const { return d_endpoint; }
  [[nodiscard]] View view() const;
  [[nodiscard]] Totals totals() const;

  void asked();
  // The exchange took so long. With `downAfter` exchanges in a row late or failed (0: never) the upstream is down,
  // until an answer comes.
  UpstreamChange ended(Ending how, std::chrono::microseconds took, unsigned downAfter);
  void probed();
  UpstreamChange recovered();   // a probe was answered
  UpstreamChange foundSilent(); // asked by itself, it did not answer
  // What it is asked for the rule of `zone` comes back to this very process: it is not asked then. False: nothing has
  // changed.
  bool setLoops(const dns::Name& zone, bool loops);
  [[nodiscard]] bool loops(const dns::Name& zone) const { return loops() && hasLoop(zone); }
  [[nodiscard]] bool loops() const { return d_loops.load(std::memory_order_relaxed) != 0; } // for some rule

 private:
  static constexpr std::size_t kSamples = 64;
  static constexpr std::size_t kEvery = 8; // answers between two looks at the quantile
  UpstreamChange judge(Ending how, std::chrono::microseconds took, unsigned downAfter); // mutex held
  void learn(std::chrono::microseconds took);
  void takesAtLeast(std::chrono::microseconds took);
  UpstreamChange goDown();
  UpstreamChange doubt();                                        // it was cancelled once more
  static constexpr unsigned kFirstDoubt = 64, kLastDoubt = 4096; // cancelled in a row

  [[nodiscard]] bool hasLoop(const dns::Name& zone) const;

  const Endpoint d_endpoint;
  mutable std::mutex d_mutex;
  std::atomic<std::size_t> d_loops = 0;                     // zones in the next
  std::unordered_set<dns::Name, dns::NameHash> d_loopZones; // mostly none
  void show();                                              // d_view to those who read; mutex held
  std::atomic<unsigned> d_underWay = 0;
  std::atomic<std::uint64_t> d_asked = 0;
  struct Shown {
    std::atomic<bool> known = false, down = false;
    std::atomic<std::int64_t> usual = 0, p95 = 0; // microseconds
    std::atomic<double> lateness = 0;
    std::atomic<unsigned> failedInARow = 0;
  };
  Shown d_shown;
  View d_view;
  Totals d_totals;
  std::array<std::uint32_t, kSamples> d_samples{}; // microseconds, the oldest is overwritten
  std::size_t d_taken = 0;
  unsigned d_unheard = 0; // cancelled since it was heard
  unsigned d_doubtAt = kFirstDoubt;
};

using UpstreamPtr = std::shared_ptr<UpstreamResolver>;

class Upstreams {
 public:
  // The one for this endpoint, made when nobody has it yet.
  [[nodiscard]] UpstreamPtr get(const Endpoint& endpoint);
  [[nodiscard]] std::vector<UpstreamPtr> all();

 private:
  using Known = std::weak_ptr<UpstreamResolver>;
  void sweep(); // forgets those that nobody has any more; mutex held

  std::mutex d_mutex;
  std::vector<Known> d_known; // in the order of their making
  std::unordered_multimap<base::Address, Known, base::AddressHash> d_byAddress;
  std::size_t d_sweepAt = 64; // known ones
};

} // namespace rec
