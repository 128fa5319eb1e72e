// The follower's flow: run() -> round(), every few seconds -> for each zone that is due: KeySource::dnskeys -> take():
// sighting, next state, log, publish(), save().
#include "recursor/trust/anchorfollower.hh"

#include <algorithm>

#include "lib/base/log.hh"
#include "lib/base/random.hh"
#include "lib/coro/wait.hh"
#include "recursor/trust/configured.hh"
#include "recursor/trust/keytags.hh"

namespace rec {
namespace {

using base::LogLevel;
using dnssec::AnchorKey;
using dnssec::TrustPoint;

constexpr std::chrono::seconds kStep{5};                       // between rounds; a clock that is set is noticed as soon
constexpr std::uint32_t kStartEarliest = 5, kStartJitter = 10; // seconds: machines started together do not ask together
constexpr std::chrono::hours kSignalEvery{24};                 // RFC 8145 5.1

std::string nameOf(const TrustPoint& point) { return "trust anchors of " + shownName(point.zone); }

// "key 38696 (RSASHA256)".
std::string nameOf(const AnchorKey& key) {
  const auto ds = dnssec::readDs(key.ds);
  return "key " + std::to_string(key.tag()) + (ds ? " (" + dnssec::text(ds->algorithm) + ")" : "");
}

const AnchorKey* same(const TrustPoint& point, const AnchorKey& key) {
  const auto found = std::ranges::find(point.keys, key.ds, &AnchorKey::ds);
  return found == point.keys.end() ? nullptr : &*found;
}

void logChanges(const TrustPoint& before, const TrustPoint& after) {
  for (const AnchorKey& key : after.keys) {
    const AnchorKey* old = same(before, key);
    if (old != nullptr && old->state == key.state) continue;
    base::log(LogLevel::Notice, nameOf(after) + ": " + nameOf(key) + " is " + std::string(dnssec::text(key.state)) +
                                    (old != nullptr ? ", was " + std::string(dnssec::text(old->state)) : " now"));
  }
  for (const AnchorKey& key : before.keys) {
    if (same(after, key) != nullptr || key.state != dnssec::AnchorState::Pending) continue;
    base::log(LogLevel::Notice, nameOf(after) + ": " + nameOf(key) + " went before it was trusted");
  }
  if (dnssec::trustedSet(before) && !dnssec::trustedSet(after)) {
    base::log(LogLevel::Error, nameOf(after) + " are all revoked: nothing validates by them any more");
  }
}

bool isDue(const TrustPoint& point, base::WallTime now) {
  return now >= dnssec::dueAt(point) || point.checked > now; // the clock was set back
}

} // namespace

AnchorFollower::AnchorFollower(TrustAnchors& anchors, Options options, TrustPoints saved, Save save)
    : d_anchors(anchors), d_options(std::move(options)), d_saved(std::move(saved)), d_save(std::move(save)) {}

void AnchorFollower::adopt(const Options& options) {
  d_options.signal = options.signal;
  d_options.policy = options.policy;
}

void AnchorFollower::configure(const TrustAnchors::Sets& given, base::WallTime now) {
  if (!d_options.follow) return;
  for (auto& [zone, followed] : d_followed) d_saved[zone] = followed.point;
  d_followed.clear();
  for (const auto& [zone, configured] : given) {
    const auto found = d_saved.find(zone);
    auto combined = dnssec::combine(found == d_saved.end() ? std::nullopt : std::optional<TrustPoint>(found->second),
                                    configured, now);
    if (combined.discarded) {
      base::log(LogLevel::Warning,
                nameOf(combined.point) + ": the saved state came from other anchors, it is not used");
    }
    Followed followed{std::move(combined.point)};
    publish(followed);
    d_followed.emplace(zone, std::move(followed));
  }
  for (const auto& [zone, point] : d_saved) {
    if (given.contains(zone) || point.keys.empty()) continue;
    base::log(LogLevel::Notice, nameOf(point) + ": none is configured any more, the saved state is not used");
  }
  d_saved.clear();
}

void AnchorFollower::publish(Followed& followed) {
  const auto trusted = dnssec::trustedSet(followed.point);
  const bool replaced = d_anchors.replace(followed.point.zone, trusted);
  followed.isCleared = !replaced && trusted;
}

void AnchorFollower::save() const {
  TrustPoints points;
  for (const auto& [zone, followed] : d_followed) points[zone] = followed.point;
  d_save(anchorStateText(points));
}

std::vector<dns::Name> AnchorFollower::dueLooks(base::WallTime now) const {
  std::vector<dns::Name> zones;
  for (const auto& [zone, followed] : d_followed) {
    const bool isLooked = !followed.isCleared && dnssec::trustedSet(followed.point);
    if (isLooked && (followed.isNew || isDue(followed.point, now))) zones.push_back(zone);
  }
  return zones;
}

// The names to ask for.
std::vector<dns::Name> AnchorFollower::dueSignals(base::WallTime now) {
  std::vector<dns::Name> names;
  if (!d_options.signal) return names;
  const auto snapshot = d_anchors.snapshot();
  for (const auto& [zone, set] : snapshot->positive) {
    auto& last = d_signalled[zone];
    if (last <= now && now - last < kSignalEvery) continue;
    last = now;
    if (auto name = keyTagName(zone, set)) names.push_back(std::move(*name));
  }
  return names;
}

void AnchorFollower::take(const dns::Name& zone, const dns::RRset& set, base::WallTime now) {
  const auto at = d_followed.find(zone);
  if (at == d_followed.end() || at->second.isCleared) return; // configured anew meanwhile
  Followed& followed = at->second;
  followed.isNew = false;
  const TrustPoint before = followed.point;
  if (!set) {
    followed.point = dnssec::failed(before, now);
    base::log(LogLevel::Info, nameOf(before) + ": the zone's keys could not be had");
  } else {
    const auto sighting = dnssec::look(set, dnssec::trustedSet(before), d_options.policy, now);
    if (sighting.finding) {
      base::log(LogLevel::Warning, nameOf(before) + " stay as they are: " + dnssec::text(sighting.finding));
    }
    followed.point = dnssec::advance(before, sighting, now);
    logChanges(before, followed.point);
  }
  publish(followed);
  save();
}

void AnchorFollower::attach(coro::Loop& loop, KeySource& source) {
  d_loop = &loop;
  d_source = &source;
}

coro::Task<void> AnchorFollower::round() {
  const std::vector<dns::Name> zones = dueLooks(d_loop->wall());
  for (const dns::Name& zone : zones) {
    const auto set = co_await d_source->dnskeys(zone);
    take(zone, set, d_loop->wall());
  }
  const std::vector<dns::Name> names = dueSignals(d_loop->wall());
  for (const dns::Name& name : names) {
    co_await d_source->signal(name);
  }
}

coro::Task<void> AnchorFollower::run() {
  const std::chrono::seconds jitter(kStartEarliest + base::randomBelow(kStartJitter));
  co_await coro::Sleep(*d_loop, jitter);
  for (;;) {
    co_await round();
    co_await coro::Sleep(*d_loop, kStep);
  }
}

} // namespace rec
