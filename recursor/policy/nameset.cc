// Looking up in a NameSet. How it is made: namesetbuilder.cc.
#include "recursor/policy/nameset.hh"

#include <algorithm>

namespace rec {
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

RuleKinds NameSet::find(std::string_view text, std::uint64_t hash) const {
  if (d_buckets == 0) {
    return 0;
  }
  const auto wanted = static_cast<std::uint32_t>(hash & 0xFFF);
  std::optional<PackedName> packed;
  RuleKinds kinds = 0;
  for (std::size_t bucket = bucketOf(hash);; bucket = bucket + 1 == d_buckets ? 0 : bucket + 1) {
    const std::uint32_t* words = d_index.data() + bucket * kBucket;
    bool isFull = true;
    for (std::size_t i = 0; i < kBucket; ++i) {
      isFull = isFull && words[i] != 0;
      if (words[i] >> kChunkBits != wanted || words[i] == 0 || (words[i] & kChunkMask) == kGone) {
        continue;
      }
      if (!packed && !(packed = PackedName::pack(text))) {
        return 0;
      }
      kinds = static_cast<RuleKinds>(kinds | kindsIn((words[i] & kChunkMask) - 1, *packed));
    }
    if (!isFull) {
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
    __builtin_prefetch(d_index.data() + bucketOf(suffix.hash) * kBucket);
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
