// SubnetCache: names and types in a ShardMap, each with its SubnetSets. A change takes the sets out of the entry,
// changes them and puts them back, so that the table counts the bytes.
#include "recursor/cache/subnetcache.hh"

#include <algorithm>
#include <string>

#include "lib/base/live.hh"
#include "lib/base/shardmap.hh"
#include "recursor/cache/dumplines.hh"
#include "recursor/cache/key.hh"
#include "recursor/cache/subnetsets.hh"

namespace rec {
namespace {

// The name and type are those of the first set's block.
struct Entry {
  std::unique_ptr<SubnetSets> sets; // never empty in a table
  std::size_t bytes = 0;
  std::uint32_t expires = 0; // the last of them

  [[nodiscard]] std::size_t heapBytes() const { return bytes; }
  [[nodiscard]] const dns::RRset& first() const { return sets->all().front().rrset; }
  [[nodiscard]] bool is(const dns::Name& name, dns::RRType type) const {
    return first().type() == type && first().ownerIs(name);
  }
};

using Map = base::ShardMap<Entry>;

Entry entryOf(std::unique_ptr<SubnetSets> sets) {
  const std::size_t bytes = sizeof(SubnetSets) + sets->bytes();
  const std::uint32_t expires = sets->lastExpiry();
  return {std::move(sets), bytes, expires};
}

CacheHit hitOf(const SubnetSet& set, std::uint32_t now) {
  return {.rrset = set.rrset,
          .ttl = std::min(secondsLeft(set.expires, now), set.ttl),
          .originalTtl = set.ttl,
          .rank = set.rank,
          .security = set.security,
          .stale = false};
}

void dumpSet(std::FILE* out, const SubnetSet& set, std::uint32_t now) {
  const std::string note = "(" + std::string(text(set.security)) + ") rank=" + std::string(text(set.rank)) +
                           " origttl=" + std::to_string(set.ttl) + " subnet=" + set.scope.network.text() +
                           " scope=" + std::to_string(set.scope.told) + (set.scope.exact ? " exact" : "");
  writeNoted(out, set.rrset.withTtl(secondsLeft(set.expires, now)).text(), note);
}

} // namespace

struct SubnetCache::State {
  explicit State(const Options& given)
      : maxNetworks(given.maxNetworks), maxEntrySize(given.maxEntrySize), maxTtl(given.maxTtl), minTtl(given.minTtl),
        bogusTtl(given.bogusTtl), maxBytes(given.maxBytes),
        map({.shards = given.shards,
             .maxEntries = given.maxEntries,
             .maxBytes = given.maxBytes == 0 ? SIZE_MAX : given.maxBytes,
             .eviction = given.eviction}) {
    map.setMaxBytes(given.maxBytes); // none: the shards are there for the day when somebody is told
  }

  [[nodiscard]] std::uint32_t keptTtl(const dns::RRset& rrset, Security security) const {
    const std::uint32_t ttl = std::max<std::uint32_t>(rrset.ttl(), minTtl);
    const std::uint32_t most = maxTtl, bogus = bogusTtl;
    return std::min({ttl, most, security == Security::Bogus ? bogus : UINT32_MAX});
  }

  // Of one name and type: half a shard at most, or what many networks have would leave no room for other names.
  [[nodiscard]] SubnetSets::Most most() const { return {maxNetworks, maxBytes / map.shardCount() / 2}; }

  // Looks for the set of one type; notes whether there are any for others.
  void look(Map::Locked& shard, const dns::Name& name, dns::RRType type, const base::Netmask& client, std::uint32_t now,
            Found& found) const {
    const Entry* entry = shard.find(keyHash(name, type), [&](const Entry& e) { return e.is(name, type); });
    if (entry == nullptr || entry->expires <= now) {
      return;
    }
    found.varies = true;
    if (const SubnetSet* set = entry->sets->find(client, now)) {
      found.hit = hitOf(*set, now);
      found.scope = set->scope;
    }
  }

  // Keeps it, making room for it. Whether it did.
  template <typename MayReplace> bool put(SubnetSet fresh, std::uint32_t time, const MayReplace& mayReplace);

  base::Live<std::size_t> maxNetworks, maxEntrySize;
  base::Live<std::uint32_t> maxTtl, minTtl, bogusTtl;
  base::Live<std::size_t> maxBytes;
  std::atomic<bool> any{false}; // something was stored, ever: else there is no need to look
  Map map;
};

SubnetCache::SubnetCache(const Options& options) : d_state(std::make_unique<State>(options)) {}
SubnetCache::~SubnetCache() = default;

SubnetCache::Found SubnetCache::find(const dns::Name& name, dns::RRType type, const base::Netmask& client,
                                     base::WallTime now) {
  Found found;
  if (!d_state->any.load(std::memory_order_relaxed)) {
    return found;
  }
  auto shard = d_state->map.lock(keyHash(name, type)); // of all types: the shard is the name's
  d_state->look(shard, name, type, client, seconds(now), found);
  if (!found.hit && type != dns::RRType::CNAME) {
    d_state->look(shard, name, dns::RRType::CNAME, client, seconds(now), found);
  }
  return found;
}

// One shard's lock; `mayReplace`: what becomes of the set that is there for the same network and lives.
template <typename MayReplace>
bool SubnetCache::State::put(SubnetSet fresh, std::uint32_t time, const MayReplace& mayReplace) {
  const SubnetSets::Most mostSets = most();
  if (SubnetSets::bytesOf(fresh) > mostSets.bytes) {
    return false;
  }
  const dns::Name name = fresh.rrset.owner();
  const dns::RRType type = fresh.rrset.type();
  const std::size_t hash = keyHash(name, type);
  any.store(true, std::memory_order_relaxed);
  auto shard = map.lock(hash);
  Entry* entry = shard.find(hash, [&](const Entry& e) { return e.is(name, type); });
  const auto isOver = [time](const Entry& e) { return e.expires <= time; };
  if (entry == nullptr) {
    auto sets = std::make_unique<SubnetSets>();
    sets->add(std::move(fresh), mostSets, time);
    return shard.insert(hash, entryOf(std::move(sets)), isOver);
  }
  SubnetSet* const old = entry->sets->at(fresh.scope);
  if (old != nullptr && old->expires > time && !mayReplace(*old)) {
    return false;
  }
  std::unique_ptr<SubnetSets> sets = std::move(entry->sets);
  if (old != nullptr) {
    sets->replace(*old, std::move(fresh), mostSets, time);
  } else {
    sets->add(std::move(fresh), mostSets, time);
  }
  Entry with = entryOf(std::move(sets));
  if (with.bytes <= entry->bytes) {
    shard.replace(entry, std::move(with));
    return true;
  }
  shard.erase(entry); // inserting makes room
  return shard.insert(hash, std::move(with), isOver);
}

bool SubnetCache::store(const dns::RRset& rrset, const SubnetScope& scope, Rank rank, Security security,
                        base::WallTime now) {
  const std::uint32_t ttl = d_state->keptTtl(rrset, security);
  if (ttl == 0 || rrset.memorySize() > d_state->maxEntrySize || dns::isMetaType(rrset.type())) {
    return false;
  }
  const std::uint32_t time = seconds(now);
  return d_state->put({scope, rrset, addSeconds(time, ttl), ttl, rank, security}, time, [&](const SubnetSet& old) {
    return old.security != Security::Secure || security == Security::Secure;
  });
}

CachePiece<std::vector<SavedSubnet>> SubnetCache::piece(const base::ShardPlace& from, base::WallTime now) const {
  using Sets = std::vector<SavedSubnet>;
  const std::uint32_t time = seconds(now);
  return pieceOf<Sets>(d_state->map, from, [&](const Entry& e, unsigned heat) -> std::optional<Sets> {
    Sets sets;
    for (const SubnetSet& set : e.sets->all()) {
      if (set.expires > time) {
        sets.push_back({{set.rrset, set.expires, set.ttl, set.rank, set.security, heat}, set.scope});
      }
    }
    return sets;
  });
}

Restored SubnetCache::restore(const SavedSubnet& saved, base::WallTime now) {
  const SavedRecords& records = saved.records;
  const std::uint32_t time = seconds(now);
  const std::uint32_t most = records.security == Security::Bogus ? d_state->bogusTtl : d_state->maxTtl;
  const std::uint32_t ttl = std::min(records.ttl, most);
  const std::uint32_t expires = std::min(records.expires, addSeconds(time, ttl));
  if (expires <= time || records.rrset.memorySize() > d_state->maxEntrySize) return Restored::Unfit;
  bool known = false;
  const bool kept = d_state->put({saved.scope, records.rrset, expires, ttl, records.rank, records.security}, time,
                                 [&known](const SubnetSet&) { return !(known = true); });
  return kept ? Restored::Yes : known ? Restored::Known : Restored::NoRoom;
}

bool SubnetCache::judge(const dns::RRset& rrset, const SubnetScope& scope, Security security, base::WallTime now) {
  const dns::Name name = rrset.owner();
  const std::size_t hash = keyHash(name, rrset.type());
  auto shard = d_state->map.lock(hash);
  Entry* entry = shard.find(hash, [&](const Entry& e) { return e.is(name, rrset.type()); });
  SubnetSet* const set = entry == nullptr ? nullptr : entry->sets->at(scope);
  if (set == nullptr || !set->rrset.sameData(rrset) || !sameSignatures(set->rrset, rrset)) {
    return false;
  }
  set->security = security;
  set->expires = std::min(set->expires, addSeconds(seconds(now), d_state->keptTtl(rrset, security)));
  return true;
}

std::size_t SubnetCache::wipe(const dns::Name& name, bool subtree, std::optional<dns::RRType> type) {
  std::size_t gone = 0;
  const auto matches = [&](const Entry& e) {
    const bool ofType = !type || e.first().type() == *type;
    const bool ofName = subtree ? e.first().owner().isWithin(name) : e.first().ownerIs(name);
    gone += ofType && ofName ? e.sets->all().size() : 0;
    return ofType && ofName;
  };
  if (subtree) {
    d_state->map.eraseIf(matches);
  } else {
    d_state->map.lock(keyHash(name, dns::RRType{0})).eraseIf(matches);
  }
  return gone;
}

std::size_t SubnetCache::dump(std::FILE* out, base::WallTime now) const {
  std::fputs("; record cache of client subnets dump follows\n;\n", out);
  std::size_t lines = 0;
  for (std::size_t i = 0; i < d_state->map.shardCount(); ++i) {
    std::vector<SubnetSet> sets; // copied under the lock, written without it
    d_state->map.lockShard(i).forEach(
        [&sets](const Entry& e) { sets.insert(sets.end(), e.sets->all().begin(), e.sets->all().end()); });
    for (const SubnetSet& set : sets) {
      dumpSet(out, set, seconds(now));
      lines += set.rrset.count() + set.rrset.signatureCount();
    }
  }
  return lines;
}

void SubnetCache::adopt(const Options& options) {
  d_state->map.setMaxEntries(options.maxEntries);
  setMaxBytes(options.maxBytes);
  d_state->maxNetworks = options.maxNetworks;
  d_state->maxEntrySize = options.maxEntrySize;
  d_state->maxTtl = options.maxTtl;
  d_state->minTtl = options.minTtl;
  d_state->bogusTtl = options.bogusTtl;
}

void SubnetCache::setMinTtl(std::uint32_t ttl) { d_state->minTtl = ttl; }
void SubnetCache::setMaxBytes(std::size_t maxBytes) {
  d_state->maxBytes = maxBytes;
  d_state->map.setMaxBytes(maxBytes);
}
std::size_t SubnetCache::entries() const { return d_state->map.entries(); }
std::size_t SubnetCache::bytes() const { return d_state->map.bytes(); }
std::uint64_t SubnetCache::evicted() const { return d_state->map.evicted(); }

} // namespace rec
