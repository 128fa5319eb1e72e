// WireWriter, the hot end of composing answers. How a name is written:
// 1. name() looks first whether it is the one asked, which most owners are: a pointer to it. Only for another one the
//    table of compression targets is begun, with the suffixes of the name asked (indexQuestion).
// 2. compressed() hashes every suffix, right to left, in one pass over the labels.
// 3. find() looks the suffixes up, longest first; matches() compares with what stands in the message.
// 4. The labels in front of the match are copied and remember()ed, then the pointer (or the root) ends the name.
// 5. A part that does not fit is undone by commit(); its compression targets are forgotten.
#include "lib/dns/wirewriter.hh"

#include <algorithm>
#include <cstring>

#include "lib/dns/fold.hh"
#include "lib/dns/message.hh"

namespace dns {
namespace {

constexpr std::size_t kMaxPointerTarget = 0x3FFF; // 14 bits (RFC 1035 4.1.4)
constexpr std::size_t kFixedSize = 10;            // of a record, between its owner and its rdata

std::size_t octet(std::byte b) { return std::to_integer<std::size_t>(b); }

void store16(std::byte* at, std::size_t value) {
  at[0] = static_cast<std::byte>(value >> 8);
  at[1] = static_cast<std::byte>(value);
}

std::size_t load16(const std::byte* at) { return octet(at[0]) << 8 | octet(at[1]); }

// Types whose layout has an N; all are among the first 64.
constexpr std::uint64_t compressedTypes() {
  std::uint64_t types = 0;
#define RRTYPE(mnemonic, number, layout)                                                                               \
  if (std::string_view(layout).find('N') != std::string_view::npos) {                                                  \
    types |= 1ULL << (number < 64 ? number : throw "compressed type above 63");                                        \
  }
#include "lib/dns/rrtypes.def"
#undef RRTYPE
  return types;
}

constexpr std::uint64_t kCompressedTypes = compressedTypes();

bool hasCompressedName(RRType type) {
  const auto number = static_cast<unsigned>(type);
  return number < 64 && (kCompressedTypes >> number & 1U) != 0;
}

// The size of the name at the front of `wire`, 0 when it is none.
std::size_t nameSize(std::span<const std::byte> wire) {
  std::size_t at = 0;
  while (at < wire.size() && at < kMaxNameSize && octet(wire[at]) <= kMaxLabelSize) {
    if (wire[at] == std::byte{0}) {
      return at + 1;
    }
    at += octet(wire[at]) + 1;
  }
  return 0;
}

std::uint64_t labelHash(const std::byte* label, std::uint64_t rest) {
  return base::mix(hashFolded(label, octet(*label) + 1), rest | 1);
}

// Where each label of a name begins, and the hash of the name from there on.
struct Suffixes {
  explicit Suffixes(const std::byte* wire) {
    for (std::size_t at = 0; wire[at] != std::byte{0}; at += octet(wire[at]) + 1) {
      starts[count++] = static_cast<std::uint8_t>(at);
    }
    std::uint64_t hash = 1;
    for (std::size_t i = count; i-- > 0;) {
      hashes[i] = hash = labelHash(wire + starts[i], hash);
    }
  }
  std::array<std::uint8_t, 128> starts;
  std::array<std::uint64_t, 128> hashes;
  std::size_t count = 0;
};

bool sameLabel(const std::byte* a, const std::byte* b, bool exactCase) {
  const std::size_t size = octet(*a) + 1;
  return exactCase ? std::memcmp(a, b, size) == 0 : *a == *b && equalFolded(a, b, size);
}

} // namespace

WireWriter::WireWriter(std::span<std::byte> buffer)
    : d_buffer(buffer.first(std::min(buffer.size(), kMaxMessageSize))), d_limit(d_buffer.size()) {
  if (d_limit < kHeaderSize) {
    d_limit = 0;
    d_overflowed = true;
    return;
  }
  std::memset(d_buffer.data(), 0, kHeaderSize);
  d_size = kHeaderSize;
}

void writeFlags(std::span<std::byte> message, const Header& header) {
  const auto bit = [](bool set, unsigned at) { return set ? 1U << at : 0U; };
  const unsigned opcode = static_cast<unsigned>(header.opcode) & 15U;
  const unsigned rcode = static_cast<unsigned>(header.rcode) & 15U;
  store16(message.data(), header.id);
  store16(message.data() + 2, bit(header.qr, 15) | opcode << 11 | bit(header.aa, 10) | bit(header.tc, 9) |
                                  bit(header.rd, 8) | bit(header.ra, 7) | bit(header.ad, 5) | bit(header.cd, 4) |
                                  rcode);
}

void WireWriter::header(const Header& header) {
  if (d_size >= kHeaderSize) {
    writeFlags(d_buffer, header);
  }
}

WireWriter::Mark WireWriter::begin() {
  d_full = d_size < kHeaderSize;
  return {d_size, d_ttlCount};
}

bool WireWriter::commit(const Mark& mark, Section section, std::size_t records) {
  std::byte* counter = d_buffer.data() + 6 + 2 * static_cast<std::size_t>(section);
  if (d_full || load16(counter) + records > 0xFFFF) {
    d_overflowed = true;
    d_size = mark.size;
    d_ttlCount = mark.ttlCount;
    forget(mark.size);
    return false;
  }
  store16(counter, load16(counter) + records);
  return true;
}

// The first question's name is what others are compared with.
void WireWriter::question(const Question& question) {
  const Mark mark = begin();
  const auto wire = question.name.wire();
  const bool isFirst = d_size == kHeaderSize;
  if (isFirst) {
    put(wire);
  } else {
    name(wire, true);
  }
  if (std::byte* at = extend(4); at != nullptr) {
    store16(at, static_cast<std::size_t>(question.type));
    store16(at + 2, static_cast<std::size_t>(question.rrclass));
  }
  if (d_full) {
    d_overflowed = true;
    d_size = mark.size;
    forget(mark.size);
    return;
  }
  d_askedSize = isFirst ? wire.size() : d_askedSize;
  store16(d_buffer.data() + 4, load16(d_buffer.data() + 4) + 1);
}

bool WireWriter::rrset(Section section, const RRset& rrset, std::uint32_t ttl, bool withSignatures, std::size_t first) {
  const Mark mark = begin();
  if (d_full) {
    d_overflowed = true;
    return false;
  }
  std::size_t ownerAt = 0;
  const auto write = [&](RRType type, std::span<const std::byte> rdata) {
    if (ownerAt != 0) {
      pointTo(ownerAt);
    } else {
      ownerAt = name(rrset.ownerWire(), false);
    }
    record(rrset, type, ttl, rdata);
  };
  const RdataRange rdatas = rrset.rdatas();
  auto start = rdatas.begin();
  for (std::size_t skip = rrset.count() != 0 ? first % rrset.count() : 0; skip > 0; --skip) {
    ++start;
  }
  for (auto at = start; at != rdatas.end() && !d_full; ++at) {
    write(rrset.type(), *at);
  }
  for (auto at = rdatas.begin(); at != start && !d_full; ++at) {
    write(rrset.type(), *at);
  }
  const RdataRange signatures = withSignatures ? rrset.signatures() : RdataRange(nullptr, nullptr);
  for (auto at = signatures.begin(); at != signatures.end() && !d_full; ++at) {
    write(RRType::RRSIG, *at);
  }
  return commit(mark, section, rrset.count() + (withSignatures ? rrset.signatureCount() : 0));
}

void WireWriter::record(const RRset& rrset, RRType type, std::uint32_t ttl, std::span<const std::byte> octets) {
  std::byte* at = extend(kFixedSize);
  if (at == nullptr) {
    return;
  }
  store16(at, static_cast<std::size_t>(type));
  store16(at + 2, static_cast<std::size_t>(rrset.rrclass()));
  store16(at + 4, ttl >> 16);
  store16(at + 6, ttl);
  store16(at + 8, octets.size());
  if (d_ttlCount < d_ttlOffsets.size()) {
    d_ttlOffsets[d_ttlCount++] = static_cast<std::uint16_t>(d_size - kFixedSize + 4);
  }
  if (!hasCompressedName(type)) {
    put(octets);
    return;
  }
  const std::size_t begin = d_size;
  rdata(type, octets);
  if (!d_full) {
    store16(d_buffer.data() + begin - 2, d_size - begin);
  }
}

void WireWriter::rdata(RRType type, std::span<const std::byte> rdata) {
  for (const char kind : rdataLayout(type)) {
    const std::size_t size = kind == 'N' ? nameSize(rdata) : static_cast<std::size_t>(kind - '0');
    if (size == 0 || size > rdata.size()) {
      break; // not what the layout says: copied as it is
    }
    if (kind == 'N') {
      name(rdata.first(size), true);
    } else {
      put(rdata.first(size));
    }
    rdata = rdata.subspan(size);
  }
  put(rdata);
}

void WireWriter::reserve(std::size_t octets) { d_limit -= std::min(octets, d_limit); }
void WireWriter::unreserve() { d_limit = d_size < kHeaderSize ? 0 : d_buffer.size(); }

bool WireWriter::raw(Section section, std::span<const std::byte> record) {
  const Mark mark = begin();
  if (d_full) {
    d_overflowed = true;
    return false;
  }
  put(record);
  return commit(mark, section, 1);
}

std::byte* WireWriter::extend(std::size_t octets) {
  if (d_full || d_size + octets > d_limit) {
    d_full = true;
    return nullptr;
  }
  std::byte* at = d_buffer.data() + d_size;
  d_size += octets;
  return at;
}

void WireWriter::put(std::span<const std::byte> octets) {
  if (std::byte* at = extend(octets.size()); at != nullptr && !octets.empty()) {
    std::memcpy(at, octets.data(), octets.size());
  }
}

void WireWriter::pointTo(std::size_t target) {
  if (std::byte* at = extend(2); at != nullptr) {
    store16(at, 0xC000U | target);
  }
}

bool WireWriter::isAsked(std::span<const std::byte> wire, bool exactCase) const {
  const std::byte* asked = d_buffer.data() + kHeaderSize;
  return wire.size() == d_askedSize && wire.size() > 1 &&
         (exactCase ? std::memcmp(wire.data(), asked, wire.size()) == 0 : equalFolded(wire.data(), asked, wire.size()));
}

std::size_t WireWriter::name(std::span<const std::byte> wire, bool exactCase) {
  if (isAsked(wire, exactCase)) {
    pointTo(kHeaderSize);
    return kHeaderSize;
  }
  if (!d_isIndexed) {
    indexQuestion();
  }
  return compressed(wire, exactCase);
}

// What can be pointed to before there is anything else.
void WireWriter::indexQuestion() {
  d_targets.fill({});
  d_isIndexed = true;
  if (d_askedSize > 0) {
    const Suffixes asked(d_buffer.data() + kHeaderSize);
    for (std::size_t i = 0; i < asked.count; ++i) {
      remember(asked.hashes[i], kHeaderSize + asked.starts[i]);
    }
  }
}

std::size_t WireWriter::compressed(std::span<const std::byte> wire, bool exactCase) {
  const Suffixes suffixes(wire.data());
  const std::size_t nameAt = d_size;
  std::size_t target = 0;
  std::size_t written = 0;
  for (; written < suffixes.count; ++written) {
    target = find(suffixes.hashes[written], wire.subspan(suffixes.starts[written]), exactCase);
    if (target != 0) {
      break;
    }
    put(wire.subspan(suffixes.starts[written], octet(wire[suffixes.starts[written]]) + 1));
  }
  if (target != 0) {
    pointTo(target);
  } else {
    put(wire.last(1));
  }
  // Only now, so that find() never meets a name without its end.
  for (std::size_t i = 0; i < written && !d_full; ++i) {
    remember(suffixes.hashes[i], nameAt + suffixes.starts[i]);
  }
  if (written == 0) {
    return target;
  }
  return nameAt <= kMaxPointerTarget ? nameAt : 0;
}

std::size_t WireWriter::find(std::uint64_t hash, std::span<const std::byte> suffix, bool exactCase) const {
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
bool WireWriter::matches(std::size_t offset, std::span<const std::byte> suffix, bool exactCase) const {
  const std::byte* wanted = suffix.data();
  const std::byte* at = d_buffer.data() + offset;
  for (;;) {
    while (octet(*at) >= 0xC0) {
      at = d_buffer.data() + (load16(at) & kMaxPointerTarget);
    }
    if (*wanted == std::byte{0} || *at == std::byte{0}) {
      return *wanted == *at;
    }
    if (*wanted != *at || !sameLabel(wanted, at, exactCase)) {
      return false;
    }
    const std::size_t step = octet(*at) + 1;
    wanted += step;
    at += step;
  }
}

void WireWriter::remember(std::uint64_t hash, std::size_t offset) {
  if (offset > kMaxPointerTarget || d_targetCount >= kMaxTargets) {
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

void WireWriter::forget(std::size_t offset) {
  if (!d_isIndexed) {
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
