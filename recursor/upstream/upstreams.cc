// What exchanges teach about an upstream: times of the useful answers, lateness of all.
#include "recursor/upstream/upstreams.hh"

#include <algorithm>
#include <utility>

namespace rec {
namespace {

constexpr double kLatenessGain = 1.0 / 16;
constexpr int kTimeGain = 8;                     // RFC 6298 2: an eighth of the difference
constexpr std::chrono::microseconds kAtOnce{20}; // what ends that soon was not sent: it tells no time

} // namespace

// Fields may be of different moments, which does no harm.
UpstreamResolver::View UpstreamResolver::view() const {
  constexpr auto kRelaxed = std::memory_order_relaxed;
  View view;
  view.known = d_shown.known.load(kRelaxed);
  view.down = d_shown.down.load(kRelaxed);
  view.usual = std::chrono::microseconds(d_shown.usual.load(kRelaxed));
  view.p95 = std::chrono::microseconds(d_shown.p95.load(kRelaxed));
  view.lateness = d_shown.lateness.load(kRelaxed);
  view.underWay = d_underWay.load(kRelaxed);
  view.failedInARow = d_shown.failedInARow.load(kRelaxed);
  return view;
}

void UpstreamResolver::show() {
  constexpr auto kRelaxed = std::memory_order_relaxed;
  d_shown.known.store(d_view.known, kRelaxed);
  d_shown.down.store(d_view.down, kRelaxed);
  d_shown.usual.store(d_view.usual.count(), kRelaxed);
  d_shown.p95.store(d_view.p95.count(), kRelaxed);
  d_shown.lateness.store(d_view.lateness, kRelaxed);
  d_shown.failedInARow.store(d_view.failedInARow, kRelaxed);
}

UpstreamResolver::Totals UpstreamResolver::totals() const {
  const std::lock_guard lock(d_mutex);
  Totals totals = d_totals;
  totals.asked = d_asked;
  return totals;
}

void UpstreamResolver::asked() {
  ++d_underWay;
  ++d_asked;
}

bool UpstreamResolver::setLoops(const dns::Name& zone, bool loops) {
  const std::lock_guard lock(d_mutex);
  const bool changed = loops ? d_loopZones.insert(zone).second : d_loopZones.erase(zone) != 0;
  d_loops = d_loopZones.size();
  return changed;
}

bool UpstreamResolver::hasLoop(const dns::Name& zone) const {
  const std::lock_guard lock(d_mutex);
  return d_loopZones.contains(zone);
}

UpstreamChange UpstreamResolver::ended(Ending how, std::chrono::microseconds took, unsigned downAfter) {
  const std::lock_guard lock(d_mutex);
  --d_underWay;
  const UpstreamChange change = judge(how, took, downAfter);
  show();
  return change;
}

UpstreamChange UpstreamResolver::judge(Ending how, std::chrono::microseconds took, unsigned downAfter) {
  switch (how) {
  case Ending::Useful: ++d_totals.useful; break;
  case Ending::Useless: ++d_totals.useless; break;
  case Ending::Failed: ++d_totals.failed; break;
  case Ending::Late: ++d_totals.late; break;
  case Ending::Cancelled: ++d_totals.cancelled; break;
  }
  if (how == Ending::Late || (how == Ending::Cancelled && took > kAtOnce)) {
    takesAtLeast(took);
  }
  if (how == Ending::Cancelled) {
    return doubt(); // neither good nor bad
  }
  d_view.lateness += ((how == Ending::Useful ? 0.0 : 1.0) - d_view.lateness) * kLatenessGain;
  if (how == Ending::Useful) { // to fail quickly is not to be quick
    learn(took);
  }
  if (how == Ending::Useful || how == Ending::Useless) { // it is there
    d_unheard = 0;
    d_doubtAt = kFirstDoubt;
    d_view.failedInARow = 0;
    return std::exchange(d_view.down, false) ? UpstreamChange::CameUp : UpstreamChange::None;
  }
  ++d_view.failedInARow;
  const bool enough = downAfter != 0 && d_view.failedInARow >= downAfter;
  return enough ? goDown() : UpstreamChange::None;
}

UpstreamChange UpstreamResolver::goDown() {
  if (std::exchange(d_view.down, true)) {
    return UpstreamChange::None;
  }
  ++d_totals.timesDown;
  return UpstreamChange::WentDown;
}

// One of several asked at once may always be slower than another, or dead. Ever more seldom while nothing is heard.
UpstreamChange UpstreamResolver::doubt() {
  if (d_view.down || ++d_unheard < d_doubtAt) {
    return UpstreamChange::None;
  }
  d_unheard = 0;
  d_doubtAt = std::min(2 * d_doubtAt, kLastDoubt);
  return UpstreamChange::Doubtful;
}

UpstreamChange UpstreamResolver::foundSilent() {
  const std::lock_guard lock(d_mutex);
  const UpstreamChange change = goDown();
  show();
  return change;
}

// It lost to another one: its own time is not known, but that it would have been longer.
void UpstreamResolver::takesAtLeast(std::chrono::microseconds took) {
  if (!d_view.known) {
    d_view.known = true;
    d_view.p95 = 2 * took;
  }
  d_view.usual = std::max(d_view.usual, took);
}

void UpstreamResolver::learn(std::chrono::microseconds took) {
  const auto micros = static_cast<std::uint64_t>(std::max<std::int64_t>(took.count(), 0));
  ++d_totals.times[AnswerTimes::bucketOf(micros)];
  d_totals.micros += micros;
  d_view.usual = d_view.known ? d_view.usual + (took - d_view.usual) / kTimeGain : took;
  d_view.known = true;
  d_samples[d_taken++ % kSamples] = static_cast<std::uint32_t>(std::min<std::int64_t>(took.count(), UINT32_MAX));
  if (d_taken % kEvery != 0 && d_taken > kEvery) {
    return;
  }
  auto sorted = d_samples;
  const std::size_t count = std::min(d_taken, kSamples);
  const auto at = sorted.begin() + static_cast<std::ptrdiff_t>((count - 1) * 19 / 20);
  std::nth_element(sorted.begin(), at, sorted.begin() + static_cast<std::ptrdiff_t>(count));
  d_view.p95 = std::chrono::microseconds(*at);
}

void UpstreamResolver::probed() {
  const std::lock_guard lock(d_mutex);
  ++d_totals.probes;
}

UpstreamChange UpstreamResolver::recovered() {
  const std::lock_guard lock(d_mutex);
  d_view.failedInARow = 0;
  const bool cameUp = std::exchange(d_view.down, false);
  show();
  return cameUp ? UpstreamChange::CameUp : UpstreamChange::None;
}

UpstreamPtr Upstreams::get(const Endpoint& endpoint) {
  const std::lock_guard lock(d_mutex);
  const auto [first, last] = d_byAddress.equal_range(endpoint.address);
  for (auto known = first; known != last; ++known) {
    if (auto upstream = known->second.lock(); upstream && upstream->endpoint() == endpoint) {
      return upstream;
    }
  }
  if (d_known.size() >= d_sweepAt) {
    sweep();
  }
  auto made = std::make_shared<UpstreamResolver>(endpoint);
  d_known.push_back(made);
  d_byAddress.emplace(endpoint.address, made);
  return made;
}

void Upstreams::sweep() {
  std::erase_if(d_known, [](const Known& known) { return known.expired(); });
  std::erase_if(d_byAddress, [](const auto& known) { return known.second.expired(); });
  d_sweepAt = std::max<std::size_t>(64, 2 * d_known.size());
}

std::vector<UpstreamPtr> Upstreams::all() {
  const std::lock_guard lock(d_mutex);
  std::vector<UpstreamPtr> all;
  for (const auto& known : d_known) {
    if (auto upstream = known.lock()) {
      all.push_back(std::move(upstream));
    }
  }
  return all;
}

} // namespace rec
