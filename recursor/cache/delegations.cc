// Delegations: two ShardMaps by zone, one of what the parent side gave and one of what is configured, which nothing
// evicts. find() walks up the labels and looks into both at each.
#include "recursor/cache/delegations.hh"

#include <atomic>
#include <string>

#include "lib/base/shardmap.hh"
#include "recursor/cache/key.hh"

namespace rec {
namespace {

constexpr dns::RRType kCut = dns::RRType::NS;
constexpr std::size_t kFixedShards = 64;

struct Entry {
  DelegationPtr delegation;

  [[nodiscard]] const dns::Name& zone() const { return delegation->zone; }
  [[nodiscard]] std::size_t heapBytes() const {
    if (!delegation) {
      return 0;
    }
    std::size_t size = sizeof(Delegation) + delegation->servers.size() * sizeof(NameServer);
    for (const NameServer& server : delegation->servers) {
      size += server.glue.size() * sizeof(base::Address);
    }
    for (const dns::RRset& set : delegation->security) {
      size += sizeof set + set.memorySize();
    }
    return size;
  }
};

class CutMap {
 public:
  CutMap(std::size_t shards, std::size_t maxEntries, std::size_t maxBytes)
      : d_map({.shards = shards, .maxEntries = maxEntries, .maxBytes = maxBytes}) {}

  [[nodiscard]] DelegationPtr at(const dns::Name& zone) const {
    const std::size_t hash = keyHash(zone, kCut);
    auto shard = d_map.lock(hash);
    const Entry* entry = shard.find(hash, [&](const Entry& e) { return e.zone() == zone; });
    return entry != nullptr ? entry->delegation : nullptr;
  }

  // True when the zone was not there before.
  bool store(DelegationPtr delegation) {
    const std::size_t hash = keyHash(delegation->zone, kCut);
    auto shard = d_map.lock(hash);
    if (Entry* old = shard.find(hash, [&](const Entry& e) { return e.zone() == delegation->zone; }); old != nullptr) {
      shard.replace(old, Entry{std::move(delegation)});
      return false;
    }
    return shard.insert(hash, Entry{std::move(delegation)}, [](const Entry&) { return false; });
  }

  Restored restore(DelegationPtr delegation) {
    const std::size_t hash = keyHash(delegation->zone, kCut);
    auto shard = d_map.lock(hash);
    if (shard.find(hash, [&](const Entry& e) { return e.zone() == delegation->zone; }) != nullptr) {
      return Restored::Known;
    }
    return shard.restore(hash, Entry{std::move(delegation)}, base::Eviction::kHot) ? Restored::Yes : Restored::NoRoom;
  }

  std::size_t wipe(const dns::Name& name, bool subtree) {
    if (subtree) {
      return d_map.eraseIf([&](const Entry& e) { return e.zone().isWithin(name); });
    }
    auto shard = d_map.lock(keyHash(name, kCut));
    return shard.eraseIf([&](const Entry& e) { return e.zone() == name; });
  }

  void limit(std::size_t maxEntries, std::size_t maxBytes) {
    d_map.setMaxEntries(maxEntries);
    d_map.setMaxBytes(maxBytes);
  }

  [[nodiscard]] const base::ShardMap<Entry>& map() const { return d_map; }

 private:
  base::ShardMap<Entry> d_map;
};

std::size_t dumpDelegation(std::FILE* out, const Delegation& delegation, std::uint32_t now) {
  const std::uint32_t left = delegation.fixed ? 0 : secondsLeft(seconds(delegation.expires), now);
  for (const NameServer& server : delegation.servers) {
    std::string glue;
    for (const base::Address& address : server.glue) {
      glue += ' ' + address.textWithPort();
    }
    std::fprintf(out, "%s %u IN NS %s ;%s%s\n", delegation.zone.text().c_str(), left, server.name.text().c_str(),
                 delegation.fixed ? " fixed" : "", glue.c_str());
  }
  return delegation.servers.size();
}

std::size_t dumpMap(std::FILE* out, const base::ShardMap<Entry>& map, std::uint32_t now) {
  std::size_t lines = 0;
  for (std::size_t i = 0; i < map.shardCount(); ++i) {
    const std::vector<Entry> entries = map.copyShard(i);
    for (const Entry& entry : entries) {
      lines += dumpDelegation(out, *entry.delegation, now);
    }
  }
  return lines;
}

} // namespace

struct Delegations::State {
  explicit State(const Options& options)
      : learned(options.shards, options.maxEntries, options.maxBytes),
        fixed(kFixedShards, kFixedShards << 20, SIZE_MAX) {}

  [[nodiscard]] DelegationPtr learnedAt(const dns::Name& zone, base::WallTime now) const {
    DelegationPtr found = learned.at(zone);
    return found && found->expires > now ? found : nullptr;
  }

  [[nodiscard]] DelegationPtr at(const dns::Name& zone, base::WallTime now) const {
    if (zone.isRoot()) {
      DelegationPtr primed = learnedAt(zone, now);
      return primed ? primed : fixed.at(zone);
    }
    DelegationPtr configured = fixedBelowRoot.load(std::memory_order_relaxed) > 0 ? fixed.at(zone) : nullptr;
    return configured ? configured : learnedAt(zone, now);
  }

  CutMap learned;
  CutMap fixed;
  std::atomic<std::size_t> fixedBelowRoot{0}; // spares the look into `fixed` when there are only hints
};

Delegations::Delegations(const Options& options) : d_state(std::make_unique<State>(options)) {}
Delegations::~Delegations() = default;

void Delegations::adopt(const Options& options) { d_state->learned.limit(options.maxEntries, options.maxBytes); }

DelegationPtr Delegations::find(const dns::Name& name, base::WallTime now, bool above) {
  if (above && name.isRoot()) {
    return nullptr;
  }
  for (dns::Name zone = above ? name.parent() : name;; zone = zone.parent()) {
    if (DelegationPtr found = d_state->at(zone, now); found || zone.isRoot()) {
      return found;
    }
  }
}

void Delegations::store(DelegationPtr stored) {
  if (!stored->fixed) {
    d_state->learned.store(std::move(stored));
    return;
  }
  const bool belowRoot = !stored->zone.isRoot();
  if (d_state->fixed.store(std::move(stored)) && belowRoot) {
    ++d_state->fixedBelowRoot;
  }
}

void Delegations::clearFixed() {
  d_state->fixed.wipe(dns::Name(), true);
  d_state->fixedBelowRoot = 0;
}

std::size_t Delegations::wipe(const dns::Name& name, bool subtree) { return d_state->learned.wipe(name, subtree); }

std::size_t Delegations::dump(std::FILE* out, base::WallTime now) const {
  std::fputs("; delegation dump follows\n;\n", out);
  const std::size_t fixed = dumpMap(out, d_state->fixed.map(), seconds(now));
  return fixed + dumpMap(out, d_state->learned.map(), seconds(now));
}

CachePiece<DelegationPtr> Delegations::piece(const base::ShardPlace& from, base::WallTime now) const {
  return pieceOf<DelegationPtr>(d_state->learned.map(), from,
                                [&](const Entry& e, unsigned) -> std::optional<DelegationPtr> {
                                  return e.delegation->expires > now ? std::optional(e.delegation) : std::nullopt;
                                });
}

Restored Delegations::restore(DelegationPtr saved, base::WallTime now) {
  return saved->expires > now ? d_state->learned.restore(std::move(saved)) : Restored::Unfit;
}

std::size_t Delegations::entries() const { return d_state->learned.map().entries() + d_state->fixed.map().entries(); }
std::size_t Delegations::bytes() const { return d_state->learned.map().bytes() + d_state->fixed.map().bytes(); }

} // namespace rec
