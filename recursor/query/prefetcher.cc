// Which answers are renewed, and at what pace: see prefetcher.hh.
#include "recursor/query/prefetcher.hh"

#include <algorithm>
#include <cstring>

#include "recursor/cache/renewal.hh"

namespace rec {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kRing = 256;           // questions noted at once; what does not fit is told of again later
constexpr milliseconds kFirstWake{2};        // after the first of them
constexpr milliseconds kNextWake{20};        // while there is something left
constexpr milliseconds kLate{50};            // a timer that fires so late: the worker has no time to spare
constexpr milliseconds kBurst{100};          // what was not used in so long may be started at once
constexpr std::chrono::seconds kPatience{5}; // with a renewal; its resolution ends earlier
constexpr std::uint32_t kPerMinute = 60;

std::uint32_t shareOf(std::uint32_t total, std::uint32_t workers) {
  return total == 0 ? 0 : std::max(1U, total / std::max(1U, workers));
}

} // namespace

Prefetcher::Prefetcher(const Parts& parts) : d_parts(parts), d_ring(kRing) {
  adoptSettings();
  evtimer_assign(&d_timer, d_parts.loop.base(), &Prefetcher::onTimer, this);
}

void Prefetcher::adoptSettings() {
  const Settings& settings = d_parts.settings;
  d_mostRunning = shareOf(settings.prefetchMaxConcurrent, settings.threads);
  d_interval = std::chrono::nanoseconds(std::chrono::seconds(1)) /
               std::max(1U, shareOf(settings.prefetchMaxPerSecond, settings.threads));
}

Prefetcher::~Prefetcher() { event_del(&d_timer); }

// A client's questions are spread over all workers, so each wants its share of the hits only.
RenewalPlan Prefetcher::plan(std::uint32_t kept, std::uint32_t ttl, std::uint32_t originalTtl) const {
  const Settings& settings = d_parts.settings;
  const std::uint32_t lead = renewalLead(originalTtl, settings.refreshOnTtlPerc);
  const std::uint32_t early = ttl - std::min(ttl, kept); // it leaves the packet cache before its records expire
  if (lead <= early || settings.prefetchMaxConcurrent == 0 || settings.prefetchMaxPerSecond == 0) {
    return {};
  }
  const std::uint32_t before = std::min({lead - early, kept, std::uint32_t{UINT16_MAX}});
  const std::uint64_t byRate = std::uint64_t{settings.prefetchMinHitsPerMinute} * (kept - before) / kPerMinute;
  const std::uint64_t hits = std::max<std::uint64_t>(settings.prefetchMinHits, byRate);
  const std::uint64_t share = (hits + settings.threads - 1) / std::max(1U, settings.threads);
  return {static_cast<std::uint16_t>(before), static_cast<std::uint16_t>(std::min<std::uint64_t>(share, UINT16_MAX))};
}

void Prefetcher::due(const PacketKey& key) {
  d_parts.counters.add(Metric::AlmostExpiredPushed);
  if (d_count == d_ring.size()) {
    d_parts.counters.add(Metric::PrefetchDropped);
    return;
  }
  Due& noted = d_ring[(d_first + d_count) % d_ring.size()];
  std::memcpy(noted.name.data(), key.name.data(), key.name.size());
  noted.size = static_cast<std::uint8_t>(key.name.size());
  noted.type = key.type;
  noted.flags = key.flags;
  ++d_count;
  wakeAfter(kFirstWake);
}

void Prefetcher::wakeAfter(milliseconds delay) {
  if (d_armed) {
    return;
  }
  d_armed = true;
  d_expected = d_parts.loop.now() + delay;
  const timeval time{0, static_cast<suseconds_t>(std::chrono::microseconds(delay).count())};
  event_add(&d_timer, &time);
}

void Prefetcher::onTimer(int /*fd*/, short /*what*/, void* self) {
  auto* prefetcher = static_cast<Prefetcher*>(self);
  prefetcher->d_armed = false;
  prefetcher->d_parts.loop.beginWork();
  prefetcher->startSome();
}

void Prefetcher::startSome() {
  const base::MonoTime now = d_parts.loop.now();
  if (now > d_expected + kLate || d_runner->isBusy()) {
    d_parts.counters.add(Metric::PrefetchPostponed);
    return wakeAfter(kNextWake);
  }
  d_earned = std::max(d_earned, now - kBurst);
  while (d_count > 0 && mayStart()) {
    const Due& next = d_ring[d_first];
    d_first = (d_first + 1) % d_ring.size();
    --d_count;
    start(next);
  }
  if (d_count > 0) {
    wakeAfter(kNextWake);
  }
}

bool Prefetcher::mayStart() const { return d_running < d_mostRunning && d_earned <= d_parts.loop.now(); }

void Prefetcher::start(const Due& due) {
  ++d_running;
  if (d_runner->renew(queryFor(due)) == Runner::Start::NotNeeded) {
    --d_running;
    return;
  }
  d_earned += d_interval;
  d_parts.counters.add(Metric::AlmostExpiredRun);
}

void Prefetcher::ended(bool renewed) {
  --d_running;
  d_parts.counters.add(Metric::AlmostExpiredExceptions, renewed ? 0 : 1);
}

// As if a client had asked it in this form once more.
QueryPtr Prefetcher::queryFor(const Due& due) const {
  const auto has = [&due](PacketKey::Flag flag) { return (due.flags & flag) != 0; };
  auto query = std::make_shared<Query>();
  query->errand = Errand::Renew;
  query->client.worker = d_parts.worker;
  query->client.tcp = has(PacketKey::OverTcp);
  query->question = {dns::Name::fromWire({due.name.data(), due.size}), due.type, dns::RRClass::IN};
  query->header.rd = has(PacketKey::RecursionDesired);
  query->header.cd = has(PacketKey::CheckingDisabled);
  query->header.ad = has(PacketKey::AuthenticData);
  if (has(PacketKey::HasEdns)) {
    query->edns.emplace();
    query->edns->udpSize = UINT16_MAX;
    query->edns->dnssecOk = has(PacketKey::DnssecOk);
  }
  query->received = d_parts.loop.now();
  query->deadline = query->received + kPatience;
  return query;
}

} // namespace rec
