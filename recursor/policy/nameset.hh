// NameSet: an exact, immutable set of names with what each blocks, some 20 octets a name: what a block list is compiled
// to. NameSetBuilder makes one, from nothing or from the set before, of which it takes over what has not changed.
//
// How it is laid out. The lines of a list are cut into chunks of a dozen; where, depends on the lines themselves, so
// that a changed line changes one chunk only. The names of a chunk stand packed one after the other (`d_text`). The
// index has a word of 32 bits for each name: 12 bits of its hash, 20 bits for its chunk; 16 words, a cache line, are a
// bucket. It is the probabilistic filter (of 400 names that are not listed one goes on to a chunk) and the way to the
// exact answer in one. A bucket that is full goes on in the next one.
//
// Looking up: hash -> bucket -> for equal 12 bits: the chunk's names are compared. No lock, no allocation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/pages.hh"
#include "recursor/policy/packedname.hh"

namespace rec {

// What a rule says of its name.
enum class RuleKind : std::uint8_t {
  Tree,      // it and all below it
  Exact,     // it alone
  Below,     // only what is below it
  AllowTree, // the same three, exempting
  AllowExact,
  AllowBelow
};
constexpr std::size_t kRuleKinds = 6;
using RuleKinds = std::uint8_t; // bit 1 << RuleKind
[[nodiscard]] constexpr RuleKinds bitOf(RuleKind kind) {
  return static_cast<RuleKinds>(1U << static_cast<unsigned>(kind));
}
constexpr RuleKinds kAllowKinds = 0b111000;

class NameSet {
 public:
  // The kinds that the name itself is listed with. `hash` is hashOfText(text).
  [[nodiscard]] RuleKinds find(std::string_view text, std::uint64_t hash) const;

  // find() in steps, for who asks for many at once: prefetch() all, prefetchChunk() all, prefetchNames() all, then
  // find() each. Each step begins to load what the next one reads. The chunk is the first one that may have the name in
  // its own bucket; 0: none.
  void prefetch(std::uint64_t hash) const { __builtin_prefetch(d_index.data() + bucketOf(hash) * kBucket); }
  [[nodiscard]] std::size_t prefetchChunk(std::uint64_t hash) const;
  void prefetchNames(std::size_t chunk) const;

  struct Match {
    RuleKind kind{};
    NameProbe::Suffix suffix{};
  };
  // The rule for the longest suffix that says something of the probed name, blocking or exempting ones only.
  [[nodiscard]] std::optional<Match> match(const NameProbe& probe, bool allowing) const;

  [[nodiscard]] std::size_t names() const { return d_names; }
  [[nodiscard]] std::size_t allowing() const { return d_allowing; }   // how many of them exempt
  [[nodiscard]] std::size_t malformed() const { return d_malformed; } // lines
  [[nodiscard]] std::size_t skipped() const { return d_skipped; }     // lines that mean nothing to DNS
  [[nodiscard]] std::size_t bytes() const;
  // How much of the index is not free, in percent. A look-up ends where something is.
  [[nodiscard]] std::size_t load() const { return d_buckets == 0 ? 0 : d_words * 100 / (d_buckets * kBucket); }

 private:
  friend class NameSetBuilder;

  // In front of the names of a chunk, in words.
  enum Head : std::size_t { Kind, Count, Malformed, Skipped, kHead };
  static constexpr std::uint16_t kMixed = 0xFFFF; // instead of the kind: the kinds of all names follow
  static constexpr unsigned kChunkBits = 20;
  static constexpr std::uint32_t kChunkMask = (1U << kChunkBits) - 1;
  static constexpr std::uint32_t kGone = kChunkMask; // the chunk of a word whose name is gone
  static constexpr std::size_t kBucket = 16;

  [[nodiscard]] std::size_t chunks() const { return d_offsets.empty() ? 0 : d_offsets.size() - 1; }
  [[nodiscard]] const std::uint16_t* chunk(std::size_t id) const { return d_text.data() + d_offsets[id]; }
  [[nodiscard]] std::size_t bucketOf(std::uint64_t hash) const {
    return static_cast<std::size_t>(((hash >> 32) * d_buckets) >> 32);
  }
  [[nodiscard]] static std::uint32_t wordFor(std::uint64_t hash, std::size_t id) {
    return static_cast<std::uint32_t>((hash & 0xFFF) << kChunkBits) | static_cast<std::uint32_t>(id + 1);
  }
  struct Bucket {
    std::uint32_t hits = 0; // bit by bit, which words may be those of the hash
    bool isFull = true;
  };
  [[nodiscard]] Bucket look(std::size_t bucket, std::uint64_t hash) const;
  [[nodiscard]] RuleKinds kindsIn(std::size_t id, const PackedName& name) const;
  // Calls take(name's words, kind) for each name of a chunk.
  template <typename Take> static void eachName(const std::uint16_t* chunk, const Take& take) {
    const std::uint16_t* kinds = chunk + kHead;
    const bool mixed = chunk[Kind] == kMixed;
    const std::uint16_t* at = kinds + (mixed ? chunk[Count] : 0);
    for (std::size_t i = 0; i < chunk[Count]; ++i) {
      take(at, static_cast<RuleKind>(mixed ? kinds[i] : chunk[Kind]));
      at += wordsOfName(at);
    }
  }

  [[nodiscard]] bool isEmptyChunk(std::size_t id) const { return d_offsets[id] == d_offsets[id + 1]; }
  [[nodiscard]] static std::uint64_t hashOf(const std::uint16_t* name);
  bool insert(std::uint64_t hash, std::size_t id, std::size_t longestRun = SIZE_MAX);
  void remove(std::uint64_t hash, std::size_t id);
  void makeIndex(std::size_t load);
  void insertOrPass(const std::uint16_t* name, RuleKind kind, std::size_t id);
  void sumUp();

  base::Pages<std::uint16_t> d_text;
  base::Pages<std::uint32_t> d_offsets; // of each chunk in d_text, and of the end
  base::Pages<std::uint64_t> d_digests; // of each chunk's lines; 0: not to be taken over
  base::Pages<std::uint32_t> d_index;
  std::size_t d_buckets = 0;
  std::size_t d_words = 0;  // of the index that are not free: names, and what was left by names that are gone
  bool d_hasPassed = false; // names that stand in very many chunks are not in the index for each of them
  std::size_t d_names = 0, d_allowing = 0, d_malformed = 0, d_skipped = 0;
};

// Chunk by chunk: beginChunk, then, if it is new, add() its names and endChunk. At last finish().
class NameSetBuilder {
 public:
  static constexpr std::size_t kMostChunks = NameSet::kChunkMask - 1;

  explicit NameSetBuilder(std::shared_ptr<const NameSet> old = nullptr);

  // True: the old set has a chunk of these lines, which is taken over. 0 is taken for a digest that nothing has.
  bool beginChunk(std::uint64_t digest);
  // False: it is no name that can stand in a list.
  bool add(std::string_view name, RuleKind kind);
  void countMalformed() { ++d_malformed; }
  void countSkipped() { ++d_skipped; }
  void endChunk(bool reusable = true);
  [[nodiscard]] std::size_t reusedChunks() const { return d_reused; }
  [[nodiscard]] bool full() const { return d_fresh.size() + d_reused >= kMostChunks; }

  [[nodiscard]] std::shared_ptr<const NameSet> finish();

 private:
  struct Fresh {
    std::uint64_t digest;
    std::uint32_t begin, end; // in d_text
  };
  void indexOldChunks();
  bool takeOver(std::size_t id);
  void assignIds();
  void copyText(NameSet& set) const;
  [[nodiscard]] bool canTakeIndex(const NameSet& set) const;
  void updateIndex(NameSet& set) const;
  void replaceChunk(NameSet& set, std::size_t id) const;

  static constexpr std::uint32_t kOld = 0xFFFFFFFF, kNone = 0xFFFFFFFE;
  std::shared_ptr<const NameSet> d_old;
  std::vector<std::uint32_t> d_byDigest; // open addressing: numbers of old chunks plus one
  std::vector<bool> d_alive;             // those of them that were taken over
  std::size_t d_expected = 0;            // the old chunk that comes next when nothing has changed
  std::vector<std::uint32_t> d_order;    // of the text: the number of an old chunk, or kNone for the next fresh one
  std::vector<std::uint32_t> d_sources;  // of each chunk to be: kOld (under its old number), kNone, or which of d_fresh
  base::Pages<std::uint16_t> d_text;     // of the fresh chunks
  std::vector<Fresh> d_fresh;
  std::vector<RuleKind> d_kinds; // of the chunk that is being made, and its names
  std::vector<std::uint16_t> d_names;
  std::size_t d_last = 0; // where its last name begins
  std::uint64_t d_digest = 0;
  std::size_t d_malformed = 0, d_skipped = 0; // in that chunk
  std::size_t d_reused = 0;
};

} // namespace rec
