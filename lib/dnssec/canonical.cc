// Canonical form: names are lower-cased where they stand, rdatas sorted as octet strings.
#include "lib/dnssec/canonical.hh"

#include <algorithm>
#include <cstring>

#include "lib/dns/fold.hh"
#include "lib/dns/wirereader.hh"

namespace dnssec {
namespace {

// Where one rdata lies in the buffer.
struct Piece {
  std::uint32_t at;
  std::uint16_t size;
};

struct Buffers {
  std::vector<std::byte> rdatas;
  std::vector<Piece> pieces;
  std::vector<std::byte> data;
};

Buffers& buffers() {
  thread_local Buffers all;
  return all;
}

// RFC 4034 6.2 (3), less NSEC (RFC 6840 5.1). Names of other types keep their case.
bool namesAreLowered(dns::RRType type) {
  switch (type) {
  case dns::RRType::NS:
  case dns::RRType::MD:
  case dns::RRType::MF:
  case dns::RRType::CNAME:
  case dns::RRType::SOA:
  case dns::RRType::MB:
  case dns::RRType::MG:
  case dns::RRType::MR:
  case dns::RRType::PTR:
  case dns::RRType::MINFO:
  case dns::RRType::MX:
  case dns::RRType::RP:
  case dns::RRType::AFSDB:
  case dns::RRType::RT:
  case dns::RRType::SIG:
  case dns::RRType::PX:
  case dns::RRType::NXT:
  case dns::RRType::NAPTR:
  case dns::RRType::KX:
  case dns::RRType::SRV:
  case dns::RRType::DNAME:
  case dns::RRType::A6:
  case dns::RRType::RRSIG: return true;
  default: return false;
  }
}

// A prefix length, the rest of the address, a name (RFC 2874 3.1.1): no layout says so.
std::size_t nameInA6(Bytes rdata) {
  const std::size_t prefix = rdata.empty() ? 0 : std::to_integer<std::size_t>(rdata[0]);
  return prefix > 128 ? rdata.size() : std::min(rdata.size(), 1 + (128 - prefix + 7) / 8);
}

// The octets that a field of the layout takes up, of those that are left.
std::size_t fieldSize(char kind, Bytes rest) {
  switch (kind) {
  case 'x': return rest.size();
  case 's': return rest.empty() ? 0 : std::min(rest.size(), 1 + std::to_integer<std::size_t>(rest[0]));
  default: return std::min(rest.size(), static_cast<std::size_t>(kind - '0'));
  }
}

void lower(std::span<std::byte> octets) {
  for (std::byte& octet : octets) {
    octet = dns::fold(octet);
  }
}

// Lower-cases the name at the front of `rest`; returns its size, 0 when there is none (malformed rdata stays as it is).
std::size_t lowerName(std::span<std::byte> rest) {
  std::array<std::byte, dns::kMaxNameSize> wire;
  dns::WireReader reader(rest);
  const std::size_t size = reader.nameWire(wire, false);
  lower(rest.first(size));
  return size;
}

void lowerNames(dns::RRType type, std::span<std::byte> rdata) {
  if (type == dns::RRType::A6) {
    lowerName(rdata.subspan(nameInA6(rdata)));
    return;
  }
  for (const char kind : dns::rdataLayout(type)) {
    const bool isName = kind == 'N' || kind == 'n';
    const std::size_t size = isName ? lowerName(rdata) : fieldSize(kind, rdata);
    if (isName && size == 0) {
      return;
    }
    rdata = rdata.subspan(size);
  }
}

void append(std::vector<std::byte>& out, Bytes octets) { out.insert(out.end(), octets.begin(), octets.end()); }

void append16(std::byte* at, std::size_t value) {
  at[0] = static_cast<std::byte>(value >> 8);
  at[1] = static_cast<std::byte>(value);
}

void append32(std::byte* at, std::uint32_t value) {
  append16(at, value >> 16);
  append16(at + 2, value & 0xFFFF);
}

// As strings of octets; one that is the beginning of another comes first (RFC 4034 6.3).
bool isBefore(const std::byte* base, const Piece& a, const Piece& b) {
  const int order = std::memcmp(base + a.at, base + b.at, std::min(a.size, b.size));
  return order != 0 ? order < 0 : a.size < b.size;
}

bool isSame(const std::byte* base, const Piece& a, const Piece& b) {
  return a.size == b.size && std::memcmp(base + a.at, base + b.at, a.size) == 0;
}

void sortPieces(Buffers& all) {
  const std::byte* base = all.rdatas.data();
  std::ranges::sort(all.pieces, [&](const Piece& a, const Piece& b) { return isBefore(base, a, b); });
  const auto twice =
      std::ranges::unique(all.pieces, [&](const Piece& a, const Piece& b) { return isSame(base, a, b); });
  all.pieces.erase(twice.begin(), twice.end());
}

// "*." and the rightmost labels, or the owner itself (RFC 4035 5.3.2).
void appendOwner(const dns::Name& owner, std::size_t labels, std::vector<std::byte>& out) {
  if (labels >= signedLabels(owner)) {
    appendCanonicalName(owner.wire(), out);
    return;
  }
  out.insert(out.end(), {std::byte{1}, std::byte{'*'}});
  appendCanonicalName(owner.suffix(labels).wire(), out);
}

} // namespace

void appendCanonicalName(Bytes wire, std::vector<std::byte>& out) {
  append(out, wire);
  lower(std::span(out).last(wire.size())); // length octets are below 'A'
}

void appendCanonicalRdata(dns::RRType type, Bytes rdata, std::vector<std::byte>& out) {
  append(out, rdata);
  if (namesAreLowered(type)) {
    lowerNames(type, std::span(out).last(rdata.size()));
  }
}

CanonicalSet::CanonicalSet(const dns::RRset& set) : d_set(set), d_owner(set.owner()) {
  Buffers& all = buffers();
  all.rdatas.clear();
  all.pieces.clear();
  for (const Bytes rdata : set.rdatas()) {
    all.pieces.push_back({static_cast<std::uint32_t>(all.rdatas.size()), static_cast<std::uint16_t>(rdata.size())});
    appendCanonicalRdata(set.type(), rdata, all.rdatas);
  }
  if (all.pieces.size() > 1) {
    sortPieces(all);
  }
}

Bytes CanonicalSet::signedBy(const Rrsig& signature) const {
  Buffers& all = buffers();
  std::vector<std::byte>& data = all.data;
  data.clear();
  appendCanonicalRdata(dns::RRType::RRSIG, signature.head, data);
  const std::size_t ownerAt = data.size();
  appendOwner(d_owner, signature.labels, data);
  const std::size_t ownerSize = data.size() - ownerAt;
  std::array<std::byte, 10> fixed; // type, class, original TTL, size
  append16(fixed.data(), static_cast<std::size_t>(d_set.type()));
  append16(fixed.data() + 2, static_cast<std::size_t>(d_set.rrclass()));
  append32(fixed.data() + 4, signature.originalTtl);
  data.reserve(data.size() + all.rdatas.size() + all.pieces.size() * (ownerSize + fixed.size()));
  bool isFirst = true; // its owner is there
  for (const Piece& piece : all.pieces) {
    if (!isFirst) {
      append(data, Bytes(data).subspan(ownerAt, ownerSize)); // stays in place: reserved
    }
    isFirst = false;
    append16(fixed.data() + 8, piece.size);
    append(data, fixed);
    append(data, Bytes(all.rdatas).subspan(piece.at, piece.size));
  }
  return data;
}

} // namespace dnssec
