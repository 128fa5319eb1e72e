// RawRecord: an answered question as it lies in a worker's ring: a head of fixed size, then name, client and what few
// have. Written by LogTap, read by the block builder in the same process; never stored.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace rec {

// What a record has beyond its head. The lower bits go with the record into the block.
enum RawMark : std::uint8_t {
  kRawUpstream = 1, // u32 queries, u32 octets
  kRawPolicy = 2,   // two strings: list, rule
  kRawTags = 4,     // one string
  kRawAnswers = 8,  // a string: for each address its size and octets
  kRawUnlogged = 16 // not for the log: only tells what was decided about hits that follow
};
constexpr std::uint16_t kNoEde = UINT16_MAX;

struct RawHead {
  std::uint16_t size = 0; // of all, a multiple of 8; 0: the rest of the ring up to its end is unused
  std::uint8_t nameSize = 0, clientSize = 0;
  std::uint32_t latency = 0; // microseconds
  std::int64_t time = 0;     // microseconds since 1970
  std::uint16_t type = 0, rrclass = 0, rcode = 0, ede = kNoEde, flags = 0;
  std::uint8_t kind = 0, transport = 0, security = 0, marks = 0;
  std::uint16_t extraSize = 0; // behind the client; a string is a u8 size and so many octets
};
static_assert(sizeof(RawHead) == 32);

// A record in place.
class RawRecord {
 public:
  explicit RawRecord(const std::byte* at) : d_at(at) { std::memcpy(&d_head, at, sizeof d_head); }
  [[nodiscard]] const RawHead& head() const { return d_head; }
  [[nodiscard]] std::span<const std::byte> name() const { return {d_at + sizeof(RawHead), d_head.nameSize}; }
  [[nodiscard]] std::span<const std::byte> client() const {
    return {d_at + sizeof(RawHead) + d_head.nameSize, d_head.clientSize};
  }
  [[nodiscard]] std::span<const std::byte> extra() const {
    return {d_at + sizeof(RawHead) + d_head.nameSize + d_head.clientSize, d_head.extraSize};
  }

 private:
  const std::byte* d_at;
  RawHead d_head;
};

} // namespace rec
