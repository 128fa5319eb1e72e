// RecordCache: RRsets in a ShardMap. What may replace what is decided in mayReplace(), how long a set lives in
// keptTtl().
#include "recursor/cache/recordcache.hh"

#include <algorithm>
#include <string>

#include "lib/base/live.hh"
#include "lib/base/shardmap.hh"
#include "lib/dns/fold.hh"
#include "recursor/cache/dumplines.hh"
#include "recursor/cache/key.hh"

namespace rec {
namespace {

constexpr std::uint32_t kMostTtl = (1U << 26) - 1; // two years

// 16 octets, 24 with what the table adds; name and type are those of the RRset's block.
struct Entry {
  dns::RRset rrset;
  std::uint32_t expires = 0;
  std::uint32_t ttl : 26 = 0; // as stored, after limits
  Rank rank : 3 = Rank::Additional;
  Security security : 3 = Security::Indeterminate;

  [[nodiscard]] std::size_t heapBytes() const { return rrset ? rrset.allocatedSize() : 0; }
  [[nodiscard]] bool is(const dns::Name& name, dns::RRType type) const {
    return rrset.type() == type && rrset.ownerIs(name);
  }
};

static_assert(sizeof(Entry) == 16);
using Map = base::ShardMap<Entry>;

bool isChildNs(const Entry& entry) {
  return entry.rank == Rank::AuthorityAuth && entry.rrset.type() == dns::RRType::NS;
}

void dumpEntry(std::FILE* out, const Entry& entry, std::uint32_t now) {
  std::string note = "(" + std::string(text(entry.security)) + ") rank=" + std::string(text(entry.rank)) +
                     " origttl=" + std::to_string(entry.ttl);
  const std::uint32_t left = secondsLeft(entry.expires, now);
  if (left == 0) {
    note += " expired=" + std::to_string(now - entry.expires);
  }
  writeNoted(out, entry.rrset.withTtl(left).text(), note);
}

} // namespace

struct RecordCache::State {
  explicit State(const Options& given)
      : maxEntrySize(given.maxEntrySize), maxTtl(given.maxTtl), minTtl(given.minTtl), maxBogusTtl(given.maxBogusTtl),
        lockedTtlPercent(given.lockedTtlPercent), staleSeconds(given.staleSeconds), map({.shards = given.shards,
                                                                                         .maxEntries = given.maxEntries,
                                                                                         .maxBytes = given.maxBytes,
                                                                                         .eviction = given.eviction}) {}

  [[nodiscard]] std::uint32_t keptTtl(const dns::RRset& rrset, Security security) const {
    const std::uint32_t most = security == Security::Bogus ? maxBogusTtl : maxTtl;
    return std::min({std::max<std::uint32_t>(rrset.ttl(), minTtl), most, kMostTtl});
  }

  // record-cache-locked-ttl-perc: the first part of a set's life, in which nothing of the same kind replaces it.
  [[nodiscard]] bool locked(const Entry& old, std::uint32_t now) const {
    const std::uint32_t ttl = old.ttl;
    const std::uint64_t lived = ttl - std::min(ttl, secondsLeft(old.expires, now));
    return lived * 100 < std::uint64_t{ttl} * lockedTtlPercent;
  }

  [[nodiscard]] bool mayReplace(const Entry& old, const Entry& fresh, std::uint32_t now, bool refresh) const {
    if (old.expires <= now || (fresh.security == Security::Secure && old.security == Security::Bogus)) {
      return true;
    }
    // What was validated gives way only to what was validated, so that a forger's set cannot push it out.
    if (old.security == Security::Secure && fresh.security != Security::Secure) {
      return fresh.rank > old.rank && fresh.security != Security::Bogus;
    }
    if (fresh.rank != old.rank) {
      return fresh.rank > old.rank;
    }
    return fresh.security == Security::Secure || refresh || !locked(old, now);
  }

  [[nodiscard]] bool dead(const Entry& entry, std::uint32_t now) const {
    return std::uint64_t{entry.expires} + staleSeconds <= now;
  }

  base::Live<std::size_t> maxEntrySize;
  base::Live<std::uint32_t> maxTtl, minTtl, maxBogusTtl, lockedTtlPercent, staleSeconds;
  std::atomic<std::uint64_t> oversized{0};
  Map map;
};

RecordCache::RecordCache(const Options& options) : d_state(std::make_unique<State>(options)) {}
RecordCache::~RecordCache() = default;

std::optional<CacheHit> RecordCache::find(const dns::Name& name, dns::RRType type, base::WallTime now, Rank minimum,
                                          bool allowStale) {
  const std::size_t hash = keyHash(name, type);
  const std::uint32_t time = seconds(now);
  auto shard = d_state->map.lock(hash);
  const Entry* entry = shard.find(hash, [&](const Entry& e) { return e.is(name, type); });
  if (entry == nullptr || entry->rank < minimum) {
    return std::nullopt;
  }
  const bool stale = entry->expires <= time;
  if (stale && (!allowStale || d_state->dead(*entry, time))) {
    return std::nullopt;
  }
  return CacheHit{
      .rrset = entry->rrset,
      .ttl = std::min<std::uint32_t>(secondsLeft(entry->expires, time), entry->ttl), // the clock may have been set back
      .originalTtl = entry->ttl,
      .rank = entry->rank,
      .security = entry->security,
      .stale = stale};
}

std::size_t RecordCache::prefetch(std::span<const std::byte> name, dns::RRType type) const {
  const std::size_t hash = keyHash(dns::hashFolded(name.data(), name.size()), type);
  d_state->map.prefetch(hash);
  return hash;
}

void RecordCache::prefetchSet(std::size_t place) const {
  const auto shard = d_state->map.lock(place);
  if (const Entry* entry = shard.guess(place); entry != nullptr) {
    entry->rrset.prefetch();
  }
}

bool RecordCache::store(const dns::RRset& rrset, Rank rank, Security security, base::WallTime now, bool refresh) {
  const std::uint32_t ttl = d_state->keptTtl(rrset, security);
  if (rrset.memorySize() > d_state->maxEntrySize) {
    d_state->oversized.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  if (ttl == 0 || dns::isMetaType(rrset.type())) {
    return false;
  }
  const dns::Name name = rrset.owner();
  const std::size_t hash = keyHash(name, rrset.type());
  const std::uint32_t time = seconds(now);
  Entry fresh{
      .rrset = rrset, .expires = addSeconds(time, ttl), .ttl = ttl & kMostTtl, .rank = rank, .security = security};
  auto shard = d_state->map.lock(hash);
  Entry* old = shard.find(hash, [&](const Entry& e) { return e.is(name, rrset.type()); });
  if (old == nullptr) {
    return shard.insert(hash, std::move(fresh), [&](const Entry& e) { return d_state->dead(e, time); });
  }
  if (!d_state->mayReplace(*old, fresh, time, refresh)) {
    return false;
  }
  if (old->expires > time && isChildNs(*old) && isChildNs(fresh) && old->rrset.sameData(rrset)) {
    fresh.expires = std::min(fresh.expires, old->expires); // unasked for, it does not prolong its own life
  }
  shard.replace(old, std::move(fresh));
  return true;
}

bool RecordCache::judge(const dns::RRset& rrset, Security security, base::WallTime now) {
  const dns::Name name = rrset.owner();
  const std::size_t hash = keyHash(name, rrset.type());
  auto shard = d_state->map.lock(hash);
  Entry* entry = shard.find(hash, [&](const Entry& e) { return e.is(name, rrset.type()); });
  if (entry == nullptr || !entry->rrset.sameData(rrset) || !sameSignatures(entry->rrset, rrset)) {
    return false;
  }
  entry->security = security;
  const std::uint32_t latest = addSeconds(seconds(now), d_state->keptTtl(rrset, security));
  entry->expires = std::min(entry->expires, latest);
  return true;
}

std::size_t RecordCache::wipe(const dns::Name& name, bool subtree, std::optional<dns::RRType> type) {
  const auto ofType = [&](const Entry& e) { return !type || e.rrset.type() == *type; };
  if (!subtree) {
    auto shard = d_state->map.lock(keyHash(name, dns::RRType{0})); // any type: the shard is the name's
    return shard.eraseIf([&](const Entry& e) { return ofType(e) && e.rrset.ownerIs(name); });
  }
  return d_state->map.eraseIf([&](const Entry& e) { return ofType(e) && e.rrset.owner().isWithin(name); });
}

std::size_t RecordCache::dump(std::FILE* out, base::WallTime now) const {
  std::fputs("; main record cache dump follows\n;\n", out);
  std::size_t lines = 0;
  for (std::size_t i = 0; i < d_state->map.shardCount(); ++i) {
    const std::vector<Entry> entries = d_state->map.copyShard(i);
    for (const Entry& entry : entries) {
      dumpEntry(out, entry, seconds(now));
      lines += entry.rrset.count() + entry.rrset.signatureCount();
    }
  }
  return lines;
}

CachePiece<SavedRecords> RecordCache::piece(const base::ShardPlace& from, Warmth warmth, base::WallTime now) const {
  const std::uint32_t time = seconds(now);
  return pieceOf<SavedRecords>(d_state->map, from, [&](const Entry& e, unsigned heat) -> std::optional<SavedRecords> {
    if (e.expires <= time || warmthOf(heat) != warmth) return std::nullopt;
    return SavedRecords{e.rrset, e.expires, e.ttl, e.rank, e.security, heat};
  });
}

Restored RecordCache::restore(const SavedRecords& saved, base::WallTime now) {
  const std::uint32_t time = seconds(now);
  const std::uint32_t most = saved.security == Security::Bogus ? d_state->maxBogusTtl : d_state->maxTtl;
  Entry entry{.rrset = saved.rrset,
              .expires = 0,
              .ttl = std::min({saved.ttl, most, kMostTtl}) & kMostTtl,
              .rank = saved.rank,
              .security = saved.security};
  entry.expires = std::min(saved.expires, addSeconds(time, entry.ttl));
  if (entry.expires <= time || saved.rrset.memorySize() > d_state->maxEntrySize) return Restored::Unfit;
  const dns::Name name = saved.rrset.owner();
  const std::size_t hash = keyHash(name, saved.rrset.type());
  auto shard = d_state->map.lock(hash);
  if (shard.find(hash, [&](const Entry& e) { return e.is(name, saved.rrset.type()); }) != nullptr) {
    return Restored::Known;
  }
  return shard.restore(hash, std::move(entry), saved.heat) ? Restored::Yes : Restored::NoRoom;
}

void RecordCache::adopt(const Options& options) {
  setMaxEntries(options.maxEntries);
  setMaxBytes(options.maxBytes);
  d_state->maxEntrySize = options.maxEntrySize;
  d_state->maxTtl = options.maxTtl;
  d_state->minTtl = options.minTtl;
  d_state->maxBogusTtl = options.maxBogusTtl;
  d_state->lockedTtlPercent = options.lockedTtlPercent;
  d_state->staleSeconds = options.staleSeconds;
}

void RecordCache::setMaxEntries(std::size_t maxEntries) { d_state->map.setMaxEntries(maxEntries); }
void RecordCache::setMinTtl(std::uint32_t ttl) { d_state->minTtl = ttl; }
void RecordCache::setMaxBytes(std::size_t maxBytes) { d_state->map.setMaxBytes(maxBytes); }
std::size_t RecordCache::entries() const { return d_state->map.entries(); }
std::size_t RecordCache::bytes() const { return d_state->map.bytes(); }
std::uint64_t RecordCache::evicted() const { return d_state->map.evicted(); }
std::uint64_t RecordCache::contended() const { return d_state->map.contended(); }
std::uint64_t RecordCache::acquired() const { return d_state->map.acquired(); }
std::uint64_t RecordCache::oversized() const { return d_state->oversized.load(std::memory_order_relaxed); }

} // namespace rec
