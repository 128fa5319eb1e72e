// WildcardProofs: a ShardMap by name and type.
#include "recursor/cache/wildcardproofs.hh"

#include "lib/base/shardmap.hh"
#include "recursor/cache/key.hh"

namespace rec {
namespace {

constexpr std::size_t kLabelsAt = 3; // in the rdata of an RRSIG

struct Entry {
  dns::Name name;
  dns::RRType type{};
  std::uint32_t expires = 0;
  std::vector<dns::RRset> proofs;

  [[nodiscard]] std::size_t heapBytes() const {
    std::size_t size = 0;
    for (const dns::RRset& proof : proofs) {
      size += sizeof proof + proof.memorySize();
    }
    return size;
  }
  [[nodiscard]] bool is(const dns::Name& wanted, dns::RRType wantedType) const {
    return type == wantedType && name == wanted;
  }
};

} // namespace

struct WildcardProofs::State {
  explicit State(const Options& options)
      : map({.shards = options.shards, .maxEntries = options.maxEntries, .maxBytes = options.maxBytes}) {}
  base::ShardMap<Entry> map;
};

WildcardProofs::WildcardProofs(const Options& options) : d_state(std::make_unique<State>(options)) {}
WildcardProofs::~WildcardProofs() = default;

void WildcardProofs::adopt(const Options& options) {
  d_state->map.setMaxEntries(options.maxEntries);
  d_state->map.setMaxBytes(options.maxBytes);
}

std::optional<std::vector<dns::RRset>> WildcardProofs::find(const dns::Name& name, dns::RRType type,
                                                            base::WallTime now) {
  const std::size_t hash = keyHash(name, type);
  auto shard = d_state->map.lock(hash);
  const Entry* entry = shard.find(hash, [&](const Entry& e) { return e.is(name, type); });
  return entry != nullptr && entry->expires > seconds(now) ? std::optional(entry->proofs) : std::nullopt;
}

void WildcardProofs::store(const dns::Name& name, dns::RRType type, std::vector<dns::RRset> proofs, std::uint32_t ttl,
                           base::WallTime now) {
  const std::size_t hash = keyHash(name, type);
  const std::uint32_t time = seconds(now);
  Entry fresh{name, type, addSeconds(time, ttl), std::move(proofs)};
  auto shard = d_state->map.lock(hash);
  if (Entry* old = shard.find(hash, [&](const Entry& e) { return e.is(name, type); }); old != nullptr) {
    return shard.replace(old, std::move(fresh));
  }
  shard.insert(hash, std::move(fresh), [&](const Entry& e) { return e.expires <= time; });
}

std::size_t WildcardProofs::wipe(const dns::Name& name, bool subtree) {
  if (subtree) {
    return d_state->map.eraseIf([&](const Entry& e) { return e.name.isWithin(name); });
  }
  auto shard = d_state->map.lock(keyHash(name, dns::RRType{0}));
  return shard.eraseIf([&](const Entry& e) { return e.name == name; });
}

CachePiece<SavedProofs> WildcardProofs::piece(const base::ShardPlace& from, base::WallTime now) const {
  const std::uint32_t time = seconds(now);
  return pieceOf<SavedProofs>(d_state->map, from, [&](const Entry& e, unsigned) -> std::optional<SavedProofs> {
    if (e.expires <= time) return std::nullopt;
    return SavedProofs{e.name, e.type, e.expires, e.proofs};
  });
}

Restored WildcardProofs::restore(SavedProofs saved, base::WallTime now) {
  if (saved.expires <= seconds(now)) return Restored::Unfit;
  const std::size_t hash = keyHash(saved.name, saved.type);
  auto shard = d_state->map.lock(hash);
  if (shard.find(hash, [&](const Entry& e) { return e.is(saved.name, saved.type); }) != nullptr) {
    return Restored::Known;
  }
  Entry entry{std::move(saved.name), saved.type, saved.expires, std::move(saved.proofs)};
  return shard.restore(hash, std::move(entry), base::Eviction::kHot) ? Restored::Yes : Restored::NoRoom;
}

bool isFromWildcard(const dns::RRset& set) {
  if (set.signatureCount() == 0) {
    return false;
  }
  const auto rdata = *set.signatures().begin();
  const dns::Name owner = set.owner();
  const std::size_t labels = owner.labelCount() - (owner.isWildcard() ? 1 : 0);
  return rdata.size() > kLabelsAt && std::to_integer<std::size_t>(rdata[kLabelsAt]) < labels;
}

} // namespace rec
