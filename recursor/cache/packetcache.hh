// PacketCache: whole encoded answers of one worker, found by the raw question. The hot path looks here first: one
// probe, no lock, no allocation on a hit. Never shared between threads; never looks inside an answer but at its TTLs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <span>

#include "lib/base/clock.hh"
#include "lib/base/flattable.hh"
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
    AuthenticData = 32,
    Tagged = 64 // given a tag by a script: only with it the answer is found
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
    base::EvictionStrategy eviction = base::EvictionStrategy::S3Fifo; // cache-eviction-strategy
    std::size_t maxEntrySize = 8192;                                  // octets of an answer; 0 is no limit
    std::uint32_t steadySeconds = 3600; // a longer pause between two questions, and the hits are counted anew
  };
  struct Hit {
    std::span<const std::byte> message; // TTLs are those of now; valid until the next call; empty: not there
    dns::RCode rcode = dns::RCode::NoError;
    bool renew = false; // popular and about to expire. Told once, and again when half of the time left is over
  };

  explicit PacketCache(const Options& options);

  [[nodiscard]] Hit find(const PacketKey& key, base::WallTime now) { return find(key, hashOf(key), now); }
  // find() in steps, for who answers a batch: hash all, prefetch() all, prefetchEntry() all, then find() each. The
  // first begins to load where the entry is noted, the second reads that and begins to load the entry.
  [[nodiscard]] static std::uint64_t hashOf(const PacketKey& key);
  void prefetch(std::uint64_t hash) const;
  void prefetchEntry(std::uint64_t hash) const;
  [[nodiscard]] Hit find(const PacketKey& key, std::uint64_t hash, base::WallTime now);
  // The same for a question to which a script gave the tag.
  [[nodiscard]] Hit findTagged(PacketKey key, std::uint32_t tag, base::WallTime now);
  // `message` answers `key`; `ttlOffsets` are the places of its TTL fields; it may be used for `ttl` seconds. Half of
  // the hits of an answer that it replaces are taken over.
  void store(const PacketKey& key, std::span<const std::byte> message, std::span<const std::uint16_t> ttlOffsets,
             std::uint32_t ttl, base::WallTime now, RenewalPlan renewal = {}, std::uint32_t tag = 0,
             bool madeByPolicy = false);

  // Answers to questions for the name, or for it and all below it. Returns how many went.
  std::size_t wipe(const dns::Name& name, bool subtree);
  // Forgets a part of everything; 0, 1, 2 ... name the parts. False when there is no such part.
  [[nodiscard]] std::size_t parts() const { return d_tableCount; }
  bool wipePart(std::size_t part);
  // The same for answers that this is true of, which may look inside them.
  using Chosen = std::function<bool(std::span<const std::byte> message, bool madeByPolicy)>;
  bool wipePart(std::size_t part, const Chosen& chosen);
  // A line for each answer: name, type, seconds left, size. Returns how many.
  std::size_t dump(std::FILE* out, base::WallTime now) const;
  void adopt(const Options& options); // but for what is let go of: that stays
  void setMaxEntries(std::size_t maxEntries);
  void setMaxBytes(std::size_t maxBytes) { d_options.maxBytes = maxBytes; } // with the next answers

  // Any thread may ask these.
  [[nodiscard]] std::size_t entries() const;
  [[nodiscard]] std::size_t bytes() const;
  [[nodiscard]] std::uint64_t evicted() const;

 private:
  // An answer in one block: what stands here, the message, then its TTL offsets.
  struct Block {
    std::uint16_t size; // of the message
    std::uint16_t ttlCount : 15;
    std::uint16_t madeByPolicy : 1;
    RenewalPlan renewal;
    std::uint16_t hits; // no more than fit
    std::uint8_t nameSize;
    std::uint8_t flags;

    [[nodiscard]] std::byte* message() { return reinterpret_cast<std::byte*>(this + 1); }
    [[nodiscard]] const std::byte* message() const { return reinterpret_cast<const std::byte*>(this + 1); }
    [[nodiscard]] std::span<const std::byte> name() const;
    [[nodiscard]] dns::RRType type() const;
    [[nodiscard]] std::uint32_t tag() const; // 0 unless flags say so; stands at the end
  };
  struct Free {
    void operator()(Block* block) const;
  };
  // 16 octets, 24 with what the table adds.
  struct Entry {
    std::unique_ptr<Block, Free> block;
    std::uint32_t expires = 0; // second
    std::uint32_t aged = 0;    // the TTLs in the block are right for this second

    [[nodiscard]] std::size_t heapBytes() const;
  };
  using Table = base::FlatTable<Entry>;

  static std::size_t blockSize(std::size_t message, std::size_t ttls, bool tagged);
  static bool matches(const Entry& entry, const PacketKey& key);
  static void age(Entry& entry, std::uint32_t now);
  [[nodiscard]] bool newSecond(Entry& entry, std::uint32_t now) const;
  [[nodiscard]] std::uint16_t inheritedHits(const Entry* old, std::uint32_t now) const;
  static Entry makeEntry(const PacketKey& key, std::span<const std::byte> message,
                         std::span<const std::uint16_t> ttlOffsets, std::uint32_t tag);
  static std::uint64_t hashOf(const PacketKey& key, std::uint32_t tag);
  [[nodiscard]] Hit use(Entry& entry, std::uint32_t time);
  [[nodiscard]] Table& table(std::uint64_t hash) const { return d_tables[((hash >> 32) * d_tableCount) >> 32]; }
  [[nodiscard]] Table::Bounds bounds() const; // of one table
  template <typename Number> Number sum(Number (Table::*what)() const) const {
    Number total = 0;
    for (std::size_t i = 0; i < d_tableCount; ++i) {
      total += (d_tables[i].*what)();
    }
    return total;
  }

  Options d_options;
  std::size_t d_tableCount; // many small ones: none takes long to grow
  std::unique_ptr<Table[]> d_tables;
};

} // namespace rec
