// Looking rules up, and changing them: see rpzrules.hh.
#include "recursor/policy/rpzrules.hh"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "lib/dns/fold.hh"

namespace rec {
namespace {

constexpr std::size_t kEntriesPerShard = 512; // on average, before all shards are split
constexpr unsigned kMaxBits = 16;

std::size_t at(PolicyTrigger trigger) { return static_cast<std::size_t>(trigger); }

bool isPrefix(PolicyTrigger trigger) { return trigger != PolicyTrigger::QName && trigger != PolicyTrigger::NsDName; }

std::size_t sizeOf(Octets records, std::size_t from) {
  return std::to_integer<std::size_t>(records[from + 2]) << 8 | std::to_integer<std::size_t>(records[from + 3]);
}

// How many octets of the rdata come before a name that fills the rest; nothing: there is none.
std::optional<std::size_t> nameAt(dns::RRType type) {
  switch (type) {
  case dns::RRType::CNAME:
  case dns::RRType::NS:
  case dns::RRType::PTR: return 0;
  case dns::RRType::MX: return 2;
  case dns::RRType::SRV: return 6;
  default: return std::nullopt;
  }
}

// Names in rdata are the same in any case (RFC 4034 6.2). Both have the same size and type.
bool sameRecord(const std::byte* one, const std::byte* other, std::size_t size) {
  const auto type =
      static_cast<dns::RRType>(std::to_integer<unsigned>(one[0]) << 8 | std::to_integer<unsigned>(one[1]));
  const std::size_t exact = std::min(size, nameAt(type) ? 4 + *nameAt(type) : size);
  return std::memcmp(one, other, exact) == 0 &&
         (exact == size || dns::equalFolded(one + exact, other + exact, size - exact));
}

// Where the record stands among those of a rule; their size when it does not.
std::size_t findRecord(Octets records, Octets record) {
  std::size_t from = 0;
  while (from < records.size()) {
    const std::size_t size = 4 + sizeOf(records, from);
    if (size == record.size() && sameRecord(records.data() + from, record.data(), size)) break;
    from += size;
  }
  return from;
}

std::vector<std::byte> recordOf(dns::RRType type, Octets rdata) {
  const auto number = static_cast<unsigned>(type);
  std::vector<std::byte> record(4 + rdata.size());
  record[0] = static_cast<std::byte>(number >> 8);
  record[1] = static_cast<std::byte>(number);
  record[2] = static_cast<std::byte>(rdata.size() >> 8);
  record[3] = static_cast<std::byte>(rdata.size());
  std::copy(rdata.begin(), rdata.end(), record.begin() + 4);
  return record;
}

} // namespace

std::optional<RpzFound> RpzRules::find(PolicyTrigger trigger, const dns::Name& name) const {
  if (d_rules[at(trigger)] == 0) return std::nullopt;
  std::array<std::byte, dns::kMaxNameSize> lower;
  const auto wire = name.wire();
  std::transform(wire.begin(), wire.end(), lower.begin(), dns::fold);
  const RpzNameHashes names(trigger, {lower.data(), wire.size()});
  for (std::size_t n = 0; n <= names.labels; ++n) shardOf(names.hashes[n]).prefetch(names.hashes[n]);
  for (std::size_t n = names.labels + 1; n-- > 0;) {
    const std::uint64_t hash = names.hashes[n];
    const Octets suffix{lower.data() + names.starts[n], wire.size() - names.starts[n]};
    RpzShard::Entry entry;
    if (!shardOf(hash).find(hash, trigger, suffix, d_usualTtl, entry)) continue;
    const bool wildcard = n < names.labels;
    const RpzSide& side = wildcard ? entry.wildcard : entry.exact;
    if (side.action != PolicyAction::None) return RpzFound{side, entry.key, wildcard};
  }
  return std::nullopt;
}

// Three steps of waiting, for all names each: the shard, its slot, the entry.
void RpzRules::prefetch(NameBatch& batch) const {
  batch.hashes.clear();
  for (NameBatch::Name& name : batch.names) {
    std::array<std::byte, dns::kMaxNameSize> lower;
    std::transform(name.wire.begin(), name.wire.end(), lower.begin(), dns::fold);
    const RpzNameHashes suffixes(PolicyTrigger::QName, {lower.data(), name.wire.size()});
    name.hashes = suffixes.labels;
    for (std::size_t n = 1; n <= suffixes.labels; ++n) {
      batch.hashes.push_back(suffixes.hashes[n]);
      __builtin_prefetch(&shardOf(suffixes.hashes[n]));
    }
  }
  for (const std::uint64_t hash : batch.hashes) shardOf(hash).prefetch(hash);
  auto hash = batch.hashes.begin();
  for (NameBatch::Name& name : batch.names) {
    for (const auto end = hash + static_cast<std::ptrdiff_t>(name.hashes); hash != end; ++hash) {
      name.found = shardOf(*hash).prefetchEntry(*hash) || name.found;
    }
  }
}

std::optional<RpzFound> RpzRules::find(PolicyTrigger trigger, const base::Address& address) const {
  if (d_rules[at(trigger)] == 0 || !address.valid()) return std::nullopt;
  const Prefixes& prefixes = d_prefixes[at(trigger)][address.isV6() ? 1 : 0];
  for (unsigned bits = address.isV6() ? 129 : 33; bits-- > 0;) {
    if (prefixes[bits] == 0) continue;
    const RpzKey key = RpzKey::ofPrefix(trigger, address, bits);
    const std::uint64_t hash = key.hash();
    RpzShard::Entry entry;
    if (!shardOf(hash).find(hash, key.octets(), d_usualTtl, entry)) continue;
    if (entry.exact.action != PolicyAction::None) return RpzFound{entry.exact, entry.key, false};
  }
  return std::nullopt;
}

std::size_t RpzRules::rules() const { return std::accumulate(d_rules.begin(), d_rules.end(), std::size_t{0}); }

void RpzRules::sumBytes() {
  d_bytes = sizeof *this + d_shards.capacity() * sizeof d_shards.front() + d_contested.size() * 48;
  for (const auto& shard : d_shards) d_bytes += shard->bytes();
}

void RpzRules::count(const RpzKey& key, int by) {
  d_rules[at(key.trigger())] += static_cast<std::size_t>(by);
  if (!isPrefix(key.trigger())) return;
  const bool v6 = (key.octets()[0] & std::byte{1}) != std::byte{0};
  d_prefixes[at(key.trigger())][v6 ? 1 : 0][std::to_integer<std::size_t>(key.octets()[1])] +=
      static_cast<std::uint32_t>(by);
}

RpzSize RpzRules::size() const {
  RpzSize size;
  for (const auto& shard : d_shards) {
    size.entries += shard->entries();
    size.octets += shard->octets();
  }
  return size;
}

RpzEditor::RpzEditor(const RpzRulesPtr& base, const RpzSize& expected)
    : d_rules(base ? std::make_shared<RpzRules>(*base) : std::make_shared<RpzRules>()) {
  if (base) {
    d_own.assign(d_rules->d_shards.size(), nullptr);
    d_entries = d_rules->size().entries;
  } else {
    makeShards(expected);
  }
}

// Each with room for its part, and a little more: shards that grow leave memory behind that nothing else fits into.
void RpzEditor::makeShards(const RpzSize& expected) {
  while (expected.entries > kEntriesPerShard << d_rules->d_bits && d_rules->d_bits < kMaxBits) ++d_rules->d_bits;
  const unsigned bits = d_rules->d_bits;
  for (std::size_t i = 0; i < std::size_t{1} << bits; ++i) {
    const auto shard = std::make_shared<RpzShard>();
    if (expected.entries > 0) shard->reserve(expected.entries >> bits, (expected.octets >> bits) * 9 / 8);
    d_own.push_back(shard.get());
    d_rules->d_shards.push_back(shard);
  }
}

RpzShard& RpzEditor::own(std::size_t index) {
  if (d_own[index] == nullptr) {
    const auto copy = std::make_shared<RpzShard>(*d_rules->d_shards[index]);
    d_own[index] = copy.get();
    d_rules->d_shards[index] = copy;
  }
  return *d_own[index];
}

// One after the other, so that nothing is there twice.
void RpzEditor::splitAll() {
  const std::size_t count = d_own.size();
  std::vector<std::shared_ptr<const RpzShard>> shards(2 * count);
  std::vector<RpzShard*> owned(2 * count);
  const std::uint64_t bit = std::uint64_t{1} << (63 - d_rules->d_bits);
  for (std::size_t i = 0; i < count; ++i) {
    const auto upper = std::make_shared<RpzShard>();
    own(i).split(bit, d_rules->d_usualTtl, *upper);
    owned[2 * i] = d_own[i];
    owned[2 * i + 1] = upper.get();
    shards[2 * i] = std::move(d_rules->d_shards[i]);
    shards[2 * i + 1] = upper;
  }
  d_own = std::move(owned);
  d_rules->d_shards = std::move(shards);
  ++d_rules->d_bits;
}

RpzEditor::Done RpzEditor::store(const RpzKey& key, std::uint64_t hash, const RpzShard::Entry& old, bool found,
                                 const RpzSide& side) {
  const std::size_t index = d_rules->indexOf(hash);
  RpzSide other = found ? (key.isWildcard() ? old.exact : old.wildcard) : RpzSide();
  const PolicyAction before = found ? (key.isWildcard() ? old.wildcard.action : old.exact.action) : PolicyAction::None;
  d_other.assign(other.records.begin(), other.records.end());
  other.records = d_other;
  RpzShard::Entry entry{key.octets(), key.isWildcard() ? other : side, key.isWildcard() ? side : other};
  RpzShard& shard = own(index);
  const std::size_t entries = shard.entries();
  if (!shard.put(hash, entry, d_rules->d_usualTtl)) return Done::Full;
  d_entries += shard.entries() - entries;
  d_rules->count(key, (side.action == PolicyAction::None ? 0 : 1) - (before == PolicyAction::None ? 0 : 1));
  if (d_entries > kEntriesPerShard << d_rules->d_bits && d_rules->d_bits < kMaxBits) splitAll();
  return Done::Yes;
}

RpzEditor::Done RpzEditor::add(const RpzKey& key, PolicyAction action, std::uint32_t ttl, dns::RRType type,
                               Octets rdata) {
  if (!d_rules->d_ttlKnown) {
    d_rules->d_usualTtl = ttl;
    d_rules->d_ttlKnown = true;
  }
  const std::uint64_t hash = key.hash();
  const Done done = addRule(key, hash, action, ttl, type, rdata);
  if (done == Done::Duplicate) d_rules->d_contested.insert(hash);
  return done;
}

RpzEditor::Done RpzEditor::addRule(const RpzKey& key, std::uint64_t hash, PolicyAction action, std::uint32_t ttl,
                                   dns::RRType type, Octets rdata) {
  RpzShard::Entry old;
  const bool found = d_rules->shardOf(hash).find(hash, key.octets(), d_rules->d_usualTtl, old);
  const RpzSide before = !found ? RpzSide() : key.isWildcard() ? old.wildcard : old.exact;
  RpzSide side{action, ttl, {}};
  if (before.action != PolicyAction::None) {
    if (before.action != PolicyAction::Custom || action != PolicyAction::Custom) return Done::Duplicate;
    side.ttl = std::min(ttl, before.ttl);
  }
  if (action == PolicyAction::Custom) {
    const auto record = recordOf(type, rdata);
    if (findRecord(before.records, record) < before.records.size()) return Done::Duplicate;
    d_scratch.assign(before.records.begin(), before.records.end());
    d_scratch.insert(d_scratch.end(), record.begin(), record.end());
    side.records = d_scratch;
  }
  return store(key, hash, old, found, side);
}

RpzEditor::Done RpzEditor::remove(const RpzKey& key, PolicyAction action, dns::RRType type, Octets rdata) {
  const std::uint64_t hash = key.hash();
  RpzShard::Entry old;
  const bool found = d_rules->shardOf(hash).find(hash, key.octets(), d_rules->d_usualTtl, old);
  const RpzSide before = !found ? RpzSide() : key.isWildcard() ? old.wildcard : old.exact;
  if (before.action != action || d_rules->d_contested.contains(hash)) return Done::Absent;
  RpzSide side;
  if (action == PolicyAction::Custom) {
    const auto record = recordOf(type, rdata);
    const std::size_t from = findRecord(before.records, record);
    if (from >= before.records.size()) return Done::Absent;
    d_scratch.assign(before.records.begin(), before.records.end());
    const auto first = d_scratch.begin() + static_cast<std::ptrdiff_t>(from);
    d_scratch.erase(first, first + static_cast<std::ptrdiff_t>(record.size()));
    if (!d_scratch.empty()) side = {PolicyAction::Custom, before.ttl, d_scratch};
  }
  return store(key, hash, old, found, side);
}

void RpzEditor::setSoa(const dns::RRset& soa) {
  d_rules->d_soa = soa;
  const auto data = dns::readSoa(soa.front());
  d_rules->d_serial = data ? data->serial : 0;
}

RpzRulesPtr RpzEditor::finish() {
  for (RpzShard* shard : d_own) {
    if (shard != nullptr) shard->tidy();
  }
  d_own.clear();
  d_rules->sumBytes();
  return std::move(d_rules);
}

} // namespace rec
