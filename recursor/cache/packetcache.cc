// The packet cache: FlatTables of one block each answer. TTLs are lowered inside the block, once a second at most, so
// that a hit is little but a copy.
#include "recursor/cache/packetcache.hh"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

#include "lib/dns/fold.hh"
#include "lib/dns/message.hh"
#include "recursor/cache/key.hh"

namespace rec {
namespace {

constexpr std::size_t kTableEntries = 512, kTableBytes = std::size_t{1} << 16, kMostTables = 1024;

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

PacketCache::PacketCache(const Options& options)
    : d_options(options),
      d_tableCount(std::clamp<std::size_t>(std::min(options.maxEntries / kTableEntries, options.maxBytes / kTableBytes),
                                           1, kMostTables)),
      d_tables(std::make_unique<Table[]>(d_tableCount)) {
  for (std::size_t i = 0; i < d_tableCount; ++i) {
    d_tables[i].setStrategy(options.eviction);
  }
}

PacketCache::Table::Bounds PacketCache::bounds() const {
  return {(d_options.maxEntries + d_tableCount - 1) / d_tableCount, d_options.maxBytes / d_tableCount, true};
}

// The question stands in the stored message, right behind the header.
std::span<const std::byte> PacketCache::Block::name() const { return {message() + dns::kHeaderSize, nameSize}; }
dns::RRType PacketCache::Block::type() const {
  return static_cast<dns::RRType>(load16(message() + dns::kHeaderSize + nameSize));
}

std::uint32_t PacketCache::Block::tag() const {
  std::uint32_t tag = 0;
  if ((flags & PacketKey::Tagged) != 0) {
    std::memcpy(&tag, message() + size + 2U * ttlCount, sizeof tag);
  }
  return tag;
}

void PacketCache::Free::operator()(Block* block) const { std::free(block); }

std::size_t PacketCache::Entry::heapBytes() const {
  return block ? base::allocatedSize(blockSize(block->size, block->ttlCount, (block->flags & PacketKey::Tagged) != 0))
               : 0;
}

std::size_t PacketCache::blockSize(std::size_t message, std::size_t ttls, bool tagged) {
  return sizeof(Block) + message + 2 * ttls + (tagged ? sizeof(std::uint32_t) : 0);
}

std::uint64_t PacketCache::hashOf(const PacketKey& key) {
  return base::mix(dns::hashFolded(key.name.data(), key.name.size()) ^ typeAndFlags(key), base::hashSeeds().c);
}

std::uint64_t PacketCache::hashOf(const PacketKey& key, std::uint32_t tag) {
  return tag == 0 ? hashOf(key) : base::mix(hashOf(key) ^ tag, base::hashSeeds().c);
}

bool PacketCache::matches(const Entry& entry, const PacketKey& key) {
  const Block& block = *entry.block;
  if (block.flags != key.flags || block.nameSize != key.name.size()) {
    return false;
  }
  const std::span<const std::byte> name = block.name();
  return block.type() == key.type && load16(name.data() + name.size() + 2) == static_cast<std::uint16_t>(key.rrclass) &&
         dns::equalFolded(name.data(), key.name.data(), name.size());
}

void PacketCache::age(Entry& entry, std::uint32_t now) {
  const std::uint32_t by = now - entry.aged;
  std::byte* message = entry.block->message();
  const std::byte* offsets = message + entry.block->size;
  for (std::size_t i = 0; i < entry.block->ttlCount; ++i) {
    std::uint16_t offset = 0;
    std::memcpy(&offset, offsets + 2 * i, sizeof offset);
    const std::uint32_t ttl = load32(message + offset);
    store32(message + offset, ttl > by ? ttl - by : 0);
  }
  entry.aged = now;
}

// What a hit has to do once a second only. Whether it is time to renew the answer.
bool PacketCache::newSecond(Entry& entry, std::uint32_t now) const {
  Block& block = *entry.block;
  if (now - entry.aged > d_options.steadySeconds) {
    block.hits = 1;
  }
  age(entry, now);
  const std::uint32_t left = entry.expires - now;
  if (left > block.renewal.before || block.hits < block.renewal.hits) {
    return false;
  }
  block.renewal.before = static_cast<std::uint16_t>(left / 2);
  return true;
}

void PacketCache::prefetch(std::uint64_t hash) const { table(hash).prefetch(Table::tagOf(hash)); }

void PacketCache::prefetchEntry(std::uint64_t hash) const {
  if (const Entry* entry = table(hash).guess(Table::tagOf(hash)); entry != nullptr) {
    __builtin_prefetch(entry->block.get());
  }
}

PacketCache::Hit PacketCache::find(const PacketKey& key, std::uint64_t hash, base::WallTime now) {
  Entry* entry = table(hash).find(Table::tagOf(hash), [&](const Entry& e) { return matches(e, key); });
  const std::uint32_t time = seconds(now);
  if (entry == nullptr || entry->expires <= time) {
    return {};
  }
  return use(*entry, time);
}

PacketCache::Hit PacketCache::findTagged(PacketKey key, std::uint32_t tag, base::WallTime now) {
  if (tag == 0) {
    return find(key, now);
  }
  key.flags |= PacketKey::Tagged;
  const std::uint64_t hash = hashOf(key, tag);
  Entry* entry =
      table(hash).find(Table::tagOf(hash), [&](const Entry& e) { return matches(e, key) && e.block->tag() == tag; });
  const std::uint32_t time = seconds(now);
  return entry == nullptr || entry->expires <= time ? Hit() : use(*entry, time);
}

inline PacketCache::Hit PacketCache::use(Entry& entry, std::uint32_t time) {
  Block& block = *entry.block;
  block.hits = static_cast<std::uint16_t>(block.hits + (block.hits < UINT16_MAX ? 1 : 0));
  const bool renew = time > entry.aged && newSecond(entry, time);
  const auto rcode = static_cast<dns::RCode>(std::to_integer<unsigned>(block.message()[3]) & 15U);
  return {{block.message(), block.size}, rcode, renew};
}

std::uint16_t PacketCache::inheritedHits(const Entry* old, std::uint32_t now) const {
  const bool isSteady = old != nullptr && now <= std::uint64_t{old->aged} + d_options.steadySeconds;
  return static_cast<std::uint16_t>(isSteady ? old->block->hits / 2 : 0);
}

void PacketCache::store(const PacketKey& plain, std::span<const std::byte> message,
                        std::span<const std::uint16_t> ttlOffsets, std::uint32_t ttl, base::WallTime now,
                        RenewalPlan renewal, std::uint32_t scriptTag, bool madeByPolicy) {
  PacketKey key = plain;
  key.flags |= scriptTag == 0 ? 0 : PacketKey::Tagged;
  const std::uint64_t hash = hashOf(key, scriptTag);
  const std::uint32_t tag = Table::tagOf(hash);
  Table& home = table(hash);
  Entry* old = home.find(tag, [&](const Entry& e) { return matches(e, key) && e.block->tag() == scriptTag; });
  const bool tooLong = d_options.maxEntrySize != 0 && message.size() > d_options.maxEntrySize;
  if (ttl == 0 || tooLong || d_options.maxEntries == 0 || message.size() > dns::kMaxMessageSize) {
    if (old != nullptr) {
      home.erase(old);
    }
    return;
  }
  const std::uint32_t time = seconds(now);
  const std::uint16_t hits = inheritedHits(old, time);
  const auto make = [&] {
    Entry fresh = makeEntry(key, message, ttlOffsets, scriptTag);
    fresh.expires = addSeconds(time, ttl);
    fresh.aged = time;
    fresh.block->renewal = renewal;
    fresh.block->madeByPolicy = madeByPolicy ? 1 : 0;
    fresh.block->hits = static_cast<std::uint16_t>(hits + 1);
    return fresh;
  };
  if (old != nullptr) {
    return home.replace(old, make());
  }
  const std::size_t heap = base::allocatedSize(blockSize(message.size(), ttlOffsets.size(), scriptTag != 0));
  home.insertMade(tag, heap, make, bounds(), [time](const Entry& e) { return e.expires <= time; });
}

PacketCache::Entry PacketCache::makeEntry(const PacketKey& key, std::span<const std::byte> message,
                                          std::span<const std::uint16_t> ttlOffsets, std::uint32_t tag) {
  void* memory = std::malloc(blockSize(message.size(), ttlOffsets.size(), tag != 0));
  if (memory == nullptr) {
    throw std::bad_alloc();
  }
  auto* block = new (memory) Block{.size = static_cast<std::uint16_t>(message.size()),
                                   .ttlCount = static_cast<std::uint16_t>(ttlOffsets.size() & 0x7FFF),
                                   .madeByPolicy = 0,
                                   .renewal = {},
                                   .hits = 0,
                                   .nameSize = static_cast<std::uint8_t>(key.name.size()),
                                   .flags = key.flags};
  std::memcpy(block->message(), message.data(), message.size());
  if (!ttlOffsets.empty()) {
    std::memcpy(block->message() + message.size(), ttlOffsets.data(), 2 * ttlOffsets.size());
  }
  if (tag != 0) {
    std::memcpy(block->message() + message.size() + 2 * ttlOffsets.size(), &tag, sizeof tag);
  }
  return {.block = std::unique_ptr<Block, Free>(block)};
}

std::size_t PacketCache::wipe(const dns::Name& name, bool subtree) {
  std::size_t gone = 0;
  for (std::size_t i = 0; i < d_tableCount; ++i) {
    gone += d_tables[i].eraseIf([&](const Entry& entry) {
      const dns::Name question = dns::Name::fromWire(entry.block->name());
      return subtree ? question.isWithin(name) : question == name;
    });
  }
  return gone;
}

bool PacketCache::wipePart(std::size_t part) {
  if (part >= d_tableCount) {
    return false;
  }
  static_cast<void>(d_tables[part].eraseIf([](const Entry&) { return true; }));
  return true;
}

bool PacketCache::wipePart(std::size_t part, const Chosen& chosen) {
  if (part >= d_tableCount) {
    return false;
  }
  static_cast<void>(d_tables[part].eraseIf([&](const Entry& entry) {
    const Block& block = *entry.block;
    return chosen({block.message(), block.size}, block.madeByPolicy != 0);
  }));
  return true;
}

std::size_t PacketCache::dump(std::FILE* out, base::WallTime now) const {
  const std::uint32_t time = seconds(now);
  std::size_t lines = 0;
  const auto write = [&](const Entry& entry) {
    const Block& block = *entry.block;
    if (entry.expires <= time) {
      return;
    }
    std::fprintf(out, "%s %u %s  ; size %u flags %u%s\n", dns::Name::fromWire(block.name()).text().c_str(),
                 entry.expires - time, dns::text(block.type()).c_str(), block.size, block.flags,
                 (block.flags & PacketKey::OverTcp) != 0 ? " tcp" : "");
    ++lines;
  };
  for (std::size_t i = 0; i < d_tableCount; ++i) {
    d_tables[i].forEach(write);
  }
  return lines;
}

void PacketCache::adopt(const Options& options) {
  d_options.maxBytes = options.maxBytes;
  d_options.maxEntrySize = options.maxEntrySize;
  d_options.steadySeconds = options.steadySeconds;
  setMaxEntries(options.maxEntries);
}

void PacketCache::setMaxEntries(std::size_t maxEntries) {
  d_options.maxEntries = maxEntries;
  for (std::size_t i = 0; i < d_tableCount; ++i) {
    d_tables[i].shrinkTo(maxEntries == 0 ? 0 : bounds().maxEntries);
  }
}

std::size_t PacketCache::entries() const { return sum(&Table::entries); }
std::size_t PacketCache::bytes() const { return sum(&Table::bytes); }
std::uint64_t PacketCache::evicted() const { return sum(&Table::evicted); }

} // namespace rec
