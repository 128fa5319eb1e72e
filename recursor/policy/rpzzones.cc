// Zones from the configuration, their versions on the board: see rpzzones.hh.
#include "recursor/policy/rpzzones.hh"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "lib/base/log.hh"
#include "recursor/policy/rpzloader.hh"
#include "recursor/policy/rpzpolicy.hh"

namespace rec {
namespace {

using base::Error;
using base::Result;

constexpr std::uint32_t kFirstPriority = 1000; // block lists go before
constexpr std::size_t kTopRules = 20;

// Which version of a file it is.
struct Stamp {
  std::uint64_t device = 0, inode = 0;
  std::int64_t size = -1, seconds = 0, nanoseconds = 0;
  friend bool operator==(const Stamp&, const Stamp&) = default;
};

Stamp stampOf(const std::string& path) {
  struct stat about{};
  if (::stat(path.c_str(), &about) != 0) return {};
  return {about.st_dev, about.st_ino, about.st_size, about.st_mtim.tv_sec, about.st_mtim.tv_nsec};
}

std::string slotOf(std::size_t index) { return "rpz " + std::to_string(index); }

} // namespace

struct RpzZones::Zone {
  RpzConfig config;
  std::uint32_t priority = 0;
  std::size_t slot = 0;
  bool inUse = false; // on the board
  std::shared_ptr<PolicyHits> hits = std::make_shared<PolicyHits>();
  std::shared_ptr<RuleHits> ruleHits = std::make_shared<RuleHits>();
  RpzRulesPtr rules; // null: none yet, or expired
  Stamp stamp;       // of the file
  RpzCounts loads;   // of the file
  std::unique_ptr<RpzKeeper> keeper;
  std::shared_ptr<std::atomic<std::int64_t>> nextWarning = std::make_shared<std::atomic<std::int64_t>>(0);
};

// Its rules at that moment: its keeper goes on changing them.
struct RpzZones::Before {
  ZonePtr zone;
  RpzRulesPtr rules;
};

RpzZones::RpzZones(PolicyBoard& board, const base::Clock& clock, bool logChanges)
    : d_board(board), d_clock(clock), d_logChanges(logChanges), d_notifications(clock) {}

RpzZones::~RpzZones() { stop(); }

void RpzZones::stop() {
  Zones ending; // with their keepers, after the mutex
  const std::lock_guard lock(d_mutex);
  for (const ZonePtr& zone : d_zones) zone->inUse = false;
  ending.swap(d_zones);
  setNotified();
}

// Mutex held, or nobody else there yet.
void RpzZones::setNotified() {
  std::vector<RpzNotified> all;
  for (const ZonePtr& zone : d_zones) {
    if (!zone->keeper) continue;
    const RpzConfig& config = zone->config;
    all.push_back({config.name, config.zone, config.primaries, config.tsig, zone->keeper->waker(), zone->nextWarning});
  }
  d_notifications.set(std::move(all));
}

PolicyPtr RpzZones::policyOf(const Zone& zone) {
  if (!zone.rules) return nullptr;
  auto source = rpzSource(zone.config, *zone.rules, zone.priority, zone.hits, zone.ruleHits);
  return std::make_shared<const RpzPolicy>(zone.rules, std::move(source), zone.config);
}

// A file that has not changed since it was read is not read again.
Result<void> RpzZones::loadFile(Zone& zone, const Before* old) {
  zone.stamp = stampOf(zone.config.file);
  const bool same = old != nullptr && old->rules && old->zone->stamp == zone.stamp &&
                    old->zone->config.file == zone.config.file &&
                    old->zone->config.ignoreDuplicates == zone.config.ignoreDuplicates;
  if (old != nullptr) zone.loads = old->zone->loads;
  if (same) {
    zone.rules = old->rules;
    return {};
  }
  const RpzSize expected = expectedSize(old != nullptr ? old->rules : nullptr, zone.config.zoneSizeHint);
  const auto rules = loadRpzFile(zone.config.file, {zone.config.name, zone.config.ignoreDuplicates, expected});
  if (!rules) return rules.error();
  zone.rules = *rules;
  ++zone.loads.success;
  ++zone.loads.full;
  zone.loads.lastUpdate = d_clock.wall().time_since_epoch().count();
  base::log(base::LogLevel::Notice, "RPZ " + zone.config.name + ": " + std::to_string(zone.rules->rules()) +
                                        " rules from " + zone.config.file + ", " +
                                        std::to_string(zone.rules->refused()) + " records passed over");
  return {};
}

void RpzZones::loadSeed(Zone& zone, const Before* old) {
  if (old != nullptr && old->rules && old->zone->keeper && old->zone->config.zone == zone.config.zone) {
    zone.rules = old->rules;
    return;
  }
  if (zone.config.seedFile.empty()) return;
  const auto rules = loadRpzFile(zone.config.seedFile,
                                 {zone.config.name, zone.config.ignoreDuplicates, {zone.config.zoneSizeHint, 0}});
  if (!rules) {
    base::log(base::LogLevel::Warning, "RPZ " + zone.config.name + ": seedFile: " + rules.error().message);
  } else if (!(*rules)->soa() || !((*rules)->zone() == zone.config.zone)) {
    base::log(base::LogLevel::Warning,
              "RPZ " + zone.config.name + ": seedFile " + zone.config.seedFile + " has no SOA of the zone");
  } else {
    zone.rules = *rules;
    base::log(base::LogLevel::Info, "RPZ " + zone.config.name + ": " + std::to_string(zone.rules->rules()) +
                                        " rules from seedFile, serial " + std::to_string(zone.rules->serial()));
  }
}

void RpzZones::setLogChanges(bool on) {
  d_logChanges = on;
  const std::lock_guard lock(d_mutex);
  for (const ZonePtr& zone : d_zones) {
    if (zone->keeper) zone->keeper->setLogChanges(on);
  }
}

// What was taken over from another keeper expires when it would have expired there.
void RpzZones::makeKeeper(Zone& zone, const Before* old) {
  const bool takenOver = old != nullptr && old->zone->keeper && zone.rules && zone.rules == old->rules;
  const base::MonoTime lastGood = takenOver ? old->zone->keeper->lastGood() : d_clock.mono();
  zone.keeper = std::make_unique<RpzKeeper>(zone.config, zone.rules, lastGood, d_clock, d_logChanges,
                                            [this, self = &zone](const RpzRulesPtr& rules) { publish(*self, rules); });
}

// The zone as it is if nothing about it has changed (it goes from `before` then), else a new one.
Result<RpzZones::ZonePtr> RpzZones::makeZone(const RpzConfig& config, std::vector<Before>& before, bool lenient) {
  const auto same =
      std::ranges::find_if(before, [&](const Before& one) { return one.zone && one.zone->config == config; });
  if (same != before.end() && !config.isFile()) return std::exchange(same->zone, nullptr);
  const auto named =
      std::ranges::find_if(before, [&](const Before& one) { return one.zone && one.zone->config.name == config.name; });
  const Before* old = same != before.end() ? &*same : named != before.end() ? &*named : nullptr;
  auto zone = std::make_shared<Zone>();
  zone->config = config;
  if (old != nullptr) {
    zone->hits = old->zone->hits;
    zone->ruleHits = old->zone->ruleHits;
  }
  if (!config.isFile()) {
    loadSeed(*zone, old);
    makeKeeper(*zone, old);
    return zone;
  }
  const auto loaded = loadFile(*zone, old);
  if (loaded) return zone;
  if (!lenient) return loaded.error();
  base::log(base::LogLevel::Error, "RPZ " + config.name + ": " + loaded.error().message);
  ++zone->loads.failed;
  return zone;
}

std::vector<RpzZones::Before> RpzZones::current() const {
  const std::lock_guard lock(d_mutex);
  std::vector<Before> all;
  for (const ZonePtr& zone : d_zones) all.push_back({zone, zone->rules});
  return all;
}

// These zones instead of those there are, which are in `after` then.
void RpzZones::takeOver(Zones& after) {
  const std::lock_guard lock(d_mutex);
  after.swap(d_zones);
  std::map<std::string, PolicyPtr> slots;
  for (std::size_t i = 0; i < after.size(); ++i) slots[slotOf(i)] = nullptr;
  for (const ZonePtr& zone : after) zone->inUse = false;
  for (std::size_t i = 0; i < d_zones.size(); ++i) {
    Zone& zone = *d_zones[i];
    zone.slot = i;
    zone.priority = kFirstPriority + static_cast<std::uint32_t>(i);
    zone.inUse = true;
    slots[slotOf(i)] = policyOf(zone);
  }
  for (const ZonePtr& zone : after) {
    if (!zone->inUse) retire(zone->rules);
  }
  if (!slots.empty()) d_board.replace(slots);
  setNotified();
}

// The new keepers begin when the old ones have ended: two of them may write the same file.
Result<void> RpzZones::configure(const std::vector<RpzConfig>& configs, bool lenient) {
  const std::lock_guard oneAtATime(d_configuring);
  {
    Zones after;
    std::vector<Before> before = current();
    for (const RpzConfig& config : configs) {
      auto zone = makeZone(config, before, lenient);
      if (!zone) return zone.error();
      after.push_back(std::move(*zone));
    }
    takeOver(after);
  }
  startKeepers();
  return {};
}

void RpzZones::startKeepers() {
  const std::lock_guard lock(d_mutex);
  for (const ZonePtr& zone : d_zones) {
    if (d_started && zone->keeper) zone->keeper->start();
  }
}

void RpzZones::start() {
  {
    const std::lock_guard lock(d_mutex);
    d_started = true;
  }
  startKeepers();
}

void RpzZones::publish(Zone& zone, const RpzRulesPtr& rules) {
  std::vector<RpzRulesPtr> unused; // given back after the mutex
  const std::lock_guard lock(d_mutex);
  if (!zone.inUse) return; // replaced meanwhile
  PolicyChangePtr change = rules ? rules->changeSince(zone.rules.get()) : nullptr;
  if (!zone.config.wipePacketCache) change = std::make_shared<const PolicyChange>();
  retire(std::move(zone.rules));
  zone.rules = rules;
  d_board.replace(slotOf(zone.slot), policyOf(zone), std::move(change));
  unused = takeUnused();
}

// Mutex held. Once each: a version that is there twice would seem to be used for ever.
void RpzZones::retire(RpzRulesPtr rules) {
  const bool inForce = std::ranges::any_of(d_zones, [&](const ZonePtr& zone) { return zone->rules == rules; });
  const bool known = std::ranges::find(d_retired, rules) != d_retired.end();
  if (rules && !inForce && !known) d_retired.push_back(std::move(rules));
}

std::size_t RpzZones::retired() const {
  const std::lock_guard lock(d_mutex);
  return d_retired.size();
}

// Mutex held. Whoever has one of them took it before; nobody can get a new hold of it.
std::vector<RpzRulesPtr> RpzZones::takeUnused() {
  const auto used = std::ranges::partition(d_retired, [](const RpzRulesPtr& rules) { return rules.use_count() > 1; });
  std::vector<RpzRulesPtr> unused(std::make_move_iterator(used.begin()), std::make_move_iterator(used.end()));
  d_retired.erase(used.begin(), used.end());
  return unused;
}

void RpzZones::tick() {
  std::vector<RpzRulesPtr> unused;
  const std::lock_guard lock(d_mutex);
  unused = takeUnused();
}

std::optional<std::vector<std::byte>> RpzZones::notify(std::span<const std::byte> packet, const base::Address& source) {
  return d_notifications.notify(packet, source);
}

std::vector<RpzZones::State> RpzZones::states() const {
  const std::lock_guard lock(d_mutex);
  std::vector<State> states;
  for (const ZonePtr& zone : d_zones) {
    State state;
    state.name = zone->config.name;
    state.zone = zone->rules ? zone->rules->zone().text() : zone->config.zone.text();
    state.counts = zone->keeper ? zone->keeper->counts() : zone->loads;
    state.hits = zone->hits->applied.load(std::memory_order_relaxed);
    state.top = zone->ruleHits->top(kTopRules);
    if (zone->rules) {
      state.rules = zone->rules->rules();
      state.refused = zone->rules->refused();
      state.bytes = zone->rules->bytes();
      state.serial = zone->rules->serial();
    }
    states.push_back(std::move(state));
  }
  return states;
}

std::map<std::string, std::uint64_t, std::less<>> RpzZones::readings() const {
  std::map<std::string, std::uint64_t, std::less<>> values;
  for (const State& zone : states()) {
    const auto put = [&](const char* what, std::uint64_t value) { values["rpz-" + zone.name + "-" + what] = value; };
    put("rules", zone.rules);
    put("refused", zone.refused);
    put("bytes", zone.bytes);
    put("hits", zone.hits);
    put("serial", zone.serial);
    put("last-update", static_cast<std::uint64_t>(zone.counts.lastUpdate));
    put("transfers-success", zone.counts.success);
    put("transfers-full", zone.counts.full);
    put("transfers-failed", zone.counts.failed);
  }
  return values;
}

Result<std::size_t> RpzZones::dump(const std::string& name, std::FILE* out) const {
  RpzRulesPtr rules;
  {
    const std::lock_guard lock(d_mutex);
    const auto zone = std::ranges::find_if(d_zones, [&](const ZonePtr& known) { return known->config.name == name; });
    if (zone == d_zones.end()) return Error{"No RPZ zone named " + name};
    rules = (*zone)->rules;
  }
  return rules ? writeRpz(*rules, out) : 0;
}

} // namespace rec
