// The filters' bits, and how an index is stored.
#include "recursor/querylog/blockindex.hh"

#include <algorithm>
#include <cstring>

#include "lib/base/hash.hh"
#include "recursor/querylog/packing.hh"

namespace rec {
namespace {

constexpr std::size_t kLine = 64; // octets: a look-up touches one
constexpr std::size_t kBitsEach = 10;
constexpr unsigned kProbes = 4;
constexpr unsigned kProbeBits = 9; // 512 bits in a line
constexpr std::size_t kMostFilter = std::size_t{1} << 20;
constexpr std::uint32_t kIndexVersion = 1;
// Fixed: hashes of them are stored.
constexpr std::uint64_t kMixA = 0xA24BAED4963EE407ULL, kMixB = 0x9FB21C651E98DF25ULL;

std::size_t lineOf(std::uint64_t hash, std::size_t lines) {
  return static_cast<std::size_t>(((hash >> 32) * lines) >> 32);
}

template <typename Visit> void eachProbe(std::uint64_t hash, Visit visit) {
  std::uint64_t bits = base::mix(hash, kMixB);
  for (unsigned i = 0; i < kProbes; ++i, bits >>= kProbeBits) visit(bits & (8 * kLine - 1));
}

std::uint64_t labelHash(std::uint64_t state, std::span<const std::byte> label) {
  for (std::size_t i = 0; i < label.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, label.data() + i, std::min<std::size_t>(8, label.size() - i));
    state = base::mix(state ^ word, kMixA) + label.size();
  }
  return state;
}

} // namespace

HashFilter HashFilter::of(std::span<const std::uint64_t> hashes) {
  if (hashes.empty()) {
    return HashFilter();
  }
  const std::size_t lines = (hashes.size() * kBitsEach + 8 * kLine - 1) / (8 * kLine);
  std::vector<std::byte> bits(lines * kLine);
  for (const std::uint64_t hash : hashes) {
    std::byte* const line = bits.data() + lineOf(hash, lines) * kLine;
    eachProbe(hash, [line](std::uint64_t bit) { line[bit / 8] |= static_cast<std::byte>(1U << bit % 8); });
  }
  return HashFilter(std::move(bits));
}

bool HashFilter::mayHave(std::uint64_t hash) const {
  const std::size_t lines = d_bits.size() / kLine;
  if (lines == 0) {
    return false;
  }
  const std::byte* const line = d_bits.data() + lineOf(hash, lines) * kLine;
  bool all = true;
  eachProbe(hash, [&](std::uint64_t bit) {
    all = all && (line[bit / 8] & static_cast<std::byte>(1U << bit % 8)) != std::byte{0};
  });
  return all;
}

void appendSuffixHashes(std::span<const std::byte> wire, std::vector<std::uint64_t>& out) {
  std::uint8_t offsets[128];
  std::size_t labels = 0;
  for (std::size_t at = 0; at < wire.size() && wire[at] != std::byte{0} && labels < sizeof offsets;) {
    offsets[labels++] = static_cast<std::uint8_t>(at);
    at += std::to_integer<std::size_t>(wire[at]) + 1;
  }
  std::uint64_t state = kMixB;
  while (labels-- > 0) {
    const std::size_t at = offsets[labels];
    const std::size_t size = std::min(std::to_integer<std::size_t>(wire[at]) + 1, wire.size() - at);
    state = labelHash(state, wire.subspan(at, size));
    out.push_back(state);
  }
}

std::uint64_t suffixHash(const dns::Name& name) {
  const dns::Name lower = name.lowercased();
  std::vector<std::uint64_t> hashes;
  appendSuffixHashes(lower.wire(), hashes);
  return hashes.empty() ? kMixB : hashes.back();
}

std::uint64_t networkHash(std::span<const std::byte> octets, unsigned bits) {
  std::uint64_t words[2] = {0, 0};
  std::byte* const at = reinterpret_cast<std::byte*>(words);
  std::ranges::copy(octets.first(std::min<std::size_t>({(bits + 7) / 8, octets.size(), sizeof words})), at);
  if (bits % 8 != 0) at[bits / 8] &= static_cast<std::byte>(0xFF00U >> bits % 8);
  return base::mix(base::mix(words[0] ^ kMixA, kMixB + bits + (octets.size() << 8)) ^ words[1], kMixA);
}

std::vector<std::byte> BlockIndex::encode() const {
  LogOctets out;
  putPlain(out, kIndexVersion);
  putPlain(out, records);
  putPlain(out, bytes);
  putPlain(out, slowest);
  putPlain(out, first);
  putPlain(out, last);
  putPlain(out, rcodes);
  putPlain(out, types);
  putPlain(out, static_cast<std::uint32_t>(kinds | (hasPolicies ? 1U << 16 : 0U)));
  for (const HashFilter* filter : {&names, &clients}) {
    putPlain(out, static_cast<std::uint32_t>(filter->bits().size()));
    out.insert(out.end(), filter->bits().begin(), filter->bits().end());
  }
  return out;
}

base::Result<BlockIndex> BlockIndex::decode(std::span<const std::byte> octets) {
  PackingReader reader(octets);
  const auto version = reader.plain<std::uint32_t>();
  BlockIndex index;
  index.records = reader.plain<std::uint32_t>();
  index.bytes = reader.plain<std::uint32_t>();
  index.slowest = reader.plain<std::uint32_t>();
  index.first = reader.plain<std::int64_t>();
  index.last = reader.plain<std::int64_t>();
  index.rcodes = reader.plain<std::uint64_t>();
  index.types = reader.plain<std::uint64_t>();
  const auto kinds = reader.plain<std::uint32_t>();
  index.kinds = static_cast<std::uint16_t>(kinds);
  index.hasPolicies = (kinds >> 16 & 1U) != 0;
  for (HashFilter* filter : {&index.names, &index.clients}) {
    const auto size = reader.plain<std::uint32_t>();
    const auto bits = reader.take(size);
    if (size > kMostFilter || size % kLine != 0) return base::Error{"a damaged index"};
    *filter = HashFilter({bits.begin(), bits.end()});
  }
  if (!reader.done() || version != kIndexVersion) {
    return base::Error{"a damaged index"};
  }
  return index;
}

} // namespace rec
