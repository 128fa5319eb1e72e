// PacketCache: whole encoded answers of one worker, found by the raw question. The hot path looks here first: one
// probe, no lock, no allocation on a hit. Never shared between threads; never looks inside an answer but at its TTLs.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <span>
#include <vector>

#include "lib/base/clock.hh"
#include "lib/dns/name.hh"
#include "lib/dns/types.hh"

namespace rec {

// What of a question decides its answer. `name` is uncompressed wire form in any case and is not copied.
struct PacketKey {
  enum Flag : std::uint8_t {
    DnssecOk = 1,
    CheckingDisabled = 2,
    RecursionDesired = 4,
    HasEdns = 8,
    OverTcp = 16,
    AuthenticData = 32
  };

  std::span<const std::byte> name;
  dns::RRType type{};
  dns::RRClass rrclass = dns::RRClass::IN;
  std::uint8_t flags = 0;
};

// When an answer deserves to be fetched anew before it expires: prefetching.
struct RenewalPlan {
  std::uint16_t before = 0; // seconds before it leaves the packet cache; 0: never
  std::uint16_t hits = 0;   // so often it has to have been asked for by then, storing it included
};

class PacketCache {
 public:
  struct Options {
    std::size_t maxEntries = 500'000; // of this worker; 0 keeps nothing
    std::size_t maxBytes = std::size_t{1} << 26;
    std::size_t maxEntrySize = 8192;    // octets of an answer; 0 is no limit
    std::uint32_t steadySeconds = 3600; // a longer pause between two questions, and the hits are counted anew
  };
  struct Hit {
    std::span<const std::byte> message; // TTLs are those of now; valid until the next call; empty: not there
    dns::RCode rcode = dns::RCode::NoError;
    bool renew = false; // popular and about to expire. Told once, and again when half of the time left is over
  };

  explicit PacketCache(const Options& options) : d_options(options) {}

  [[nodiscard]] Hit find(const PacketKey& key, base::WallTime now) { return find(key, hashOf(key), now); }
  // find() in steps, for who answers a batch: hash all, prefetch() all, prefetchEntry() all, then find() each. The
  // first begins to load where the entry is noted, the second reads that and begins to load the entry.
  [[nodiscard]] static std::uint64_t hashOf(const PacketKey& key);
  void prefetch(std::uint64_t hash) const;
  void prefetchEntry(std::uint64_t hash) const;
  [[nodiscard]] Hit find(const PacketKey& key, std::uint64_t hash, base::WallTime now);
  // `message` answers `key`; `ttlOffsets` are the places of its TTL fields; it may be used for `ttl` seconds. Half of
  // the hits of an answer that it replaces are taken over.
  void store(const PacketKey& key, std::span<const std::byte> message, std::span<const std::uint16_t> ttlOffsets,
             std::uint32_t ttl, base::WallTime now, RenewalPlan renewal = {});

  // Answers to questions for the name, or for it and all below it. Returns how many went.
  std::size_t wipe(const dns::Name& name, bool subtree);
  // A line for each answer: name, type, seconds left, size. Returns how many.
  std::size_t dump(std::FILE* out, base::WallTime now) const;
  void setMaxEntries(std::size_t maxEntries);

  // Any thread may ask these two.
  [[nodiscard]] std::size_t entries() const { return d_used.load(std::memory_order_relaxed); }
  [[nodiscard]] std::size_t bytes() const { return d_bytes.load(std::memory_order_relaxed); }

 private:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  struct Entry {
    std::unique_ptr<std::byte[]> block; // the message, then the TTL offsets; null: a free entry
    std::uint64_t hash = 0;
    base::WallTime expires{};
    base::WallTime aged{};      // the TTLs in the block are right for this second
    std::uint32_t next = kNone; // in the chain of its bucket, or of free entries
    std::uint16_t size = 0;     // of the message
    std::uint16_t ttlCount = 0;
    std::uint16_t nameSize = 0;
    std::uint16_t hits = 0; // no more than fit
    RenewalPlan renewal;
    std::uint8_t flags = 0;
    bool referenced = false; // found since the clock hand passed
  };

  static bool matches(const Entry& entry, const PacketKey& key);
  static void age(Entry& entry, base::WallTime now);
  [[nodiscard]] bool newSecond(Entry& entry, base::WallTime now) const;
  [[nodiscard]] std::uint16_t inheritedHits(std::uint32_t old, base::WallTime now) const;
  static std::size_t cost(const Entry& entry);
  [[nodiscard]] std::uint32_t& bucket(std::uint64_t hash) { return d_buckets[hash & (d_buckets.size() - 1)]; }
  [[nodiscard]] std::uint32_t lookUp(const PacketKey& key, std::uint64_t hash) const;
  std::uint32_t take(); // a free entry
  void link(std::uint32_t index);
  void remove(std::uint32_t index);
  void account(std::size_t used, std::size_t bytes);
  void evictOne(base::WallTime now);
  void grow();

  Options d_options;
  std::vector<std::uint32_t> d_buckets; // a power of two: first entry of each chain
  std::vector<Entry> d_entries;
  std::uint32_t d_free = kNone;
  std::size_t d_hand = 0;             // second-chance clock over d_entries
  std::atomic<std::size_t> d_used{0}; // written by the owning thread only
  std::atomic<std::size_t> d_bytes{0};
};

} // namespace rec
