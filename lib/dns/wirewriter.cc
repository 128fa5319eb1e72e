// WireWriter, the hot end of composing answers. A part is written between begin() and commit(), which undoes one that
// did not fit and has its names forgotten. name() looks first whether a name is the one asked, which most owners are.
#include "lib/dns/wirewriter.hh"

#include <algorithm>
#include <cstring>

#include "lib/dns/message.hh"

namespace dns {
namespace {

constexpr std::size_t kFixedSize = 10; // of a record, between its owner and its rdata

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

} // namespace

WireWriter::WireWriter(std::span<std::byte> buffer)
    : d_buffer(buffer.first(std::min(buffer.size(), kMaxMessageSize))), d_limit(d_buffer.size()),
      d_names(d_buffer.data(), kHeaderSize) {
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
    d_names.forget(mark.size);
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
    d_names.forget(mark.size);
    return;
  }
  if (isFirst) {
    d_names.setAsked(wire.size());
  }
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

std::size_t WireWriter::name(std::span<const std::byte> wire, bool exactCase) {
  if (d_names.isAsked(wire, exactCase)) {
    pointTo(kHeaderSize);
    return kHeaderSize;
  }
  return compressed(wire, exactCase);
}

std::size_t WireWriter::compressed(std::span<const std::byte> wire, bool exactCase) {
  const std::size_t nameAt = d_size;
  const NameCompressor::Plan plan = d_names.plan(wire, exactCase);
  if (plan.target != 0) {
    put(wire.first(plan.octets));
    pointTo(plan.target);
  } else {
    put(wire);
  }
  if (!d_full) {
    d_names.remember(plan, nameAt);
  }
  if (plan.labels == 0) {
    return plan.target;
  }
  return nameAt <= NameCompressor::kMaxTarget ? nameAt : 0;
}

} // namespace dns
