// The cache file from outside: a head, then blocks of one kind of entries each, every one with its size and checksums,
// and a last block that says all is there. Damage costs the blocks it is in: behind it the next one is looked for.
// BlockWriter makes it, BlockReader reads it; neither knows what entries are. Byte order and version are this
// program's: another one's file is not read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "lib/base/clock.hh"
#include "lib/base/result.hh"

namespace rec {

// In the order of the file: what is worth most comes first, for when it is cut off or the time is up. Numbers are of
// the format: never used for something else.
enum class Section : std::uint8_t {
  End = 0,
  Servers = 1,
  LameServers = 2,
  DotServers = 3,
  Delegations = 4,
  Insecurities = 5,
  WildcardProofs = 6,
  HotRecords = 7,
  HotNegatives = 8,
  Subnets = 9,
  ColdRecords = 10,
  ColdNegatives = 11
};
constexpr Section kLastSection = Section::ColdNegatives;

// Of the settings that the entries depend on (prints.hh). Whatever does not match is not loaded.
struct FilePrints {
  std::uint64_t data = 0, verdicts = 0, subnets = 0;
  friend bool operator==(const FilePrints&, const FilePrints&) = default;
};

struct FileHead {
  base::WallTime saved{}; // when it was begun
  FilePrints prints;
};

[[nodiscard]] std::uint64_t checksumOf(std::span<const std::byte> octets);

class BlockWriter {
 public:
  using Sink = std::function<base::Result<void>(std::span<const std::byte>)>;
  // `maxBytes`: of the file; entries that do not fit are left out.
  BlockWriter(Sink sink, std::uint64_t maxBytes) : d_sink(std::move(sink)), d_maxBytes(maxBytes) {}

  base::Result<void> begin(const FileHead& head);
  void enter(Section section) { d_section = section; }                // after a flush()
  [[nodiscard]] std::vector<std::byte>& buffer() { return d_buffer; } // where the next entry is appended
  base::Result<void> endEntry();                                      // it is there
  base::Result<void> flush();                                         // a block of what was appended
  base::Result<void> end();                                           // the last block

  [[nodiscard]] bool isFull() const { return d_full; } // nothing more fits
  [[nodiscard]] std::uint64_t entries() const { return d_entries; }
  [[nodiscard]] std::uint64_t bytes() const { return d_bytes; }

 private:
  base::Result<void> put(std::span<const std::byte> octets);
  base::Result<void> putBlock(Section section, std::uint32_t count, std::span<const std::byte> payload);

  Sink d_sink;
  std::uint64_t d_maxBytes;
  Section d_section = Section::End;
  std::vector<std::byte> d_buffer;
  std::size_t d_ended = 0; // octets of whole entries in the buffer
  std::uint32_t d_count = 0;
  std::uint64_t d_entries = 0, d_bytes = 0;
  bool d_full = false;
};

// Where octets come from. Thread safe.
class OctetSource {
 public:
  virtual ~OctetSource() = default;
  [[nodiscard]] virtual std::uint64_t size() const = 0;
  // Fills `out`; false when there are not so many.
  [[nodiscard]] virtual bool read(std::uint64_t at, std::span<std::byte> out) const = 0;
};

// Thread safe: several take blocks at once.
class BlockReader {
 public:
  explicit BlockReader(const OctetSource& source) : d_source(source) {}

  struct Block {
    Section section = Section::End;
    std::uint32_t count = 0, size = 0;
    std::uint64_t at = 0, checksum = 0;
  };
  // Why it cannot be used, if so: to be called first.
  base::Result<FileHead> head() const;
  // The next block whose own head is right; nothing at the end.
  [[nodiscard]] std::optional<Block> next();
  // Its entries; at most kMostPayload octets. False when they are damaged or not there.
  [[nodiscard]] bool fetch(const Block& block, std::vector<std::byte>& payload) const;

  struct Damage {
    unsigned places = 0;   // where something else than a block was found
    bool truncated = true; // the last block was not there (yet)
  };
  [[nodiscard]] Damage damage() const;

 private:
  [[nodiscard]] std::optional<Block> blockAt(std::uint64_t at) const;
  [[nodiscard]] std::uint64_t searchFrom(std::uint64_t at) const;

  const OctetSource& d_source;
  mutable std::mutex d_mutex;
  std::uint64_t d_at = kHeadSize;
  Damage d_damage;

 public:
  static constexpr std::size_t kHeadSize = 64, kBlockHeadSize = 32;
  static constexpr std::size_t kMostPayload = std::size_t{1} << 20;
};

} // namespace rec
