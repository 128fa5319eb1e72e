// NegativeCache: denials in a ShardMap. NXDOMAIN entries stand under their name and type 0, NODATA under name and type;
// a name's entries share a shard, so that one lock serves both looks.
#include "recursor/cache/negcache.hh"

#include <algorithm>
#include <atomic>
#include <string>

#include "lib/base/live.hh"
#include "lib/base/memory.hh"
#include "lib/base/shardmap.hh"
#include "recursor/cache/dumplines.hh"
#include "recursor/cache/key.hh"

namespace rec {
namespace {

constexpr dns::RRType kWholeName{0};

// Small, because a table that grows moves its entries and a search looks at neighbours.
struct Entry {
  std::shared_ptr<const Negative> negative;
  dns::RRType type{}; // kWholeName: NXDOMAIN
  std::uint32_t expires = 0;

  [[nodiscard]] std::size_t heapBytes() const {
    constexpr std::size_t counts = 16; // of the pointer, in the same allocation
    static const std::size_t itself = base::allocatedSize(sizeof(Negative) + counts);
    if (!negative) return 0;
    std::size_t size = itself + (negative->soa ? negative->soa.memorySize() : 0);
    for (const dns::RRset& proof : negative->proofs) {
      size += sizeof proof + proof.memorySize();
    }
    return size;
  }
  [[nodiscard]] bool is(const dns::Name& name, dns::RRType wanted) const {
    return type == wanted && negative->name == name;
  }
};

using Map = base::ShardMap<Entry>;

std::size_t dumpEntry(std::FILE* out, const Entry& entry, std::uint32_t now) {
  const Negative& denied = *entry.negative;
  const std::uint32_t left = secondsLeft(entry.expires, now);
  const std::string what = denied.nxdomain ? "NXDOMAIN" : dns::text(entry.type);
  const std::string zone = denied.soa ? denied.soa.owner().text() : ".";
  std::fprintf(out, "%s %u IN %s VIA %s ; (%s) origttl=%u\n", denied.name.text().c_str(), left, what.c_str(),
               zone.c_str(), std::string(text(denied.security)).c_str(), denied.ttl);
  for (const dns::RRset& proof : denied.proofs) {
    writeNoted(out, proof.withTtl(left).text(), "proof");
  }
  return 1;
}

} // namespace

struct NegativeCache::State {
  explicit State(const Options& given)
      : maxTtl(given.maxTtl), minTtl(given.minTtl), staleSeconds(given.staleSeconds),
        map({.shards = given.shards,
             .maxEntries = given.maxEntries,
             .maxBytes = given.maxBytes,
             .eviction = given.eviction}) {}

  [[nodiscard]] bool dead(const Entry& entry, std::uint32_t now) const {
    return std::uint64_t{entry.expires} + staleSeconds <= now;
  }

  // What an entry says at `now`; nothing when it is too old to say anything.
  [[nodiscard]] std::optional<Negative> read(const Entry* entry, std::uint32_t now, bool allowStale) const {
    if (entry == nullptr || (entry->expires <= now && (!allowStale || dead(*entry, now)))) {
      return std::nullopt;
    }
    Negative negative = *entry->negative;
    negative.originalTtl = negative.ttl;
    negative.ttl = std::min(negative.ttl, secondsLeft(entry->expires, now));
    negative.stale = entry->expires <= now;
    return negative;
  }

  // RFC 2308 5: an NXDOMAIN answers all types.
  [[nodiscard]] std::optional<Negative> findExact(const dns::Name& name, dns::RRType type, std::uint32_t now,
                                                  bool allowStale) const {
    const std::uint64_t hash = name.hash();
    const std::size_t wholeHash = keyHash(hash, kWholeName);
    auto shard = map.lock(wholeHash);
    const Entry* whole = shard.find(wholeHash, [&](const Entry& e) { return e.is(name, kWholeName); });
    if (auto negative = read(whole, now, allowStale)) {
      return negative;
    }
    const Entry* noData = shard.find(keyHash(hash, type), [&](const Entry& e) { return e.is(name, type); });
    return read(noData, now, allowStale);
  }

  // Denied names have so many labels, as far as was ever seen: a look for others is spared. Most have as many as a
  // host.
  struct Depths {
    std::atomic<std::uint64_t> bits{0};
    void note(const dns::Name& name) {
      const std::uint64_t bit = std::uint64_t{1} << std::min<std::size_t>(name.labelCount(), 63);
      if ((bits.load(std::memory_order_relaxed) & bit) == 0) {
        bits.fetch_or(bit, std::memory_order_relaxed);
      }
    }
    [[nodiscard]] bool has(const dns::Name& name) const {
      return (bits.load(std::memory_order_relaxed) >> std::min<std::size_t>(name.labelCount(), 63) & 1) != 0;
    }
  };

  // RFC 8020 2: a denied ancestor denies all below it.
  [[nodiscard]] std::optional<Negative> findAbove(const dns::Name& name, std::uint32_t now, Cut cut) const {
    const Depths& depths = cut == Cut::Always ? denied : deniedSecurely;
    if (depths.bits.load(std::memory_order_relaxed) == 0) {
      return std::nullopt;
    }
    for (dns::Name above = name.parent(); !above.isRoot(); above = above.parent()) {
      if (!depths.has(above)) {
        continue;
      }
      const std::size_t hash = keyHash(above, kWholeName);
      auto shard = map.lock(hash);
      const Entry* entry = shard.find(hash, [&](const Entry& e) { return e.is(above, kWholeName); });
      const bool counts = entry != nullptr && (cut == Cut::Always || entry->negative->security == Security::Secure);
      if (counts && entry->expires > now) {
        return read(entry, now, false);
      }
    }
    return std::nullopt;
  }

  void noteDepth(const Negative& negative) {
    if (negative.nxdomain) {
      denied.note(negative.name);
    }
    if (negative.nxdomain && negative.security == Security::Secure) {
      deniedSecurely.note(negative.name);
    }
  }

  base::Live<std::uint32_t> maxTtl, minTtl, staleSeconds;
  Depths denied, deniedSecurely;
  Map map;
};

NegativeCache::NegativeCache(const Options& options) : d_state(std::make_unique<State>(options)) {}
NegativeCache::~NegativeCache() = default;

std::optional<Negative> NegativeCache::find(const dns::Name& name, dns::RRType type, base::WallTime now, Cut cut,
                                            bool allowStale) {
  auto negative = d_state->findExact(name, type, seconds(now), allowStale);
  return negative || cut == Cut::Never ? negative : d_state->findAbove(name, seconds(now), cut);
}

void NegativeCache::store(const Negative& negative, dns::RRType type, base::WallTime now) {
  const std::uint32_t time = seconds(now);
  const std::uint32_t ttl =
      std::min<std::uint32_t>(std::max<std::uint32_t>(negative.ttl, d_state->minTtl), d_state->maxTtl);
  if (ttl == 0) {
    return;
  }
  const auto kept = std::make_shared<Negative>(negative);
  kept->ttl = ttl;
  kept->stale = false;
  Entry fresh{kept, negative.nxdomain ? kWholeName : type, addSeconds(time, ttl)};
  d_state->noteDepth(negative);
  const std::uint64_t nameHash = negative.name.hash();
  const std::size_t hash = keyHash(nameHash, fresh.type);
  auto shard = d_state->map.lock(hash);
  const auto find = [&](dns::RRType wanted) {
    return shard.find(keyHash(nameHash, wanted), [&](const Entry& e) { return e.is(negative.name, wanted); });
  };
  if (Entry* old = find(fresh.type); old != nullptr) {
    return shard.replace(old, std::move(fresh));
  }
  if (Entry* denied = find(kWholeName); denied != nullptr) {
    shard.erase(denied); // the name exists after all
  }
  shard.insert(hash, std::move(fresh), [&](const Entry& e) { return d_state->dead(e, time); });
}

std::size_t NegativeCache::wipe(const dns::Name& name, bool subtree, std::optional<dns::RRType> type) {
  const auto ofType = [&](const Entry& e) { return !type || e.type == *type || e.type == kWholeName; };
  if (!subtree) {
    auto shard = d_state->map.lock(keyHash(name, kWholeName));
    return shard.eraseIf([&](const Entry& e) { return ofType(e) && e.negative->name == name; });
  }
  return d_state->map.eraseIf([&](const Entry& e) { return ofType(e) && e.negative->name.isWithin(name); });
}

std::size_t NegativeCache::dump(std::FILE* out, base::WallTime now) const {
  std::fputs("; negcache dump follows\n;\n", out);
  std::size_t lines = 0;
  for (std::size_t i = 0; i < d_state->map.shardCount(); ++i) {
    const std::vector<Entry> entries = d_state->map.copyShard(i);
    for (const Entry& entry : entries) {
      lines += dumpEntry(out, entry, seconds(now));
    }
  }
  return lines;
}

CachePiece<SavedNegative> NegativeCache::piece(const base::ShardPlace& from, Warmth warmth, base::WallTime now) const {
  const std::uint32_t time = seconds(now);
  return pieceOf<SavedNegative>(d_state->map, from, [&](const Entry& e, unsigned heat) -> std::optional<SavedNegative> {
    if (e.expires <= time || warmthOf(heat) != warmth) return std::nullopt;
    return SavedNegative{*e.negative, e.type, e.expires, heat};
  });
}

// One that says the name does not exist goes with nothing else of that name, as in store().
Restored NegativeCache::restore(SavedNegative saved, base::WallTime now) {
  const std::uint32_t time = seconds(now);
  Negative& negative = saved.negative;
  negative.ttl = std::min(negative.ttl, std::uint32_t{d_state->maxTtl});
  const std::uint32_t expires = std::min(saved.expires, addSeconds(time, negative.ttl));
  if (expires <= time) return Restored::Unfit;
  d_state->noteDepth(negative);
  Entry entry{std::make_shared<const Negative>(std::move(negative)), saved.type, expires};
  const dns::Name& name = entry.negative->name;
  if (entry.negative->nxdomain) entry.type = kWholeName;
  const std::size_t hash = keyHash(name, entry.type);
  auto shard = d_state->map.lock(hash);
  for (const dns::RRType type : {entry.type, kWholeName}) {
    const auto same = [&](const Entry& e) { return e.is(name, type); };
    if (shard.find(keyHash(name, type), same) != nullptr) return Restored::Known;
  }
  return shard.restore(hash, std::move(entry), saved.heat) ? Restored::Yes : Restored::NoRoom;
}

void NegativeCache::adopt(const Options& options) {
  d_state->map.setMaxEntries(options.maxEntries);
  setMaxBytes(options.maxBytes);
  d_state->maxTtl = options.maxTtl;
  d_state->minTtl = options.minTtl;
  d_state->staleSeconds = options.staleSeconds;
}

void NegativeCache::setMinTtl(std::uint32_t ttl) { d_state->minTtl = ttl; }
void NegativeCache::setMaxBytes(std::size_t maxBytes) { d_state->map.setMaxBytes(maxBytes); }
std::size_t NegativeCache::entries() const { return d_state->map.entries(); }
std::size_t NegativeCache::bytes() const { return d_state->map.bytes(); }
std::uint64_t NegativeCache::evicted() const { return d_state->map.evicted(); }

} // namespace rec
