// NameCompressor. Most owners are the name asked (isAsked); only for another name the table is begun, with the suffixes
// of the name asked. plan() hashes every suffix, right to left, in one pass over the labels, and looks them up, longest
// first; matches() compares with what stands in the message.
#include "lib/dns/namecompressor.hh"

namespace dns {
namespace {

std::size_t octet(std::byte b) { return std::to_integer<std::size_t>(b); }

std::uint64_t labelHash(const std::byte* label, std::uint64_t rest) {
  return base::mix(hashFolded(label, octet(*label) + 1), rest | 1);
}

bool sameLabel(const std::byte* a, const std::byte* b, bool exactCase) {
  const std::size_t size = octet(*a) + 1;
  return exactCase ? std::memcmp(a, b, size) == 0 : *a == *b && equalFolded(a, b, size);
}

} // namespace

NameSuffixes::NameSuffixes(const std::byte* wire) {
  for (std::size_t at = 0; wire[at] != std::byte{0}; at += octet(wire[at]) + 1) {
    starts[count++] = static_cast<std::uint8_t>(at);
  }
  std::uint64_t hash = 1;
  for (std::size_t i = count; i-- > 0;) {
    hashes[i] = hash = labelHash(wire + starts[i], hash);
  }
}

NameCompressor::Plan NameCompressor::plan(std::span<const std::byte> wire, bool exactCase) {
  if (!d_isBegun) {
    begin();
  }
  Plan plan{NameSuffixes(wire.data())};
  const NameSuffixes& suffixes = plan.suffixes;
  for (; plan.labels < suffixes.count; ++plan.labels) {
    const std::size_t start = suffixes.starts[plan.labels];
    plan.octets = start;
    plan.target = find(suffixes.hashes[plan.labels], wire.data() + start, exactCase);
    if (plan.target != 0) {
      return plan;
    }
  }
  plan.octets = wire.size() - 1;
  return plan;
}

// What can be pointed to before there is anything else.
void NameCompressor::begin() {
  d_targets.fill({});
  d_isBegun = true;
  if (d_askedSize > 0) {
    const NameSuffixes asked(d_message + d_askedAt);
    for (std::size_t i = 0; i < asked.count; ++i) {
      add(asked.hashes[i], d_askedAt + asked.starts[i]);
    }
  }
}

std::size_t NameCompressor::find(std::uint64_t hash, const std::byte* suffix, bool exactCase) const {
  const auto tag = static_cast<std::uint16_t>(hash >> 48);
  for (std::size_t probe = 0; probe < kMaxProbes; ++probe) {
    const Target& target = d_targets[(hash + probe) % kSlots];
    if (target.offset == 0) {
      return 0;
    }
    if (target.tag == tag && matches(target.offset, suffix, exactCase)) {
      return target.offset;
    }
  }
  return 0;
}

// Our own output: every pointer in it leads backwards to a name in it.
bool NameCompressor::matches(std::size_t offset, const std::byte* suffix, bool exactCase) const {
  const std::byte* at = d_message + offset;
  for (;;) {
    while (octet(*at) >= 0xC0) {
      at = d_message + ((octet(at[0]) << 8 | octet(at[1])) & kMaxTarget);
    }
    if (*suffix == std::byte{0} || *at == std::byte{0}) {
      return *suffix == *at;
    }
    if (*suffix != *at || !sameLabel(suffix, at, exactCase)) {
      return false;
    }
    const std::size_t step = octet(*at) + 1;
    suffix += step;
    at += step;
  }
}

void NameCompressor::remember(const Plan& plan, std::size_t offset) {
  for (std::size_t i = 0; i < plan.labels; ++i) {
    add(plan.suffixes.hashes[i], offset + plan.suffixes.starts[i]);
  }
}

void NameCompressor::add(std::uint64_t hash, std::size_t offset) {
  if (offset > kMaxTarget || d_targetCount >= kMaxTargets) {
    return;
  }
  for (std::size_t probe = 0; probe < kMaxProbes; ++probe) {
    Target& target = d_targets[(hash + probe) % kSlots];
    if (target.offset == 0) {
      target = {static_cast<std::uint16_t>(offset), static_cast<std::uint16_t>(hash >> 48)};
      ++d_targetCount;
      return;
    }
  }
}

void NameCompressor::forget(std::size_t offset) {
  if (!d_isBegun) {
    return;
  }
  // Newer entries never stand in front of older ones on a probe path, so that removing the newest breaks no path.
  for (Target& target : d_targets) {
    if (target.offset >= offset && target.offset != 0) {
      target = {};
      --d_targetCount;
    }
  }
}

} // namespace dns
