// ZoneTrusts: a ShardMap by zone.
#include "recursor/cache/zonetrusts.hh"

#include <atomic>
#include <string>

#include "lib/base/shardmap.hh"
#include "recursor/cache/key.hh"

namespace rec {
namespace {

constexpr dns::RRType kZone = dns::RRType::DS;
constexpr std::size_t kKeyBytes = 600; // a parsed public key with what the crypto library keeps of it

struct Entry {
  ZoneTrustPtr trust;

  [[nodiscard]] std::size_t heapBytes() const {
    if (!trust) {
      return 0;
    }
    std::size_t size = sizeof(ZoneTrust) + trust->keys.keys.size() * (sizeof(dnssec::ZoneKey) + kKeyBytes);
    for (const dns::ExtendedError& error : trust->errors) {
      size += sizeof error + error.text.size();
    }
    return size;
  }
};

std::string describe(const ZoneTrust& trust) {
  std::string line(text(trust.security));
  for (const dnssec::ZoneKey& key : trust.keys.keys) {
    line += " " + std::to_string(key.tag) + "/" + dnssec::text(key.algorithm);
  }
  if (trust.waived) {
    line += " (negative trust anchor)";
  }
  if (trust.finding) {
    line += " (" + dnssec::text(trust.finding) + ")";
  }
  return line;
}

} // namespace

struct ZoneTrusts::State {
  explicit State(const Options& options)
      : map({.shards = options.shards, .maxEntries = options.maxEntries, .maxBytes = options.maxBytes}) {}
  base::ShardMap<Entry> map;
  std::atomic<std::uint64_t> epoch{0}; // raised before the shards are wiped, read under a shard's lock
};

ZoneTrust ZoneTrust::insecure(const dns::Name& zone, dnssec::Finding finding) {
  ZoneTrust trust;
  trust.zone = zone;
  trust.finding = std::move(finding);
  return trust;
}

ZoneTrust ZoneTrust::bogus(const dns::Name& zone, dnssec::Finding finding) {
  ZoneTrust trust = insecure(zone, std::move(finding));
  trust.security = Security::Bogus;
  return trust;
}

ZoneTrusts::ZoneTrusts(const Options& options) : d_state(std::make_unique<State>(options)) {}
ZoneTrusts::~ZoneTrusts() = default;

void ZoneTrusts::adopt(const Options& options) {
  d_state->map.setMaxEntries(options.maxEntries);
  d_state->map.setMaxBytes(options.maxBytes);
}

ZoneTrustPtr ZoneTrusts::find(const dns::Name& zone, base::WallTime now) {
  const std::size_t hash = keyHash(zone, kZone);
  auto shard = d_state->map.lock(hash);
  const Entry* entry = shard.find(hash, [&](const Entry& e) { return e.trust->zone == zone; });
  return entry != nullptr && entry->trust->expires > now ? entry->trust : nullptr;
}

ZoneTrustPtr ZoneTrusts::deepest(const dns::Name& name, base::WallTime now) {
  for (dns::Name zone = name;; zone = zone.parent()) {
    if (ZoneTrustPtr found = find(zone, now); found || zone.isRoot()) {
      return found;
    }
  }
}

std::uint64_t ZoneTrusts::epoch() const { return d_state->epoch.load(); }

void ZoneTrusts::store(ZoneTrustPtr trust, std::uint64_t begun) {
  const std::size_t hash = keyHash(trust->zone, kZone);
  const dns::Name& zone = trust->zone;
  auto shard = d_state->map.lock(hash);
  if (d_state->epoch.load() != begun) {
    return;
  }
  if (Entry* old = shard.find(hash, [&](const Entry& e) { return e.trust->zone == zone; }); old != nullptr) {
    return shard.replace(old, Entry{std::move(trust)});
  }
  shard.insert(hash, Entry{std::move(trust)}, [](const Entry&) { return false; });
}

std::size_t ZoneTrusts::wipe(const dns::Name& name, bool subtree) {
  d_state->epoch.fetch_add(1);
  if (subtree) {
    return d_state->map.eraseIf([&](const Entry& e) { return e.trust->zone.isWithin(name); });
  }
  auto shard = d_state->map.lock(keyHash(name, kZone));
  return shard.eraseIf([&](const Entry& e) { return e.trust->zone == name; });
}

std::size_t ZoneTrusts::dump(std::FILE* out, base::WallTime now) const {
  std::fputs("; zone trust dump follows\n;\n", out);
  std::size_t lines = 0;
  for (std::size_t i = 0; i < d_state->map.shardCount(); ++i) {
    for (const Entry& entry : d_state->map.copyShard(i)) {
      const std::uint32_t left = secondsLeft(seconds(entry.trust->expires), seconds(now));
      std::fprintf(out, "%s %u %s\n", entry.trust->zone.text().c_str(), left, describe(*entry.trust).c_str());
      ++lines;
    }
  }
  return lines;
}

CachePiece<SavedInsecurity> ZoneTrusts::piece(const base::ShardPlace& from, base::WallTime now) const {
  return pieceOf<SavedInsecurity>(d_state->map, from, [&](const Entry& e, unsigned) -> std::optional<SavedInsecurity> {
    const ZoneTrust& trust = *e.trust;
    const bool plain = trust.security == Security::Insecure && !trust.waived && !trust.finding && trust.errors.empty();
    return plain && trust.expires > now ? std::optional(SavedInsecurity{trust.zone, trust.expires}) : std::nullopt;
  });
}

Restored ZoneTrusts::restore(const SavedInsecurity& saved, base::WallTime now) {
  if (saved.expires <= now) return Restored::Unfit;
  ZoneTrust trust = ZoneTrust::insecure(saved.zone);
  trust.expires = saved.expires;
  const std::size_t hash = keyHash(saved.zone, kZone);
  auto shard = d_state->map.lock(hash);
  if (shard.find(hash, [&](const Entry& e) { return e.trust->zone == saved.zone; }) != nullptr) {
    return Restored::Known;
  }
  Entry entry{std::make_shared<const ZoneTrust>(std::move(trust))};
  return shard.restore(hash, std::move(entry), base::Eviction::kHot) ? Restored::Yes : Restored::NoRoom;
}

std::size_t ZoneTrusts::entries() const { return d_state->map.entries(); }
std::size_t ZoneTrusts::bytes() const { return d_state->map.bytes(); }

} // namespace rec
