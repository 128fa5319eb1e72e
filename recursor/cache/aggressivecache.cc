// AggressiveCache: zones by name in shards. A look-up asks a small table of counters whether any zone of that name can
// be here before it takes a lock, since every miss of the other caches comes by. When full, a clock hand per shard
// takes what was not used; the shard that grew pays, so that a flood below one zone does not wash out the others.
#include "recursor/cache/aggressivecache.hh"

#include <atomic>
#include <mutex>
#include <string>

#include "lib/base/live.hh"
#include "lib/dns/fold.hh"
#include "recursor/cache/aggressivezone.hh"
#include "recursor/cache/dumplines.hh"
#include "recursor/cache/key.hh"

namespace rec {
namespace {

constexpr unsigned kMaxLooks = 64; // records the hand passes by at most for one that goes

struct alignas(64) Shard {
  std::mutex mutex;
  std::map<std::uint64_t, AggressiveZone> zones; // by the hash of the name
  std::uint64_t handZone = 0;                    // at or behind this one ...
  AggressiveZone::Hand hand;                     // ... and in it
  std::atomic<std::size_t> size{0};              // records and zones; written under the lock
};

std::uint64_t hashOf(std::span<const std::byte> name) { return dns::hashFolded(name.data(), name.size()); }

bool isNamed(const AggressiveZone& zone, std::span<const std::byte> wire) {
  const auto own = zone.name().wire();
  return own.size() == wire.size() && dns::equalFolded(own.data(), wire.data(), wire.size());
}

// An NSEC made for one question: nothing fits in between.
bool isMinimal(const dnssec::NsecRecord& record) {
  const auto successor = record.owner.withLabel(std::string_view("\0", 1));
  return successor && record.nsec.next == *successor;
}

// Whether every denial right below the apex needs the record, however narrow it is: the one that shows the apex, or the
// one that speaks of the wildcard below it.
bool isNeededByAll(const dnssec::Nsec3Record& record, const dns::Name& zone) {
  const auto hashOf = [&](const dns::Name& name) {
    return dnssec::nsec3Hash(name, record.nsec3.iterations, record.nsec3.salt);
  };
  if (record.owner == hashOf(zone)) {
    return true;
  }
  const auto wildcard = zone.withLabel("*");
  const auto hash = wildcard ? hashOf(*wildcard) : record.owner;
  return wildcard && (record.owner == hash || dnssec::coversHash(record, hash));
}

// Whether the record's share of all hashes is at least one in `ratio`.
bool isWorthIt(const dnssec::Nsec3Record& record, unsigned ratio) {
  const auto top = [](const dnssec::Nsec3Hash& hash) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 8; ++i) {
      value = value << 8 | std::to_integer<std::uint64_t>(hash[i]);
    }
    return value;
  };
  const std::uint64_t share = record.owner == record.next ? UINT64_MAX : top(record.next) - top(record.owner);
  return share >= UINT64_MAX / ratio;
}

} // namespace

struct AggressiveCache::State {
  explicit State(const Options& given)
      : minNsec3HitRatio(given.minNsec3HitRatio), maxNsec3HashCost(given.maxNsec3HashCost),
        maxIterations(given.policy.maxIterations), maxEntries(given.maxEntries),
        shardCount(std::max<std::size_t>(given.shards, 1)), shards(std::make_unique<Shard[]>(shardCount)),
        zonesLike(std::make_unique<std::atomic<std::uint16_t>[]>(kFilter)) {}

  [[nodiscard]] std::size_t shardOf(std::uint64_t hash) const { return (hash >> 32) % shardCount; }
  [[nodiscard]] std::atomic<std::uint16_t>& likeIt(std::uint64_t hash) const { return zonesLike[hash % kFilter]; }

  // Under the shard's lock: the zone of that name, made when it is not there.
  AggressiveZone& zoneFor(Shard& shard, std::uint64_t hash, const dns::Name& name) {
    const auto there = shard.zones.find(hash);
    if (there != shard.zones.end() && isNamed(there->second, name.wire())) {
      return there->second;
    }
    if (there != shard.zones.end()) {
      drop(shard, there);
    }
    ++likeIt(hash);
    ++shard.size;
    ++zones;
    return shard.zones.emplace(hash, AggressiveZone(name)).first->second;
  }
  std::map<std::uint64_t, AggressiveZone>::iterator drop(Shard& shard,
                                                         std::map<std::uint64_t, AggressiveZone>::iterator at) {
    --likeIt(at->first);
    --zones;
    account(shard, at->second.size(), 0);
    --shard.size;
    return shard.zones.erase(at);
  }
  void account(Shard& shard, std::size_t before, std::size_t after) { // modulo 2^64
    shard.size += after - before;
    records += after - before;
  }

  // `change(zone)` under the lock, then room is made for what it added.
  template <typename Change> void change(const dns::Name& name, std::uint32_t now, const Change& change) {
    const std::uint64_t hash = hashOf(name.wire());
    const std::size_t index = shardOf(hash);
    {
      Shard& shard = shards[index];
      const std::lock_guard lock(shard.mutex);
      AggressiveZone& zone = zoneFor(shard, hash, name);
      const std::size_t before = zone.size();
      change(zone);
      account(shard, before, zone.size());
    }
    makeRoom(index, now);
  }

  void makeRoom(std::size_t grown, std::uint32_t now) {
    while (records + zones > maxEntries) {
      const std::size_t fair = maxEntries / shardCount;
      std::size_t index = grown;
      for (std::size_t i = 0; i < shardCount && shards[index].size <= fair; ++i) {
        index = nextShard++ % shardCount;
      }
      Shard& shard = shards[index];
      const std::lock_guard lock(shard.mutex);
      evictOne(shard, now);
    }
  }

  // A record, or a zone that has none left but those in use a moment ago.
  void evictOne(Shard& shard, std::uint32_t now) {
    unsigned budget = kMaxLooks;
    while (!shard.zones.empty()) {
      auto at = shard.zones.lower_bound(shard.handZone);
      at = at == shard.zones.end() ? shard.zones.begin() : at;
      if (at->first != shard.handZone) {
        shard.handZone = at->first;
        shard.hand = {};
      }
      const std::size_t before = at->second.size();
      const bool evicted = at->second.evictOne(shard.hand, now, budget);
      account(shard, before, at->second.size());
      if (!evicted) {
        shard.handZone = at->first + 1;
        shard.hand = {};
      }
      if (at->second.size() == 0) {
        drop(shard, at);
        return;
      }
      if (evicted) {
        return;
      }
    }
  }

  // The closest zone at or above the name `wire` ends in that has records, if any; nothing when it says nothing.
  std::optional<Synthesized> find(const dns::Name& name, std::span<const std::byte> wire, dns::RRType type,
                                  std::uint32_t now) {
    for (;; wire = wire.subspan(std::to_integer<std::size_t>(wire[0]) + 1)) {
      const std::uint64_t hash = hashOf(wire);
      if (likeIt(hash).load(std::memory_order_relaxed) != 0) {
        Shard& shard = shards[shardOf(hash)];
        const std::lock_guard lock(shard.mutex);
        const auto at = shard.zones.find(hash);
        if (at != shard.zones.end() && at->second.size() != 0 && isNamed(at->second, wire)) {
          return ask(shard, at->second, name, type, now);
        }
      }
      if (wire.size() == 1) {
        return std::nullopt;
      }
    }
  }
  std::optional<Synthesized> ask(Shard& shard, AggressiveZone& zone, const dns::Name& name, dns::RRType type,
                                 std::uint32_t now) {
    const std::size_t before = zone.size();
    auto made = zone.answer(name, type, now, maxNsec3HashCost);
    account(shard, before, zone.size()); // expired ones went
    return made;
  }

  void count(const Synthesized& made) {
    const bool wildcard = made.kind == Synthesized::Kind::Wildcard;
    auto& counter = made.fromNsec3 ? (wildcard ? nsec3Wildcard : nsec3) : (wildcard ? nsecWildcard : nsec);
    counter.fetch_add(1, std::memory_order_relaxed);
  }

  static constexpr std::size_t kFilter = std::size_t{1} << 16;
  base::Live<unsigned> minNsec3HitRatio, maxNsec3HashCost, maxIterations;
  base::Live<std::size_t> maxEntries;
  const std::size_t shardCount;
  std::unique_ptr<Shard[]> shards;
  std::unique_ptr<std::atomic<std::uint16_t>[]> zonesLike; // zones by 16 bits of their hash
  std::atomic<std::size_t> records{0}, zones{0}, nextShard{0};
  std::atomic<std::uint64_t> nsec{0}, nsec3{0}, nsecWildcard{0}, nsec3Wildcard{0};
};

AggressiveCache::AggressiveCache(const Options& options) : d_state(std::make_unique<State>(options)) {}
AggressiveCache::~AggressiveCache() = default;

void AggressiveCache::store(const dns::Name& zone, const dns::RRset& set, std::uint32_t ttl, base::WallTime now) {
  if (d_state->maxEntries == 0 || ttl == 0) {
    return;
  }
  AggressiveZone::Entry entry{.set = set, .expires = addSeconds(seconds(now), ttl)};
  if (const auto nsec = dnssec::readNsecSet(set, zone); nsec && !isMinimal(*nsec)) {
    d_state->change(zone, seconds(now), [&](AggressiveZone& to) { to.put(*nsec, std::move(entry)); });
    return;
  }
  const auto nsec3 = dnssec::readNsec3Set(set, zone);
  const unsigned ratio = d_state->minNsec3HitRatio, most = d_state->maxNsec3HashCost;
  if (!nsec3 || nsec3->nsec3.iterations > d_state->maxIterations || ratio == 0) {
    return;
  }
  if (!isWorthIt(*nsec3, ratio) && !isNeededByAll(*nsec3, zone)) {
    return;
  }
  const std::uint64_t cost = hashCost(nsec3->nsec3.iterations, nsec3->nsec3.salt.size());
  if (most == 0 || cost <= most) {
    d_state->change(zone, seconds(now), [&](AggressiveZone& to) { to.put(*nsec3, std::move(entry)); });
  }
}

void AggressiveCache::storeSoa(const dns::Name& zone, const dns::RRset& soa, std::uint32_t ttl, base::WallTime now) {
  const bool isSoa = soa && soa.type() == dns::RRType::SOA && soa.count() == 1 && soa.ownerIs(zone);
  if (isSoa && d_state->maxEntries != 0) {
    const std::uint32_t expires = addSeconds(seconds(now), ttl);
    d_state->change(zone, seconds(now), [&](AggressiveZone& to) { to.setSoa(soa, expires); });
  }
}

std::optional<Synthesized> AggressiveCache::find(const dns::Name& name, dns::RRType type, base::WallTime now) {
  if (d_state->records.load(std::memory_order_relaxed) == 0 || dns::isMetaType(type)) {
    return std::nullopt;
  }
  auto wire = name.wire();
  if (type == dns::RRType::DS && !name.isRoot()) { // the parent's to say
    wire = wire.subspan(std::to_integer<std::size_t>(wire[0]) + 1);
  }
  auto made = d_state->find(name, wire, type, seconds(now));
  if (made && made->kind != Synthesized::Kind::Wildcard) {
    d_state->count(*made);
  }
  return made;
}

void AggressiveCache::countWildcard(const Synthesized& used) { d_state->count(used); }

std::size_t AggressiveCache::wipe(const dns::Name& name, bool subtree) {
  std::size_t gone = 0;
  for (std::size_t i = 0; i < d_state->shardCount; ++i) {
    Shard& shard = d_state->shards[i];
    const std::lock_guard lock(shard.mutex);
    for (auto at = shard.zones.begin(); at != shard.zones.end();) {
      const bool meant = subtree ? at->second.name().isWithin(name) : at->second.name() == name;
      gone += meant ? at->second.size() : 0;
      at = meant ? d_state->drop(shard, at) : std::next(at);
    }
  }
  return gone;
}

std::size_t AggressiveCache::dump(std::FILE* out, base::WallTime now) const {
  std::size_t lines = 0;
  for (std::size_t i = 0; i < d_state->shardCount; ++i) {
    std::vector<std::pair<dns::Name, AggressiveZone::Entry>> held; // copies, so that nothing is written under the lock
    {
      Shard& shard = d_state->shards[i];
      const std::lock_guard lock(shard.mutex);
      for (const auto& [hash, zone] : shard.zones) {
        zone.forEach([&](const AggressiveZone::Entry& entry) { held.emplace_back(zone.name(), entry); });
      }
    }
    for (const auto& [zone, entry] : held) {
      const auto set = entry.set.withoutSignatures().withTtl(secondsLeft(entry.expires, seconds(now)));
      writeNoted(out, set.text(), "zone " + zone.text());
    }
    lines += held.size();
  }
  return lines;
}

void AggressiveCache::adopt(const Options& options) {
  d_state->minNsec3HitRatio = options.minNsec3HitRatio;
  d_state->maxNsec3HashCost = options.maxNsec3HashCost;
  d_state->maxIterations = options.policy.maxIterations;
  setMaxEntries(options.maxEntries);
}

void AggressiveCache::setMaxEntries(std::size_t entries) {
  d_state->maxEntries = entries;
  d_state->makeRoom(0, 0);
}

std::size_t AggressiveCache::entries() const { return d_state->records.load(std::memory_order_relaxed); }

AggressiveCache::Hits AggressiveCache::hits() const {
  const State& state = *d_state;
  return {.nsec = state.nsec,
          .nsec3 = state.nsec3,
          .nsecWildcard = state.nsecWildcard,
          .nsec3Wildcard = state.nsec3Wildcard};
}

} // namespace rec
