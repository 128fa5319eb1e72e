// Prefetcher: answers that are popular and about to expire are fetched anew in the background. One per worker, used on
// its thread only. How a renewal travels:
// 1. The packet cache says with a hit that it is time (RenewalPlan, made by plan() when the answer was stored); due()
//    notes the question: no allocation, the client has its answer already.
// 2. A timer starts them: so many at once, so many a second, none while the worker is loaded.
// 3. Pipeline::renew(): what another worker has renewed already is taken from the shared caches; else the question's
//    home worker resolves, together with clients who ask meanwhile, past what is about to expire.
// 4. ended(): the new answer is in this worker's packet cache, or everything is as it was. Then the packet cache tells
//    again when half of the time left is over, and the failure cache says for how long not to ask.
#pragma once

#include <event2/event.h>
#include <event2/event_struct.h>

#include <array>
#include <cstdint>
#include <vector>

#include "lib/coro/loop.hh"
#include "recursor/cache/packetcache.hh"
#include "recursor/config/settings.hh"
#include "recursor/query/query.hh"
#include "recursor/stats/metrics.hh"

namespace rec {

class Prefetcher {
 public:
  // What it is for: the pipeline of the worker.
  class Runner {
   public:
    enum class Start : std::uint8_t {
      Running,  // ended() will be called
      NotNeeded // somebody has done it, or it failed a moment ago
    };
    virtual ~Runner() = default;
    virtual Start renew(const QueryPtr& query) = 0;
    [[nodiscard]] virtual bool isBusy() const = 0; // too many clients wait as it is
  };
  struct Parts {
    const Settings& settings;
    Counters& counters;
    coro::Loop& loop;
    std::uint32_t worker = 0;
  };
  explicit Prefetcher(const Parts& parts);
  ~Prefetcher();
  Prefetcher(const Prefetcher&) = delete;
  Prefetcher& operator=(const Prefetcher&) = delete;
  void adoptSettings(); // which it was given have changed
  void attach(Runner& runner) { d_runner = &runner; }

  // For an answer that stays in the packet cache for `kept` seconds, whose records live for `ttl` and came with
  // `originalTtl`.
  [[nodiscard]] RenewalPlan plan(std::uint32_t kept, std::uint32_t ttl, std::uint32_t originalTtl) const;
  // From the hot path.
  void due(const PacketKey& key);
  void ended(bool renewed);

 private:
  // A question, as the packet cache knows it.
  struct Due {
    std::array<std::byte, dns::kMaxNameSize> name;
    std::uint8_t size = 0;
    std::uint8_t flags = 0;
    dns::RRType type{};
  };

  static void onTimer(int fd, short what, void* self);
  void wakeAfter(std::chrono::milliseconds delay);
  void startSome();
  void start(const Due& due);
  [[nodiscard]] bool mayStart() const;
  [[nodiscard]] QueryPtr queryFor(const Due& due) const;

  Parts d_parts;
  Runner* d_runner = nullptr;
  std::vector<Due> d_ring;
  std::size_t d_first = 0, d_count = 0;
  std::uint32_t d_running = 0;
  std::uint32_t d_mostRunning = 0;
  std::chrono::nanoseconds d_interval{0}; // between two starts, in the long run
  base::MonoTime d_earned{};              // the next start is allowed then
  base::MonoTime d_expected{};            // when the timer should fire
  event d_timer{};
  bool d_armed = false;
};

} // namespace rec
