// The packet cache: a chained hash table over a flat array of entries; a second-chance clock hand over the same array
// chooses what goes. TTLs are lowered inside the entry, once a second at most, so that a hit is little but a copy.
#include "recursor/cache/packetcache.hh"

#include <algorithm>
#include <cstring>

#include "lib/dns/fold.hh"
#include "lib/dns/message.hh"

namespace rec {
namespace {

constexpr std::size_t kFirstBuckets = 1024;

std::uint16_t load16(const std::byte* at) {
  return static_cast<std::uint16_t>(std::to_integer<unsigned>(at[0]) << 8 | std::to_integer<unsigned>(at[1]));
}

std::uint32_t load32(const std::byte* at) { return static_cast<std::uint32_t>(load16(at)) << 16 | load16(at + 2); }

void store32(std::byte* at, std::uint32_t value) {
  for (unsigned i = 0; i < 4; ++i) {
    at[i] = static_cast<std::byte>(value >> (24 - 8 * i));
  }
}

std::uint64_t typeAndFlags(const PacketKey& key) {
  return static_cast<std::uint64_t>(key.type) << 32 | static_cast<std::uint64_t>(key.rrclass) << 8 | key.flags;
}

} // namespace

std::uint64_t PacketCache::hashOf(const PacketKey& key) {
  return base::mix(dns::hashFolded(key.name.data(), key.name.size()) ^ typeAndFlags(key), base::hashSeeds().c);
}

// The question stands in the stored message, right behind the header.
bool PacketCache::matches(const Entry& entry, const PacketKey& key) {
  if (entry.flags != key.flags || entry.nameSize != key.name.size()) {
    return false;
  }
  const std::byte* question = entry.block.get() + dns::kHeaderSize;
  const std::byte* behindName = question + entry.nameSize;
  return load16(behindName) == static_cast<std::uint16_t>(key.type) &&
         load16(behindName + 2) == static_cast<std::uint16_t>(key.rrclass) &&
         dns::equalFolded(question, key.name.data(), entry.nameSize);
}

void PacketCache::age(Entry& entry, base::WallTime now) {
  const auto by = static_cast<std::uint64_t>((now - entry.aged).count());
  const std::byte* offsets = entry.block.get() + entry.size;
  for (std::size_t i = 0; i < entry.ttlCount; ++i) {
    std::uint16_t offset = 0;
    std::memcpy(&offset, offsets + 2 * i, sizeof offset);
    std::byte* at = entry.block.get() + offset;
    const std::uint32_t ttl = load32(at);
    store32(at, ttl > by ? static_cast<std::uint32_t>(ttl - by) : 0);
  }
  entry.aged = now;
}

// What a hit has to do once a second only. Whether it is time to renew the answer.
bool PacketCache::newSecond(Entry& entry, base::WallTime now) const {
  if (now - entry.aged > std::chrono::seconds(d_options.steadySeconds)) {
    entry.hits = 1;
  }
  age(entry, now);
  const auto left = static_cast<std::uint64_t>((entry.expires - now).count());
  if (left > entry.renewal.before || entry.hits < entry.renewal.hits) {
    return false;
  }
  entry.renewal.before = static_cast<std::uint16_t>(left / 2);
  return true;
}

std::size_t PacketCache::cost(const Entry& entry) {
  return sizeof(Entry) + sizeof(std::uint32_t) + entry.size + 2U * entry.ttlCount;
}

std::uint32_t PacketCache::lookUp(const PacketKey& key, std::uint64_t hash) const {
  if (d_buckets.empty()) {
    return kNone;
  }
  std::uint32_t index = d_buckets[hash & (d_buckets.size() - 1)];
  while (index != kNone && !(d_entries[index].hash == hash && matches(d_entries[index], key))) {
    index = d_entries[index].next;
  }
  return index;
}

void PacketCache::prefetch(std::uint64_t hash) const {
  if (!d_buckets.empty()) {
    __builtin_prefetch(&d_buckets[hash & (d_buckets.size() - 1)]);
  }
}

void PacketCache::prefetchEntry(std::uint64_t hash) const {
  const std::uint32_t index = d_buckets.empty() ? kNone : d_buckets[hash & (d_buckets.size() - 1)];
  if (index != kNone) {
    __builtin_prefetch(&d_entries[index]);
  }
}

PacketCache::Hit PacketCache::find(const PacketKey& key, std::uint64_t hash, base::WallTime now) {
  const std::uint32_t index = lookUp(key, hash);
  if (index == kNone || d_entries[index].expires <= now) {
    return {};
  }
  Entry& entry = d_entries[index];
  entry.referenced = true;
  entry.hits = static_cast<std::uint16_t>(entry.hits + (entry.hits < UINT16_MAX ? 1 : 0));
  const bool renew = now > entry.aged && newSecond(entry, now);
  const auto rcode = static_cast<dns::RCode>(std::to_integer<unsigned>(entry.block[3]) & 15U);
  return {{entry.block.get(), entry.size}, rcode, renew};
}

std::uint16_t PacketCache::inheritedHits(std::uint32_t old, base::WallTime now) const {
  const bool isSteady = old != kNone && now - d_entries[old].aged <= std::chrono::seconds(d_options.steadySeconds);
  return static_cast<std::uint16_t>(isSteady ? d_entries[old].hits / 2 : 0);
}

void PacketCache::store(const PacketKey& key, std::span<const std::byte> message,
                        std::span<const std::uint16_t> ttlOffsets, std::uint32_t ttl, base::WallTime now,
                        RenewalPlan renewal) {
  const std::uint64_t hash = hashOf(key);
  const std::uint32_t old = lookUp(key, hash);
  const std::uint16_t hits = inheritedHits(old, now);
  if (old != kNone) {
    remove(old);
  }
  const bool tooLong = d_options.maxEntrySize != 0 && message.size() > d_options.maxEntrySize;
  if (ttl == 0 || tooLong || d_options.maxEntries == 0 || message.size() > dns::kMaxMessageSize) {
    return;
  }
  const std::size_t needed = sizeof(Entry) + sizeof(std::uint32_t) + message.size() + 2 * ttlOffsets.size();
  while (entries() > 0 && (entries() >= d_options.maxEntries || bytes() + needed > d_options.maxBytes)) {
    evictOne(now);
  }
  const std::uint32_t index = take();
  Entry& entry = d_entries[index];
  entry.block = std::make_unique_for_overwrite<std::byte[]>(message.size() + 2 * ttlOffsets.size());
  std::memcpy(entry.block.get(), message.data(), message.size());
  if (!ttlOffsets.empty()) {
    std::memcpy(entry.block.get() + message.size(), ttlOffsets.data(), 2 * ttlOffsets.size());
  }
  entry.hash = hash;
  entry.expires = now + std::chrono::seconds(ttl);
  entry.aged = now;
  entry.size = static_cast<std::uint16_t>(message.size());
  entry.ttlCount = static_cast<std::uint16_t>(ttlOffsets.size());
  entry.nameSize = static_cast<std::uint16_t>(key.name.size());
  entry.flags = key.flags;
  entry.hits = static_cast<std::uint16_t>(hits + 1);
  entry.renewal = renewal;
  entry.referenced = false;
  link(index);
}

std::uint32_t PacketCache::take() {
  if (d_free != kNone) {
    const std::uint32_t index = d_free;
    d_free = d_entries[index].next;
    return index;
  }
  d_entries.emplace_back();
  return static_cast<std::uint32_t>(d_entries.size() - 1);
}

void PacketCache::link(std::uint32_t index) {
  if (entries() >= d_buckets.size()) {
    grow();
  }
  Entry& entry = d_entries[index];
  std::uint32_t& head = bucket(entry.hash);
  entry.next = head;
  head = index;
  account(entries() + 1, bytes() + cost(entry));
}

void PacketCache::account(std::size_t used, std::size_t bytes) {
  d_used.store(used, std::memory_order_relaxed);
  d_bytes.store(bytes, std::memory_order_relaxed);
}

// Entries that are not linked (free, or just being stored) have no bucket yet or keep their chain of free ones.
void PacketCache::grow() {
  std::vector<std::uint32_t> old(std::max(kFirstBuckets, d_buckets.size() * 2), kNone);
  old.swap(d_buckets);
  for (std::uint32_t index : old) {
    while (index != kNone) {
      const std::uint32_t next = d_entries[index].next;
      std::uint32_t& head = bucket(d_entries[index].hash);
      d_entries[index].next = head;
      head = index;
      index = next;
    }
  }
}

void PacketCache::remove(std::uint32_t index) {
  Entry& entry = d_entries[index];
  std::uint32_t* at = &bucket(entry.hash);
  while (*at != index) {
    at = &d_entries[*at].next;
  }
  *at = entry.next;
  account(entries() - 1, bytes() - cost(entry));
  entry.block.reset();
  entry.next = d_free;
  d_free = index;
}

void PacketCache::evictOne(base::WallTime now) {
  while (true) {
    d_hand = d_hand + 1 < d_entries.size() ? d_hand + 1 : 0;
    Entry& entry = d_entries[d_hand];
    if (entry.block && (!entry.referenced || entry.expires <= now)) {
      remove(static_cast<std::uint32_t>(d_hand));
      return;
    }
    entry.referenced = false;
  }
}

std::size_t PacketCache::wipe(const dns::Name& name, bool subtree) {
  const std::size_t before = entries();
  for (std::uint32_t index = 0; index < d_entries.size(); ++index) {
    const Entry& entry = d_entries[index];
    if (!entry.block) {
      continue;
    }
    const dns::Name question = dns::Name::fromWire({entry.block.get() + dns::kHeaderSize, entry.nameSize});
    if (subtree ? question.isWithin(name) : question == name) {
      remove(index);
    }
  }
  return before - entries();
}

std::size_t PacketCache::dump(std::FILE* out, base::WallTime now) const {
  std::size_t lines = 0;
  for (const Entry& entry : d_entries) {
    if (!entry.block || entry.expires <= now) {
      continue;
    }
    const std::byte* question = entry.block.get() + dns::kHeaderSize;
    const dns::Name name = dns::Name::fromWire({question, entry.nameSize});
    const auto type = static_cast<dns::RRType>(load16(question + entry.nameSize));
    std::fprintf(out, "%s %lld %s  ; size %u flags %u%s\n", name.text().c_str(),
                 static_cast<long long>((entry.expires - now).count()), dns::text(type).c_str(), entry.size,
                 entry.flags, (entry.flags & PacketKey::OverTcp) != 0 ? " tcp" : "");
    ++lines;
  }
  return lines;
}

void PacketCache::setMaxEntries(std::size_t maxEntries) {
  d_options.maxEntries = maxEntries;
  while (entries() > maxEntries) {
    evictOne(base::WallTime{});
  }
}

} // namespace rec
