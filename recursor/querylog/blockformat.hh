// How a block of the query log is laid out, known to its builder and its decoder:
//
//   BlockHead | for each section: size, packed size (u32 each) | the sections, compressed
//
// Sections are columns: what belongs to the records one after the other, or a dictionary that numbers point into.
// Numbers into a dictionary have as many octets as its size needs; first the lowest octet of all, then the next. Empty
// sections take no room. Any change of this needs a new kBlockMagic.
#pragma once

#include <cstddef>
#include <cstdint>

namespace rec {

constexpr std::uint32_t kBlockMagic = 0x31514C52; // "RLQ1"
constexpr std::uint32_t kBlockRecords = 16384;    // in a full block
constexpr std::size_t kMostSection = std::size_t{1} << 24;

struct BlockHead {
  std::uint32_t magic = kBlockMagic;
  std::uint32_t records = 0;
  std::uint64_t checksum = 0;                                    // of all that follows this member
  std::int64_t baseTime = 0;                                     // of the first record
  std::uint32_t names = 0, clients = 0, shapes = 0, strings = 0; // in the dictionaries
};
static_assert(sizeof(BlockHead) == 40);
constexpr std::size_t kCheckedFrom = 16; // the octet of a block where what the checksum is of begins

enum class LogSection : std::uint8_t {
  Times,     // signed varints: since the record before, or the base time
  Latencies, // varints
  NameTexts, // wire forms, lower case, one behind the other
  NameIds,
  ClientTexts, // a size and so many octets
  ClientIds,
  Shapes, // BlockShape each
  ShapeIds,
  Upstream, // of records whose shape says so: varints, questions and octets
  Strings,  // a varint of the size, and the string
  Policies, // of records whose shape says so: varints, numbers of strings, list and rule
  Tags,     // likewise, one number
  Answers   // likewise; the string is a size and so many octets for each address
};
constexpr std::size_t kSections = 13;

// What few combinations of values exist of.
struct BlockShape {
  std::uint16_t type = 0, rrclass = 0, rcode = 0, ede = 0, flags = 0, worker = 0;
  std::uint8_t kind = 0, transport = 0, security = 0;
  std::uint8_t marks = 0; // RawMark, without kRawUnlogged
  friend bool operator==(const BlockShape&, const BlockShape&) = default;
};
static_assert(sizeof(BlockShape) == 16);

// LogOctets of a number into a dictionary of so many.
[[nodiscard]] constexpr std::size_t idWidth(std::uint32_t count) { return count <= 1 ? 0 : count <= 256 ? 1 : 2; }

} // namespace rec
