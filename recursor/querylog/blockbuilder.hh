// BlockBuilder: takes answered questions as they lie in the rings and makes blocks of them: column by column, names and
// clients once each, compressed. Owned by the writer; encode() may be called again and again while a block grows.
#pragma once

#include <array>
#include <vector>

#include "recursor/querylog/blockformat.hh"
#include "recursor/querylog/blockindex.hh"
#include "recursor/querylog/dictionary.hh"
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
  // Not when it is full.
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
  static Extras extrasOf(const RawRecord& record);
  [[nodiscard]] const PolicyMemory::Said* recall(const RawRecord& record, const Extras& extras, std::uint64_t name);
  void addTimes(const RawHead& head);
  void addExtras(const BlockShape& shape, const Extras& extras);
  [[nodiscard]] std::uint32_t stringId(std::span<const std::byte> text);
  [[nodiscard]] std::uint32_t shapeId(const BlockShape& shape);
  [[nodiscard]] std::uint32_t clientId(std::span<const std::byte> client);
  [[nodiscard]] BlockIndex makeIndex() const;
  void appendSection(LogOctets& block, LogSection section, std::span<const std::byte> octets);

  std::uint32_t d_records = 0;
  std::int64_t d_baseTime = 0, d_lastTime = 0;
  Dictionary d_names, d_clients, d_shapes, d_strings;
  std::vector<std::uint16_t> d_nameIds, d_clientIds, d_shapeIds;
  LogOctets d_times, d_latencies, d_upstream, d_policies, d_tags, d_answers;
  BlockIndex d_index;          // times, codes and kinds so far
  BlockShape d_shape;          // of the record before
  std::uint32_t d_shapeId = 0; // its number
  PolicyMemory d_memory;
  Compressor d_compressor;
  LogOctets d_scratch;
};

} // namespace rec
