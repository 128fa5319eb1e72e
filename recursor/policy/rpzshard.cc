// Entries and slots of a shard: see rpzshard.hh. An entry: one octet for its two sides, the key, and for each side that
// is not plain its size, TTL, action and records.
#include "recursor/policy/rpzshard.hh"

#include <algorithm>
#include <cstring>

#include "lib/base/hash.hh"
#include "lib/base/memory.hh"

namespace rec {
namespace {

constexpr unsigned kBlock = 15;       // a side that does not fit four bits: it follows the key
constexpr std::size_t kBlockHead = 9; // size, TTL, action
constexpr std::size_t kDeadAllowed = 4096;

unsigned plainCode(const RpzSide& side, std::uint32_t usualTtl) {
  if (side.action == PolicyAction::None) return 0;
  return side.action == PolicyAction::Custom || side.ttl != usualTtl ? kBlock : static_cast<unsigned>(side.action);
}

std::uint32_t tagOf(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 32 & 0xFFU); }

void put32(std::byte* at, std::uint32_t value) { std::memcpy(at, &value, sizeof value); }

std::size_t blockSize(const std::byte* at) { return kBlockHead + base::load32(at); }

RpzSide readSide(unsigned code, const std::byte*& at, std::uint32_t usualTtl) {
  RpzSide side;
  if (code != kBlock) {
    side.action = static_cast<PolicyAction>(code);
    side.ttl = usualTtl;
    return side;
  }
  side.ttl = base::load32(at + 4);
  side.action = static_cast<PolicyAction>(at[8]);
  side.records = {at + kBlockHead, base::load32(at)};
  at += blockSize(at);
  return side;
}

void writeSide(const RpzSide& side, std::byte*& at) {
  put32(at, static_cast<std::uint32_t>(side.records.size()));
  put32(at + 4, side.ttl);
  at[8] = static_cast<std::byte>(side.action);
  std::copy(side.records.begin(), side.records.end(), at + kBlockHead);
  at += blockSize(at);
}

bool isNothing(const RpzShard::Entry& entry) {
  return entry.exact.action == PolicyAction::None && entry.wildcard.action == PolicyAction::None;
}

std::size_t slotsFor(std::size_t entries) { return entries + entries / 2 + 2; }

} // namespace

std::size_t RpzShard::slotOf(std::uint64_t hash) const {
  return static_cast<std::size_t>((hash & 0xFFFFFFFFU) * d_slots.size() >> 32);
}

void RpzShard::prefetch(std::uint64_t hash) const {
  if (!d_slots.empty()) __builtin_prefetch(d_slots.data() + slotOf(hash));
}

// The slot of the entry, or the free one where it would go; d_slots.size() when there are no slots.
template <typename Equal> std::size_t RpzShard::probe(std::uint64_t hash, const Equal& equal) const {
  if (d_slots.empty()) return 0;
  for (std::size_t slot = slotOf(hash);; slot = slot + 1 == d_slots.size() ? 0 : slot + 1) {
    const std::uint32_t value = d_slots[slot];
    const std::size_t offset = value & ((1U << kOffsetBits) - 1);
    if (offset == 0 || (value >> kOffsetBits == tagOf(hash) && equal(d_arena.data() + offset))) return slot;
  }
}

bool RpzShard::prefetchEntry(std::uint64_t hash) const {
  const std::size_t slot = probe(hash, [](const std::byte* at) {
    __builtin_prefetch(at);
    return true;
  });
  return !d_slots.empty() && d_slots[slot] != 0;
}

std::size_t RpzShard::read(std::size_t at, std::uint32_t usualTtl, Entry& into) const {
  const std::byte* const entry = d_arena.data() + at;
  const auto codes = std::to_integer<unsigned>(entry[0]);
  into.key = {entry + 1, RpzKey::sizeAt(entry + 1)};
  const std::byte* next = entry + 1 + into.key.size();
  into.exact = readSide(codes & 15U, next, usualTtl);
  into.wildcard = readSide(codes >> 4, next, usualTtl);
  return static_cast<std::size_t>(next - entry);
}

std::size_t RpzShard::sizeAt(std::size_t at) const {
  Entry entry;
  return read(at, 0, entry);
}

bool RpzShard::find(std::uint64_t hash, Octets key, std::uint32_t usualTtl, Entry& into) const {
  const auto equal = [key](const std::byte* at) { return std::memcmp(at, key.data(), key.size()) == 0; };
  const std::size_t slot =
      probe(hash, [&](const std::byte* at) { return RpzKey::sizeAt(at) == key.size() && equal(at); });
  if (d_slots.empty() || d_slots[slot] == 0) return false;
  static_cast<void>(read((d_slots[slot] & ((1U << kOffsetBits) - 1)) - 1, usualTtl, into));
  return true;
}

// A name and the mark of its kind, which are not in one piece. Names end themselves: octets after the first difference
// are never looked at.
bool RpzShard::find(std::uint64_t hash, PolicyTrigger trigger, Octets name, std::uint32_t usualTtl, Entry& into) const {
  const std::size_t mark = trigger == PolicyTrigger::QName ? 0 : 1;
  const auto end = d_arena.data() + d_arena.size();
  const std::size_t slot = probe(hash, [&](const std::byte* at) {
    return static_cast<std::size_t>(end - at) >= mark + name.size() && RpzKey::triggerOf({at, 1}) == trigger &&
           std::memcmp(at + mark, name.data(), name.size()) == 0;
  });
  if (d_slots.empty() || d_slots[slot] == 0) return false;
  static_cast<void>(read((d_slots[slot] & ((1U << kOffsetBits) - 1)) - 1, usualTtl, into));
  return true;
}

bool RpzShard::append(std::uint64_t hash, const Entry& entry, std::uint32_t usualTtl, std::size_t slot) {
  const unsigned exact = plainCode(entry.exact, usualTtl);
  const unsigned wildcard = plainCode(entry.wildcard, usualTtl);
  std::size_t size = 1 + entry.key.size();
  if (exact == kBlock) size += kBlockHead + entry.exact.records.size();
  if (wildcard == kBlock) size += kBlockHead + entry.wildcard.records.size();
  const std::size_t at = d_arena.size();
  if (at + size + 1 >= std::size_t{1} << kOffsetBits) return false;
  if (at + size > d_arena.capacity()) d_arena.reserve((at + size) * 5 / 4 + 64);
  d_arena.resize(at + size);
  std::byte* to = d_arena.data() + at;
  *to++ = static_cast<std::byte>(exact | wildcard << 4);
  to = std::copy(entry.key.begin(), entry.key.end(), to);
  if (exact == kBlock) writeSide(entry.exact, to);
  if (wildcard == kBlock) writeSide(entry.wildcard, to);
  d_slots[slot] = tagOf(hash) << kOffsetBits | static_cast<std::uint32_t>(at + 1);
  return true;
}

// What is dead is given back when it is most of the arena, and before a shard counts as full.
bool RpzShard::put(std::uint64_t hash, const Entry& entry, std::uint32_t usualTtl) {
  const bool wasteful = d_dead > kDeadAllowed && d_dead > d_arena.size() / 2;
  if (wasteful || d_slots.empty() || d_used + 1 > d_slots.size() * 3 / 4) rebuild(d_entries + d_entries / 3 + 1);
  if (tryPut(hash, entry, usualTtl)) return true;
  if (d_dead == 0) return false;
  rebuild(d_entries + 1);
  return tryPut(hash, entry, usualTtl);
}

// False: nothing has changed.
bool RpzShard::tryPut(std::uint64_t hash, const Entry& entry, std::uint32_t usualTtl) {
  const std::size_t slot = probe(hash, [&](const std::byte* at) {
    return RpzKey::sizeAt(at) == entry.key.size() && std::memcmp(at, entry.key.data(), entry.key.size()) == 0;
  });
  if (d_slots[slot] != 0) return replace(hash, entry, usualTtl, slot);
  if (isNothing(entry)) return true;
  if (!append(hash, entry, usualTtl, slot)) return false;
  ++d_used;
  ++d_entries;
  return true;
}

// In its place where both versions are plain, else at the end. An entry without a rule (its codes are 0) keeps its slot
// and has been counted as dead when it became one.
bool RpzShard::replace(std::uint64_t hash, const Entry& entry, std::uint32_t usualTtl, std::size_t slot) {
  const std::size_t at = (d_slots[slot] & ((1U << kOffsetBits) - 1)) - 1;
  const auto codes = std::to_integer<unsigned>(d_arena[at]);
  const unsigned exact = plainCode(entry.exact, usualTtl);
  const unsigned wildcard = plainCode(entry.wildcard, usualTtl);
  const bool plain = (codes & 15U) != kBlock && codes >> 4 != kBlock && exact != kBlock && wildcard != kBlock;
  const auto old = static_cast<std::uint32_t>(sizeAt(at));
  const bool nothing = isNothing(entry);
  if (!plain && !append(hash, entry, usualTtl, slot)) return false;
  d_entries += (nothing ? 0U : 1U) - (codes == 0 ? 0U : 1U);
  if (plain) {
    d_arena[at] = static_cast<std::byte>(exact | wildcard << 4);
    d_dead += (nothing ? old : 0U) - (codes == 0 ? old : 0U);
    return true;
  }
  if (codes != 0) d_dead += old;
  if (nothing) d_dead += static_cast<std::uint32_t>(1 + entry.key.size());
  bury(at);
  return true;
}

// A replaced entry stays readable, so that the arena can be gone through: its blocks say that they are no rule.
void RpzShard::bury(std::size_t at) {
  const auto codes = std::to_integer<unsigned>(d_arena[at]);
  std::byte* block = d_arena.data() + at + 1 + RpzKey::sizeAt(d_arena.data() + at + 1);
  for (const unsigned code : {codes & 15U, codes >> 4}) {
    if (code != kBlock) continue;
    block[8] = static_cast<std::byte>(PolicyAction::None);
    block += blockSize(block);
  }
  const unsigned exact = (codes & 15U) == kBlock ? kBlock : 0;
  const unsigned wildcard = codes >> 4 == kBlock ? kBlock : 0;
  d_arena[at] = static_cast<std::byte>(exact | wildcard << 4);
}

void RpzShard::rebuild(std::size_t entries) {
  RpzShard fresh;
  fresh.d_slots.assign(slotsFor(entries), 0);
  if (d_dead == 0) {
    fresh.d_arena = std::move(d_arena);
  } else {
    fresh.d_arena.reserve(d_arena.size() - std::min<std::size_t>(d_dead, d_arena.size()) + 64);
  }
  const RpzShard& from = d_dead == 0 ? fresh : *this;
  for (std::size_t at = 0; at < from.d_arena.size();) {
    Entry entry;
    const std::size_t size = from.read(at, 0, entry);
    if (entry.exact.action != PolicyAction::None || entry.wildcard.action != PolicyAction::None) {
      const std::uint64_t hash = RpzKey::hashOf(entry.key);
      std::size_t to = at;
      if (d_dead != 0) {
        to = fresh.d_arena.size();
        fresh.d_arena.insert(fresh.d_arena.end(), d_arena.begin() + static_cast<std::ptrdiff_t>(at),
                             d_arena.begin() + static_cast<std::ptrdiff_t>(at + size));
      }
      const std::size_t slot = fresh.probe(hash, [](const std::byte*) { return false; });
      fresh.d_slots[slot] = tagOf(hash) << kOffsetBits | static_cast<std::uint32_t>(to + 1);
      ++fresh.d_used;
    }
    at += size;
  }
  fresh.d_entries = fresh.d_used;
  *this = std::move(fresh);
}

void RpzShard::reserve(std::size_t entries, std::size_t octets) {
  d_slots.assign(slotsFor(entries), 0);
  d_arena.reserve(octets);
}

// Moving to the allocator's next smaller size would leave a hole that is larger than what is saved.
void RpzShard::tidy() {
  if (d_dead != 0 || d_slots.size() > slotsFor(d_entries) * 9 / 8 + 4) rebuild(d_entries + 1);
  if (base::allocatedSize(d_arena.capacity()) > base::allocatedSize(d_arena.size()) * 5 / 4) d_arena.shrink_to_fit();
  d_slots.shrink_to_fit();
}

void RpzShard::split(std::uint64_t bit, std::uint32_t usualTtl, RpzShard& upper) {
  RpzShard lower;
  lower.d_slots.assign(slotsFor(d_entries * 3 / 5), 0);
  upper.d_slots.assign(slotsFor(d_entries * 3 / 5), 0);
  lower.d_arena.reserve(d_arena.size() * 5 / 8);
  upper.d_arena.reserve(d_arena.size() * 5 / 8);
  forEach(usualTtl, [&](const Entry& entry) {
    const std::uint64_t hash = RpzKey::hashOf(entry.key);
    static_cast<void>(((hash & bit) != 0 ? upper : lower).put(hash, entry, usualTtl));
  });
  *this = std::move(lower);
}

std::size_t RpzShard::bytes() const {
  return base::allocatedSize(d_arena.capacity()) + base::allocatedSize(d_slots.capacity() * sizeof(std::uint32_t)) +
         base::allocatedSize(sizeof(RpzShard) + 16);
}

} // namespace rec
