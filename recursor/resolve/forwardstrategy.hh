// ForwardStrategy: in which order the upstreams of a forward rule are asked, how many at once, and when the next one
// joins in. Pure: looks at what is known of the upstreams and at random numbers that the caller gives.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recursor/upstream/upstreams.hh"

namespace rec {

enum class ForwardStrategy : std::uint8_t {
  Hedged,   // the best; a second one when it is later than nineteen of twenty of its answers
  Parallel, // the best few at once (forward-parallel), or all
  Balanced, // the load spread over those that answer well
  Failover  // in the order given
};

struct ForwardPlan {
  std::vector<UpstreamPtr> order; // first those to be asked first; those that are down come last
  std::size_t atOnce = 1;         // how many of them begin
  bool explores = false;          // one of those at once is there to be measured: it is taken from the hedge budget
};

struct PlanRequest {
  ForwardStrategy strategy = ForwardStrategy::Hedged;
  std::size_t parallel = 0; // forward-parallel; 0 is all
  bool mayExplore = false;  // the hedge budget allows for another question
  std::uint32_t chance = 0; // a random number
};
[[nodiscard]] ForwardPlan planFor(std::span<const UpstreamPtr> upstreams, const PlanRequest& request);

// How long `view` is waited for before a second one is asked beside it, from the hedge budget ...
[[nodiscard]] std::chrono::microseconds hedgeDelay(const UpstreamResolver::View& view);
// ... and before another one is asked in any case, since packets get lost. At most `networkTimeout`.
[[nodiscard]] std::chrono::microseconds patienceWith(const UpstreamResolver::View& view,
                                                     std::chrono::milliseconds networkTimeout);

[[nodiscard]] ForwardStrategy parseStrategy(std::string_view word); // one of the setting's words

} // namespace rec
