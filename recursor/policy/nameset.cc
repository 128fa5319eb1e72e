// Looking up in a NameSet. How it is made: namesetbuilder.cc.
#include "recursor/policy/nameset.hh"

#include <algorithm>
#include <bit>
#include <cstring>

namespace rec {
namespace {

using Four = std::uint32_t __attribute__((vector_size(16)));

} // namespace

// The last word ends the name, so that a longer one differs there at the latest.
RuleKinds NameSet::kindsIn(std::size_t id, const PackedName& name) const {
  const std::uint16_t* const head = chunk(id);
  const bool mixed = head[Kind] == kMixed;
  const std::uint16_t* const begin = head + kHead + (mixed ? head[Count] : 0);
  const std::uint16_t* const end = d_text.data() + d_offsets[id + 1];
  const auto words = name.words();
  RuleKinds kinds = 0;
  for (const std::uint16_t* at = begin; (at = std::find(at, end, words.front())) != end; ++at) {
    const bool begins = at == begin || endsName(at[-1]);
    if (!begins || static_cast<std::size_t>(end - at) < words.size() || !std::equal(words.begin(), words.end(), at)) {
      continue;
    }
    const std::uint16_t kind =
        mixed ? head[kHead + static_cast<std::size_t>(std::count_if(begin, at, endsName))] : head[Kind];
    kinds = static_cast<RuleKinds>(kinds | bitOf(static_cast<RuleKind>(kind)));
    if (!mixed) {
      break;
    }
  }
  return kinds;
}

// All words of a bucket, four at a time and without a branch.
NameSet::Bucket NameSet::look(std::size_t bucket, std::uint64_t hash) const {
  const std::uint32_t* const words = d_index.data() + bucket * kBucket;
  const Four wanted = Four{} + static_cast<std::uint32_t>(hash & 0xFFF);
  Four bits{1, 2, 4, 8}, hits{}, free{};
  for (std::size_t i = 0; i < kBucket; i += 4) {
    Four four;
    std::memcpy(&four, words + i, sizeof four);
    hits |= reinterpret_cast<Four>(four >> kChunkBits == wanted) & bits;
    free |= reinterpret_cast<Four>(four == Four{});
    bits <<= 4;
  }
  return {hits[0] | hits[1] | hits[2] | hits[3], (free[0] | free[1] | free[2] | free[3]) == 0};
}

std::size_t NameSet::prefetchChunk(std::uint64_t hash) const {
  if (d_buckets == 0) {
    return 0;
  }
  const std::size_t bucket = bucketOf(hash);
  for (std::uint32_t hits = look(bucket, hash).hits; hits != 0; hits &= hits - 1) {
    const std::uint32_t id = d_index[bucket * kBucket + static_cast<std::size_t>(std::countr_zero(hits))] & kChunkMask;
    if (id != 0 && id != kGone) {
      __builtin_prefetch(d_offsets.data() + id - 1);
      return id;
    }
  }
  return 0;
}

void NameSet::prefetchNames(std::size_t chunk) const {
  constexpr std::size_t kLine = 32; // words of a cache line
  constexpr std::size_t kLines = 4; // few chunks are longer
  const std::uint16_t* const names = this->chunk(chunk - 1);
  for (std::size_t i = 0; i < kLines; ++i) {
    __builtin_prefetch(names + i * kLine);
  }
}

RuleKinds NameSet::find(std::string_view text, std::uint64_t hash) const {
  if (d_buckets == 0) {
    return 0;
  }
  std::optional<PackedName> packed;
  RuleKinds kinds = 0;
  for (std::size_t bucket = bucketOf(hash);; bucket = bucket + 1 == d_buckets ? 0 : bucket + 1) {
    const Bucket seen = look(bucket, hash);
    for (std::uint32_t hits = seen.hits; hits != 0; hits &= hits - 1) {
      const std::uint32_t word = d_index[bucket * kBucket + static_cast<std::size_t>(std::countr_zero(hits))];
      if (word == 0 || (word & kChunkMask) == kGone) {
        continue;
      }
      if (!packed && !(packed = PackedName::packProbed(text))) {
        return 0;
      }
      kinds = static_cast<RuleKinds>(kinds | kindsIn((word & kChunkMask) - 1, *packed));
    }
    if (!seen.isFull) {
      return kinds;
    }
  }
}

std::optional<NameSet::Match> NameSet::match(const NameProbe& probe, bool allowing) const {
  const std::size_t shift = allowing ? 3 : 0;
  if (allowing && d_allowing == 0) {
    return std::nullopt;
  }
  for (const NameProbe::Suffix& suffix : probe.suffixes()) {
    prefetch(suffix.hash);
  }
  for (const NameProbe::Suffix& suffix : probe.suffixes()) {
    const auto kinds = static_cast<unsigned>(find(probe.text(suffix), suffix.hash)) >> shift;
    if ((kinds & bitOf(RuleKind::Tree)) != 0) {
      return Match{static_cast<RuleKind>(shift), suffix};
    }
    const RuleKind other = suffix.begin == 0 ? RuleKind::Exact : RuleKind::Below;
    if ((kinds & bitOf(other)) != 0) {
      return Match{static_cast<RuleKind>(static_cast<std::size_t>(other) + shift), suffix};
    }
  }
  return std::nullopt;
}

std::size_t NameSet::bytes() const {
  return d_text.bytes() + d_offsets.bytes() + d_digests.bytes() + d_index.bytes() + sizeof *this;
}

} // namespace rec
