// Heads and blocks, octet for octet. Numbers are of this machine's byte order, which a mark in the head tells.
#include "recursor/cachefile/blocks.hh"

#include <algorithm>
#include <array>
#include <cstring>

#include "lib/base/hash.hh"

namespace rec {
namespace {

constexpr std::array<char, 8> kMagic{'R', 'o', 'o', 't', 'w', 'a', 'l', 'k'};
constexpr std::uint32_t kVersion = 1, kByteOrder = 0x01020304;
constexpr std::uint32_t kBlockMagic = 0x4B6C4252;
constexpr std::size_t kWindow = std::size_t{1} << 16;      // searched at once
constexpr std::size_t kPayloadSize = std::size_t{1} << 18; // a block is closed from here on

struct Head {
  std::array<char, 8> magic = kMagic;
  std::uint32_t version = kVersion, byteOrder = kByteOrder;
  std::int64_t saved = 0;
  std::uint64_t data = 0, verdicts = 0, subnets = 0, reserved = 0;
  std::uint64_t checksum = 0; // of all before it
};
static_assert(sizeof(Head) == BlockReader::kHeadSize);

struct BlockHead {
  std::uint32_t magic = kBlockMagic;
  Section section = Section::End;
  std::array<std::uint8_t, 3> reserved{};
  std::uint32_t count = 0, size = 0;
  std::uint64_t payloadChecksum = 0, checksum = 0;
};
static_assert(sizeof(BlockHead) == BlockReader::kBlockHeadSize);

template <typename T> std::span<const std::byte> octetsOf(const T& value) {
  return std::as_bytes(std::span(&value, 1));
}

template <typename T> std::uint64_t ownChecksum(const T& head) {
  return checksumOf(octetsOf(head).first(offsetof(T, checksum)));
}

} // namespace

// Against damage, not against forgers.
std::uint64_t checksumOf(std::span<const std::byte> octets) {
  constexpr std::uint64_t kFirst = 0x9E3779B97F4A7C15ULL, kSecond = 0xD6E8FEB86659FD93ULL;
  std::uint64_t sum = octets.size() * kSecond;
  while (octets.size() >= 8) {
    sum = base::mix(sum ^ base::load64(octets.data()), kFirst) + kSecond;
    octets = octets.subspan(8);
  }
  std::array<std::byte, 8> rest{};
  std::ranges::copy(octets, rest.begin());
  return base::mix(sum ^ base::load64(rest.data()), kSecond);
}

base::Result<void> BlockWriter::put(std::span<const std::byte> octets) {
  d_bytes += octets.size();
  return d_sink(octets);
}

base::Result<void> BlockWriter::begin(const FileHead& head) {
  d_buffer.reserve(kPayloadSize * 2);
  Head written;
  written.saved = head.saved.time_since_epoch().count();
  written.data = head.prints.data;
  written.verdicts = head.prints.verdicts;
  written.subnets = head.prints.subnets;
  written.checksum = ownChecksum(written);
  return put(octetsOf(written));
}

base::Result<void> BlockWriter::putBlock(Section section, std::uint32_t count, std::span<const std::byte> payload) {
  BlockHead head;
  head.section = section;
  head.count = count;
  head.size = static_cast<std::uint32_t>(payload.size());
  head.payloadChecksum = checksumOf(payload);
  head.checksum = ownChecksum(head);
  const auto written = put(octetsOf(head));
  return written ? put(payload) : written;
}

base::Result<void> BlockWriter::endEntry() {
  if (d_buffer.size() > BlockReader::kMostPayload) { // it alone is too large: others before it were closed at a quarter
    d_buffer.resize(d_ended);
    return {};
  }
  d_ended = d_buffer.size();
  ++d_count;
  return d_ended >= kPayloadSize ? flush() : base::Result<void>();
}

base::Result<void> BlockWriter::flush() {
  base::Result<void> written;
  const std::uint64_t after = d_bytes + BlockReader::kBlockHeadSize * 2 + d_ended; // with the last block
  d_full = d_full || after > d_maxBytes;
  if (d_count > 0 && !d_full) {
    written = putBlock(d_section, d_count, std::span(d_buffer).first(d_ended));
    d_entries += d_count;
  }
  d_buffer.clear();
  d_ended = 0;
  d_count = 0;
  return written;
}

base::Result<void> BlockWriter::end() { return putBlock(Section::End, 0, {}); }

base::Result<FileHead> BlockReader::head() const {
  Head head;
  if (!d_source.read(0, std::as_writable_bytes(std::span(&head, 1))) || head.magic != kMagic) {
    return base::Error{"it is no file of caches"};
  }
  if (head.version != kVersion || head.byteOrder != kByteOrder) {
    return base::Error{"it was written by another version, or on another kind of machine"};
  }
  if (head.checksum != ownChecksum(head)) {
    return base::Error{"its head is damaged"};
  }
  return FileHead{base::WallTime(std::chrono::seconds(head.saved)), {head.data, head.verdicts, head.subnets}};
}

std::optional<BlockReader::Block> BlockReader::blockAt(std::uint64_t at) const {
  BlockHead head;
  if (!d_source.read(at, std::as_writable_bytes(std::span(&head, 1))) || head.magic != kBlockMagic ||
      head.checksum != ownChecksum(head) || head.size > kMostPayload) {
    return std::nullopt;
  }
  return Block{head.section, head.count, head.size, at + kBlockHeadSize, head.payloadChecksum};
}

// The next place from `at` on where a block begins, or the end.
std::uint64_t BlockReader::searchFrom(std::uint64_t at) const {
  std::vector<std::byte> window(kWindow);
  const auto magic = octetsOf(kBlockMagic);
  const std::uint64_t end = d_source.size();
  while (at + kBlockHeadSize <= end) {
    const std::size_t size = static_cast<std::size_t>(std::min<std::uint64_t>(kWindow, end - at));
    const auto part = std::span(window).first(size);
    if (!d_source.read(at, part)) {
      return end;
    }
    for (auto found = part.begin();; ++found) {
      found = std::search(found, part.end(), magic.begin(), magic.end());
      if (found == part.end()) {
        break;
      }
      const std::uint64_t place = at + static_cast<std::uint64_t>(found - part.begin());
      if (blockAt(place)) {
        return place;
      }
    }
    at += size - magic.size() + 1;
  }
  return end;
}

std::optional<BlockReader::Block> BlockReader::next() {
  const std::lock_guard lock(d_mutex);
  if (d_at + kBlockHeadSize > d_source.size() || !d_damage.truncated) {
    return std::nullopt;
  }
  auto block = blockAt(d_at);
  if (!block) {
    ++d_damage.places;
    d_at = searchFrom(d_at + 1);
    block = blockAt(d_at);
  }
  if (block) {
    d_at = block->at + block->size;
    d_damage.truncated = block->section != Section::End;
  }
  return block && block->section != Section::End ? block : std::nullopt;
}

bool BlockReader::fetch(const Block& block, std::vector<std::byte>& payload) const {
  payload.resize(block.size);
  return d_source.read(block.at, payload) && checksumOf(payload) == block.checksum;
}

BlockReader::Damage BlockReader::damage() const {
  const std::lock_guard lock(d_mutex);
  return d_damage;
}

} // namespace rec
