// From columns to a block. The order of sections is that of blockformat.hh.
#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "recursor/querylog/blockbuilder.hh"

namespace rec {
namespace {

// One octet of each number. Sixteen at once: compilers make few instructions of a loop whose length they know.
void putPlane(std::byte* plane, std::span<const std::uint16_t> ids, unsigned shift) {
  constexpr std::size_t kAtOnce = 16;
  std::size_t i = 0;
  for (; i + kAtOnce <= ids.size(); i += kAtOnce) {
    std::array<std::uint16_t, kAtOnce> from;
    std::array<std::byte, kAtOnce> to;
    std::memcpy(from.data(), ids.data() + i, sizeof from);
    for (std::size_t j = 0; j < kAtOnce; ++j) to[j] = static_cast<std::byte>(from[j] >> shift);
    std::memcpy(plane + i, to.data(), sizeof to);
  }
  for (; i < ids.size(); ++i) plane[i] = static_cast<std::byte>(ids[i] >> shift);
}

// The lowest octets of all numbers, then the next ones.
void putIds(LogOctets& out, std::span<const std::uint16_t> ids, std::uint32_t count) {
  const std::size_t width = idWidth(count);
  out.resize(width * ids.size());
  for (unsigned octet = 0; octet < width; ++octet) putPlane(out.data() + octet * ids.size(), ids, 8 * octet);
}

void putTexts(LogOctets& out, const Dictionary& texts) {
  out.clear();
  for (std::uint32_t i = 0; i < texts.size(); ++i) {
    putVarint(out, texts[i].size());
    out.insert(out.end(), texts[i].begin(), texts[i].end());
  }
}

// Each once: what is wanted of a filter's size.
void removeDuplicates(std::vector<std::uint64_t>& hashes) {
  const std::size_t mask = std::bit_ceil(2 * hashes.size() + 1) - 1;
  std::vector<std::uint64_t> slots(mask + 1);
  const auto isKnown = [&](std::uint64_t hash) {
    std::size_t at = hash & mask;
    while (slots[at] != 0 && slots[at] != hash) at = (at + 1) & mask;
    return std::exchange(slots[at], hash) == hash;
  };
  std::erase_if(hashes, isKnown);
}

} // namespace

BlockIndex BlockBuilder::makeIndex() const {
  BlockIndex index = d_index;
  index.records = d_records;
  std::vector<std::uint64_t> hashes;
  hashes.reserve(4 * d_names.size());
  for (std::uint32_t i = 0; i < d_names.size(); ++i) appendSuffixHashes(d_names[i], hashes);
  removeDuplicates(hashes);
  index.names = HashFilter::of(hashes);
  hashes.clear();
  for (std::uint32_t i = 0; i < d_clients.size(); ++i) {
    const auto client = d_clients[i];
    const std::span<const std::uint8_t> lengths =
        client.size() == 4 ? std::span<const std::uint8_t>(kClientBits4) : std::span<const std::uint8_t>(kClientBits6);
    for (const std::uint8_t bits : lengths) hashes.push_back(networkHash(client, bits));
  }
  removeDuplicates(hashes);
  index.clients = HashFilter::of(hashes);
  return index;
}

void BlockBuilder::appendSection(LogOctets& block, LogSection section, std::span<const std::byte> octets) {
  if (octets.empty()) {
    return;
  }
  const auto size = static_cast<std::uint32_t>(octets.size());
  const auto packed = static_cast<std::uint32_t>(d_compressor.append(block, octets));
  std::byte* const at = block.data() + sizeof(BlockHead) + static_cast<std::size_t>(section) * 2 * sizeof size;
  std::memcpy(at, &size, sizeof size);
  std::memcpy(at + sizeof size, &packed, sizeof packed);
}

void BlockBuilder::appendIds(LogOctets& block, LogSection section, const Ids& ids, std::uint32_t count) {
  putIds(d_scratch, std::span(ids).first(d_records), count);
  appendSection(block, section, d_scratch);
}

void BlockBuilder::appendTexts(LogOctets& block, LogSection section, const Dictionary& texts) {
  putTexts(d_scratch, texts);
  appendSection(block, section, d_scratch);
}

EncodedBlock BlockBuilder::encode() {
  EncodedBlock encoded;
  LogOctets& block = encoded.block;
  block.resize(sizeof(BlockHead) + kSections * 2 * sizeof(std::uint32_t));
  appendSection(block, LogSection::Times, d_times.octets());
  appendSection(block, LogSection::Latencies, d_latencies.octets());
  appendSection(block, LogSection::NameTexts, d_names.octets());
  appendIds(block, LogSection::NameIds, d_nameIds, d_names.size());
  appendTexts(block, LogSection::ClientTexts, d_clients);
  appendIds(block, LogSection::ClientIds, d_clientIds, d_clients.size());
  appendSection(block, LogSection::Shapes, d_shapes.octets());
  appendIds(block, LogSection::ShapeIds, d_shapeIds, d_shapes.size());
  appendSection(block, LogSection::Upstream, d_upstream);
  appendTexts(block, LogSection::Strings, d_strings);
  appendSection(block, LogSection::Policies, d_policies);
  appendSection(block, LogSection::Tags, d_tags);
  appendSection(block, LogSection::Answers, d_answers);
  BlockHead head{.records = d_records,
                 .baseTime = d_baseTime,
                 .names = d_names.size(),
                 .clients = d_clients.size(),
                 .shapes = d_shapes.size(),
                 .strings = d_strings.size()};
  std::memcpy(block.data(), &head, sizeof head);
  head.checksum = checksum(std::span(block).subspan(kCheckedFrom));
  std::memcpy(block.data(), &head, sizeof head);
  encoded.index = makeIndex();
  encoded.index.bytes = static_cast<std::uint32_t>(block.size());
  return encoded;
}

} // namespace rec
