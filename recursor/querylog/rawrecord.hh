// RawRecord: an answered question as it lies in a worker's ring: a head of fixed size, then name, client and what few
// have. RawHit: the same of a hit of the packet cache in few octets, behind the RawMoment of its batch. Written by
// LogTap, read by the writer and the block builder in the same process; never stored.
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

// What it is, in the lowest bits of its first number: the rest of that is the size of all, a multiple of 8. A size of
// 0: the rest of the ring up to its end is unused.
enum class RawForm : std::uint8_t { Record, Hit, Moment };

[[nodiscard]] inline RawForm formOf(const std::byte* at) {
  return static_cast<RawForm>(std::to_integer<unsigned>(*at) & 7U);
}

// When the hits that follow were answered, and how fast.
struct RawMoment {
  std::uint16_t size = sizeof(std::uint64_t) * 2 + static_cast<unsigned>(RawForm::Moment);
  std::uint16_t unused = 0;
  std::uint32_t latency = 0; // microseconds
  std::int64_t time = 0;     // microseconds since 1970
  friend bool operator==(const RawMoment&, const RawMoment&) = default;
};
static_assert(sizeof(RawMoment) == 16);

// A hit of a question of class IN, with nothing to say beyond this; its name and client follow.
struct RawHit {
  std::uint16_t size = 0; // and RawForm::Hit
  std::uint8_t nameSize = 0, clientSize = 0;
  // What most hits have in common with others; kHitTcp is beside the code of the answer.
  std::uint16_t type = 0;
  std::uint8_t code = 0, flags = 0; // LogFlag; all of them fit
};
static_assert(sizeof(RawHit) == 8);
constexpr std::uint8_t kHitTcp = 16;

struct RawHead {
  std::uint16_t size = 0; // and RawForm::Record
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
