// BlockBuilder: takes answered questions as they lie in the rings and makes blocks of them: column by column, names and
// clients once each, compressed. Owned by the writer; encode() may be called again and again while a block grows.
#pragma once

#include <array>
#include <vector>

#include "recursor/querylog/blockformat.hh"
#include "recursor/querylog/blockindex.hh"
#include "recursor/querylog/dictionary.hh"
#include "recursor/querylog/numbercolumn.hh"
#include "recursor/querylog/packing.hh"
#include "recursor/querylog/policymemory.hh"
#include "recursor/querylog/rawrecord.hh"
#include "recursor/querylog/record.hh"

namespace rec {

struct EncodedBlock {
  BlockIndex index;
  LogOctets block;
};

class BlockBuilder {
 public:
  // Not when it is full. What lies there, a record or a hit of `moment`.
  void take(const std::byte* at, const RawMoment& moment, std::uint16_t worker);
  void add(const RawRecord& record, std::uint16_t worker);
  [[nodiscard]] std::uint32_t records() const { return d_records; }
  [[nodiscard]] bool isFull() const { return d_records == kBlockRecords; }
  [[nodiscard]] EncodedBlock encode();
  void clear(); // the next block begins; what was said of questions stays

 private:
  // Extras of a record, as they lie in it.
  struct Extras {
    std::uint32_t queries = 0, bytes = 0;
    std::span<const std::byte> policy, rule, tags, answers;
  };
  // What hits of the same name, type, flags and worker have in common: most are among a few of them.
  struct Known {
    std::uint64_t key = 0; // a hash of all that
    std::uint16_t name = 0, shape = 0;
  };
  static constexpr std::size_t kKnown = 4096;
  using Ids = std::vector<std::uint16_t>; // the first d_records of them

  static Extras extrasOf(const RawRecord& record);
  static BlockShape shapeOf(const RawHit& hit, std::uint16_t worker);
  void addHit(const std::byte* at, const RawMoment& moment, std::uint16_t worker);
  void remember(const RawHead& head, const Extras& extras, std::uint64_t question);
  void recall(const PolicyMemory::Said& said, BlockShape& shape, Extras& extras);
  void addRow(std::int64_t time, std::uint32_t latency, std::uint32_t name, std::span<const std::byte> client,
              std::uint32_t shape);
  void addExtras(const BlockShape& shape, const Extras& extras);
  [[nodiscard]] std::uint32_t stringId(std::span<const std::byte> text);
  [[nodiscard]] std::uint32_t shapeId(const BlockShape& shape);
  [[nodiscard]] std::uint32_t clientId(std::span<const std::byte> client);
  [[nodiscard]] BlockIndex makeIndex() const;
  void appendIds(LogOctets& block, LogSection section, const Ids& ids, std::uint32_t count);
  void appendTexts(LogOctets& block, LogSection section, const Dictionary& texts);
  void appendSection(LogOctets& block, LogSection section, std::span<const std::byte> octets);

  std::uint32_t d_records = 0;
  std::int64_t d_baseTime = 0, d_lastTime = 0;
  Dictionary d_names, d_clients, d_shapes, d_strings;
  Ids d_nameIds = Ids(kBlockRecords), d_clientIds = Ids(kBlockRecords), d_shapeIds = Ids(kBlockRecords);
  NumberColumn d_times, d_latencies;
  LogOctets d_upstream, d_policies, d_tags, d_answers;
  BlockIndex d_index;          // times, codes and kinds so far
  BlockShape d_shape;          // of the record before
  std::uint32_t d_shapeId = 0; // its number
  std::vector<Known> d_known = std::vector<Known>(kKnown);
  PolicyMemory d_memory;
  Compressor d_compressor;
  LogOctets d_scratch;
};

} // namespace rec
