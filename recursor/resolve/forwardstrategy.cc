// Upstreams are rated by the time a client may expect to wait: the usual time, more for those often late.
#include "recursor/resolve/forwardstrategy.hh"

#include <algorithm>
#include <tuple>

namespace rec {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr double kLatePenalty = 8;           // a late answer costs about so many usual ones
constexpr std::uint32_t kExploreOneIn = 100; // questions that also go to another than the best, to know how it does
constexpr microseconds kUnmeasured{30'000};  // what one that never answered is waited for

struct Rated {
  UpstreamPtr upstream;
  UpstreamResolver::View view;
  double cost = 0;
  std::size_t place = 0; // as given, from 0
};

double costOf(const UpstreamResolver::View& view) {
  const auto usual = static_cast<double>(view.usual.count());
  return view.known ? usual * (1 + kLatePenalty * view.lateness) : 0; // unknown ones are tried first
}

std::vector<Rated> rate(std::span<const UpstreamPtr> upstreams) {
  std::vector<Rated> rated;
  rated.reserve(upstreams.size());
  for (const UpstreamPtr& upstream : upstreams) {
    Rated one{upstream, upstream->view(), 0, rated.size()};
    one.cost = costOf(one.view);
    rated.push_back(std::move(one));
  }
  std::ranges::sort(rated, [](const Rated& a, const Rated& b) {
    return std::tie(a.view.down, a.place) < std::tie(b.view.down, b.place);
  });
  return rated;
}

void putBestFirst(std::span<Rated> up) {
  std::ranges::sort(
      up, [](const Rated& a, const Rated& b) { return std::tie(a.cost, a.place) < std::tie(b.cost, b.place); });
}

std::span<Rated> upOf(std::vector<Rated>& rated) {
  const auto end = std::ranges::find_if(rated, [](const Rated& one) { return one.view.down; });
  return {rated.begin(), end};
}

// Of two taken at random the one with less to do: spreads the load without herding (power of two choices).
void putBalancedFirst(std::span<Rated> up, std::uint32_t chance) {
  const auto load = [](const Rated& one) { return (one.cost + 1) * (one.view.underWay + 1); };
  const std::size_t first = chance % up.size();
  const std::size_t second = (first + 1 + (chance >> 16) % (up.size() - 1)) % up.size();
  std::swap(up[0], up[load(up[second]) < load(up[first]) ? second : first]);
}

} // namespace

ForwardPlan planFor(std::span<const UpstreamPtr> upstreams, const PlanRequest& request) {
  std::vector<Rated> rated = rate(upstreams);
  const std::span<Rated> up = upOf(rated);
  ForwardPlan plan;
  switch (request.strategy) {
  case ForwardStrategy::Failover: break;
  case ForwardStrategy::Balanced:
    if (up.size() > 1) {
      putBalancedFirst(up, request.chance);
    }
    break;
  case ForwardStrategy::Parallel:
    putBestFirst(up);
    plan.atOnce = request.parallel == 0 ? rated.size() : std::min(request.parallel, rated.size());
    break;
  case ForwardStrategy::Hedged:
    putBestFirst(up);
    const auto unknown = std::ranges::find_if(up, [](const Rated& one) { return !one.view.known; });
    plan.explores = request.mayExplore && up.size() > 1 && (unknown != up.end() || request.chance % kExploreOneIn == 0);
    if (plan.explores) { // beside the one that serves
      const std::size_t other = 1 + (request.chance >> 16) % (up.size() - 1);
      std::swap(up[1], up[other]);
      plan.atOnce = 2;
    }
    break;
  }
  plan.order.reserve(rated.size());
  for (Rated& one : rated) {
    plan.order.push_back(std::move(one.upstream));
  }
  return plan;
}

microseconds hedgeDelay(const UpstreamResolver::View& view) {
  constexpr microseconds least{2'000};
  return view.known ? std::max(view.p95 + view.p95 / 4 + milliseconds(1), least) : kUnmeasured;
}

microseconds patienceWith(const UpstreamResolver::View& view, milliseconds networkTimeout) {
  constexpr microseconds least{200'000};
  const microseconds most = networkTimeout;
  return std::min(view.known ? std::max(4 * view.p95, least) : 2 * least, most);
}

ForwardStrategy parseStrategy(std::string_view word) {
  if (word == "parallel") return ForwardStrategy::Parallel;
  if (word == "balanced") return ForwardStrategy::Balanced;
  return word == "failover" ? ForwardStrategy::Failover : ForwardStrategy::Hedged;
}

} // namespace rec
