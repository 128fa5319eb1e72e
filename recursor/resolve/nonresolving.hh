// NonResolving: name servers whose names again and again had no address: not looked up any more for a while, whatever
// zone lists them (TsuNAME, NXNS). One per worker, used on its thread but for entries(); bounded.
#pragma once

#include <atomic>
#include <chrono>
#include <unordered_map>
#include <vector>

#include "lib/base/clock.hh"
#include "lib/dns/name.hh"

namespace rec {

class NonResolving {
 public:
  struct Options {
    unsigned maxFails = 5;                 // non-resolving-ns-max-fails; 0 switches it off
    std::chrono::seconds throttleTime{60}; // non-resolving-ns-throttle-time
    std::vector<dns::Name> exempt;         // dont-throttle-names, with all below them
  };

  [[nodiscard]] bool isThrottled(const dns::Name& server, const Options& options, base::MonoTime now);
  void reportFailure(const dns::Name& server, const Options& options, base::MonoTime now);
  void reportSuccess(const dns::Name& server);
  struct Row {
    dns::Name server;
    unsigned fails;
    std::chrono::seconds left; // until it is forgotten
  };
  [[nodiscard]] std::vector<Row> rows(base::MonoTime now) const;
  [[nodiscard]] std::size_t entries() const { return d_count.load(std::memory_order_relaxed); } // any thread

 private:
  struct Entry {
    unsigned fails = 0;
    base::MonoTime until{}; // when it is forgotten
  };
  std::unordered_map<dns::Name, Entry, dns::NameHash> d_entries;
  base::MonoTime d_nextSweep{};
  std::atomic<std::size_t> d_count{0}; // of d_entries
};

} // namespace rec
