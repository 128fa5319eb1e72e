// RRset: one malloc'd block (Block, owner, rdatas, signatures) with an atomic reference count; immutable once built.
#include "lib/dns/rrset.hh"

#include <algorithm>
#include <atomic>
#include <cassert>
#include <cstdlib>
#include <cstring>
#include <new>

#include "lib/base/memory.hh"
#include "lib/dns/fold.hh"
#include "lib/dns/presentation.hh"

namespace dns {

// 16 octets for the common set: few records, no signatures. The others have their counts and sizes in a Wide behind it.
struct RRset::Block {
  struct Wide {
    std::uint32_t count, signatureCount, rdataSize, signatureSize;
  };
  static constexpr std::uint8_t kWide = 255; // as count

  std::atomic<std::uint32_t> references{1};
  std::uint32_t ttl;
  RRType type;
  RRClass rrclass;
  std::uint16_t shortRdataSize; // octets, length prefixes included
  std::uint8_t ownerSize;
  std::uint8_t shortCount;

  static bool needsWide(const Parts& parts) {
    return parts.count >= kWide || parts.rdatas.size() > UINT16_MAX || parts.signatureCount > 0;
  }
  [[nodiscard]] bool isWide() const { return shortCount == kWide; }
  [[nodiscard]] const Wide& wide() const { return *reinterpret_cast<const Wide*>(this + 1); }
  [[nodiscard]] std::size_t count() const { return isWide() ? wide().count : shortCount; }
  [[nodiscard]] std::size_t rdataSize() const { return isWide() ? wide().rdataSize : shortRdataSize; }
  [[nodiscard]] std::size_t signatureCount() const { return isWide() ? wide().signatureCount : 0; }
  [[nodiscard]] std::size_t signatureSize() const { return isWide() ? wide().signatureSize : 0; }
  [[nodiscard]] const std::byte* owner() const {
    return reinterpret_cast<const std::byte*>(this + 1) + (isWide() ? sizeof(Wide) : 0);
  }
  [[nodiscard]] const std::byte* rdatas() const { return owner() + ownerSize; }
  [[nodiscard]] const std::byte* signatures() const { return rdatas() + rdataSize(); }
};

namespace {

std::uint64_t hashOctets(std::span<const std::byte> octets) {
  return octets.empty() ? 0 : hashFolded(octets.data(), octets.size());
}

bool same(std::span<const std::byte> a, std::span<const std::byte> b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin());
}

std::byte* append(std::byte* to, std::span<const std::byte> octets) {
  return std::copy(octets.begin(), octets.end(), to);
}

} // namespace

void RdataList::add(std::span<const std::byte> rdata) {
  assert(rdata.size() <= 65535);
  if (holds(rdata)) {
    return;
  }
  const std::size_t offset = d_bytes.size();
  d_bytes.push_back(static_cast<std::byte>(rdata.size() >> 8));
  d_bytes.push_back(static_cast<std::byte>(rdata.size()));
  d_bytes.insert(d_bytes.end(), rdata.begin(), rdata.end());
  ++d_count;
  if (d_count > kScanned) {
    index(rdata, offset);
  }
}

void RdataList::clear() {
  d_bytes.clear();
  d_index.clear();
  d_count = 0;
}

bool RdataList::holds(std::span<const std::byte> rdata) {
  if (d_index.empty()) {
    return std::any_of(range().begin(), range().end(), [&](auto other) { return same(other, rdata); });
  }
  const std::size_t mask = d_index.size() - 1;
  for (std::size_t at = hashOctets(rdata) & mask; d_index[at] != 0; at = (at + 1) & mask) {
    if (same(*RdataRange::iterator(d_bytes.data() + d_index[at] - 1), rdata)) {
      return true;
    }
  }
  return false;
}

void RdataList::index(std::span<const std::byte> rdata, std::size_t offset) {
  if (d_count * 2 > d_index.size()) {
    growIndex(); // enters all, this one too
    return;
  }
  const std::size_t mask = d_index.size() - 1;
  std::size_t at = hashOctets(rdata) & mask;
  while (d_index[at] != 0) {
    at = (at + 1) & mask;
  }
  d_index[at] = static_cast<std::uint32_t>(offset + 1);
}

void RdataList::growIndex() {
  d_index.assign(std::max<std::size_t>(64, d_index.size() * 4), 0);
  std::size_t offset = 0;
  for (const auto rdata : range()) {
    index(rdata, offset);
    offset += 2 + rdata.size();
  }
}

RRset RRset::fromParts(const Parts& parts) {
  const bool wide = Block::needsWide(parts);
  const std::size_t front = sizeof(Block) + (wide ? sizeof(Block::Wide) : 0);
  void* memory = std::malloc(front + parts.owner.size() + parts.rdatas.size() + parts.signatures.size());
  if (memory == nullptr) {
    throw std::bad_alloc();
  }
  auto* block = new (memory) Block{.ttl = parts.ttl,
                                   .type = parts.type,
                                   .rrclass = parts.rrclass,
                                   .shortRdataSize = static_cast<std::uint16_t>(parts.rdatas.size()),
                                   .ownerSize = static_cast<std::uint8_t>(parts.owner.size()),
                                   .shortCount = wide ? Block::kWide : static_cast<std::uint8_t>(parts.count)};
  if (wide) {
    new (block + 1) Block::Wide{.count = static_cast<std::uint32_t>(parts.count),
                                .signatureCount = static_cast<std::uint32_t>(parts.signatureCount),
                                .rdataSize = static_cast<std::uint32_t>(parts.rdatas.size()),
                                .signatureSize = static_cast<std::uint32_t>(parts.signatures.size())};
  }
  auto* at = static_cast<std::byte*>(memory) + front;
  at = append(at, parts.owner);
  at = append(at, parts.rdatas);
  append(at, parts.signatures);
  return RRset(block);
}

void RRset::acquire() {
  if (d_block != nullptr) {
    d_block->references.fetch_add(1, std::memory_order_relaxed);
  }
}

void RRset::release() {
  // The last owner must see all that others did with the block before it frees it.
  if (d_block != nullptr && d_block->references.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    d_block->~Block();
    std::free(d_block);
  }
}

RRset::Parts RRset::parts() const {
  return {.owner = ownerWire(),
          .type = type(),
          .rrclass = rrclass(),
          .ttl = ttl(),
          .count = count(),
          .signatureCount = signatureCount(),
          .rdatas = {d_block->rdatas(), d_block->rdataSize()},
          .signatures = {d_block->signatures(), d_block->signatureSize()}};
}

Name RRset::owner() const { return Name::fromWire(ownerWire()); }

bool RRset::ownerIs(const Name& name) const {
  return name.wireSize() == d_block->ownerSize && equalFolded(name.wire().data(), d_block->owner(), name.wireSize());
}

std::span<const std::byte> RRset::ownerWire() const { return {d_block->owner(), d_block->ownerSize}; }
RRType RRset::type() const { return d_block->type; }
RRClass RRset::rrclass() const { return d_block->rrclass; }
std::uint32_t RRset::ttl() const { return d_block->ttl; }
std::size_t RRset::count() const { return d_block->count(); }
std::size_t RRset::signatureCount() const { return d_block->signatureCount(); }
RdataRange RRset::rdatas() const { return {d_block->rdatas(), d_block->signatures()}; }

RdataRange RRset::signatures() const {
  return {d_block->signatures(), d_block->signatures() + d_block->signatureSize()};
}

std::size_t RRset::memorySize() const {
  const std::byte* end = d_block->signatures() + d_block->signatureSize();
  return static_cast<std::size_t>(end - reinterpret_cast<const std::byte*>(d_block));
}

std::size_t RRset::allocatedSize() const { return base::allocatedSize(memorySize()); }

RRset RRset::withTtl(std::uint32_t ttl) const {
  Parts changed = parts();
  changed.ttl = ttl;
  return fromParts(changed);
}

RRset RRset::withOwner(const Name& owner) const {
  Parts changed = parts();
  changed.owner = owner.wire();
  return fromParts(changed);
}

RRset RRset::withoutSignatures() const {
  Parts changed = parts();
  changed.signatures = {};
  changed.signatureCount = 0;
  return fromParts(changed);
}

bool RRset::sameData(const RRset& other) const {
  const bool alike = type() == other.type() && rrclass() == other.rrclass() && count() == other.count() &&
                     d_block->rdataSize() == other.d_block->rdataSize() && ownerIs(other.owner());
  if (!alike) {
    return false;
  }
  if (same(parts().rdatas, other.parts().rdatas)) {
    return true;
  }
  std::vector<std::span<const std::byte>> mine(rdatas().begin(), rdatas().end());
  std::vector<std::span<const std::byte>> theirs(other.rdatas().begin(), other.rdatas().end());
  const auto before = [](auto a, auto b) {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end());
  };
  std::sort(mine.begin(), mine.end(), before);
  std::sort(theirs.begin(), theirs.end(), before);
  return std::equal(mine.begin(), mine.end(), theirs.begin(), theirs.end(), same);
}

std::string RRset::text() const {
  const std::string front = owner().text() + '\t' + std::to_string(ttl()) + '\t' + dns::text(rrclass()) + '\t';
  std::string out;
  for (const auto rdata : rdatas()) {
    out += front + dns::text(type()) + '\t' + rdataText(type(), rdata) + '\n';
  }
  for (const auto rdata : signatures()) {
    out += front + "RRSIG\t" + rdataText(RRType::RRSIG, rdata) + '\n';
  }
  return out;
}

RRsetBuilder::RRsetBuilder(const Name& owner, RRType type, RRClass rrclass, std::uint32_t ttl)
    : d_owner(owner), d_type(type), d_class(rrclass), d_ttl(ttl) {}

RRset RRsetBuilder::build() const {
  return RRset::fromParts({.owner = d_owner.wire(),
                           .type = d_type,
                           .rrclass = d_class,
                           .ttl = d_ttl,
                           .count = d_rdatas.count(),
                           .signatureCount = d_signatures.count(),
                           .rdatas = d_rdatas.bytes(),
                           .signatures = d_signatures.bytes()});
}

} // namespace dns
