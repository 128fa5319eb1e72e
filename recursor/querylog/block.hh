// Block: a block of the query log, decoded column by column as far as somebody needs them. Made from stored octets,
// which may be damaged in any way: that is an error, never a crash. Used by searches and summaries; one thread each.
#pragma once

#include <span>
#include <vector>

#include "lib/base/result.hh"
#include "recursor/querylog/blockformat.hh"
#include "recursor/querylog/packing.hh"
#include "recursor/querylog/record.hh"

namespace rec {

class Block {
 public:
  // Checks head and checksum.
  static base::Result<Block> open(LogOctets stored);
  [[nodiscard]] std::uint32_t records() const { return d_head.records; }

  enum Column : unsigned {
    kTimes = 1,
    kLatencies = 2,
    kNames = 4,
    kClients = 8,
    kShapes = 16,
    kExtras = 32, // upstream, policies, tags, answers; needs kShapes
    kAll = 63
  };
  // What has not been decoded yet of `columns`.
  base::Result<void> decode(unsigned columns);

  // Of decoded columns. Numbers are below the sizes of what they point into.
  [[nodiscard]] std::span<const std::int64_t> times() const { return d_times; }
  [[nodiscard]] std::span<const std::uint32_t> latencies() const { return d_latencies; }
  [[nodiscard]] std::span<const std::uint16_t> nameIds() const { return d_nameIds; }
  [[nodiscard]] std::span<const std::uint16_t> clientIds() const { return d_clientIds; }
  [[nodiscard]] std::span<const std::uint16_t> shapeIds() const { return d_shapeIds; }
  // Wire form, lower case, checked.
  [[nodiscard]] std::span<const std::span<const std::byte>> names() const { return d_names; }
  [[nodiscard]] std::span<const base::Address> clients() const { return d_clients; }
  [[nodiscard]] std::span<const BlockShape> shapes() const { return d_shapes; }
  [[nodiscard]] std::string_view policy(std::size_t row) const { return string(d_policies, 2 * row); }
  [[nodiscard]] std::string_view rule(std::size_t row) const { return string(d_policies, 2 * row + 1); }
  [[nodiscard]] std::string_view tags(std::size_t row) const { return string(d_tags, row); }
  // With all columns.
  [[nodiscard]] LogRecord record(std::size_t row) const;

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;
  using Ids = std::vector<std::uint32_t>;

  Block(LogOctets stored, const BlockHead& head) : d_stored(std::move(stored)), d_head(head) {}
  bool readTable();
  [[nodiscard]] std::optional<LogOctets> section(LogSection which) const;
  [[nodiscard]] bool readIds(LogSection which, std::uint32_t count, std::vector<std::uint16_t>& ids) const;
  bool readTimes();
  bool readLatencies();
  bool readNames();
  bool readClients();
  bool readShapes();
  bool readExtras();
  bool readStrings();
  // `each` numbers for every record with `mark`.
  bool readSparse(LogSection which, unsigned mark, std::size_t each, bool areStrings, Ids& ids) const;
  [[nodiscard]] std::string_view string(const Ids& ids, std::size_t at) const;

  struct Place {
    std::uint32_t size = 0, packed = 0;
    std::size_t at = 0;
  };
  LogOctets d_stored;
  BlockHead d_head;
  Place d_places[kSections];
  unsigned d_decoded = 0;
  std::vector<std::int64_t> d_times;
  std::vector<std::uint32_t> d_latencies;
  std::vector<std::uint16_t> d_nameIds, d_clientIds, d_shapeIds;
  LogOctets d_nameTexts;
  std::vector<std::span<const std::byte>> d_names; // in d_nameTexts
  std::vector<base::Address> d_clients;
  std::vector<BlockShape> d_shapes;
  LogOctets d_stringTexts;
  std::vector<std::string_view> d_strings;       // in d_stringTexts
  Ids d_upstream, d_policies, d_tags, d_answers; // by row; empty where no record has any
};

} // namespace rec
