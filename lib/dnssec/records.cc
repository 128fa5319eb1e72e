// Readers of DNSSEC rdata. Each reads the whole rdata or answers "nothing"; no name in it may be compressed.
#include "lib/dnssec/records.hh"

#include <array>

#include "lib/dns/wirereader.hh"

namespace dnssec {
namespace {

std::size_t octet(std::byte b) { return std::to_integer<std::size_t>(b); }

// A name that is not compressed (RFC 4034 3.1.7, 4.1.1).
dns::Name plainName(dns::WireReader& reader) {
  std::array<std::byte, dns::kMaxNameSize> wire;
  const std::size_t size = reader.nameWire(wire, false);
  return size == 0 ? dns::Name() : dns::Name::fromWire(std::span(wire).first(size));
}

// Windows in rising order, each of 1 to 32 octets (RFC 4034 4.1.2).
bool bitmapWellFormed(Bytes blocks) {
  int before = -1;
  while (!blocks.empty()) {
    if (blocks.size() < 2) {
      return false;
    }
    const int window = std::to_integer<int>(blocks[0]);
    const std::size_t size = octet(blocks[1]);
    if (window <= before || size == 0 || size > 32 || size + 2 > blocks.size()) {
      return false;
    }
    before = window;
    blocks = blocks.subspan(size + 2);
  }
  return true;
}

Bytes counted(dns::WireReader& reader) {
  const std::size_t size = reader.u8();
  return reader.bytes(size);
}

} // namespace

bool TypeBitmap::has(dns::RRType type) const {
  const auto number = static_cast<std::uint16_t>(type);
  const std::size_t at = (number & 0xFFU) >> 3;
  for (Bytes rest = d_blocks; rest.size() >= 2 && rest.size() >= octet(rest[1]) + 2;) {
    const std::size_t size = octet(rest[1]);
    if (octet(rest[0]) == static_cast<std::size_t>(number >> 8)) {
      return at < size && (octet(rest[2 + at]) & (0x80U >> (number & 7U))) != 0;
    }
    rest = rest.subspan(size + 2);
  }
  return false;
}

std::optional<Dnskey> readDnskey(Bytes rdata) {
  dns::WireReader reader(rdata);
  Dnskey key;
  key.flags = reader.u16();
  key.protocol = reader.u8();
  key.algorithm = static_cast<Algorithm>(reader.u8());
  key.key = reader.bytes(reader.remaining());
  if (reader.failed()) {
    return std::nullopt;
  }
  key.tag = keyTag(rdata);
  return key;
}

std::optional<Ds> readDs(Bytes rdata) {
  dns::WireReader reader(rdata);
  Ds ds;
  ds.tag = reader.u16();
  ds.algorithm = static_cast<Algorithm>(reader.u8());
  ds.digestType = static_cast<DigestType>(reader.u8());
  ds.digest = reader.bytes(reader.remaining());
  return reader.failed() ? std::nullopt : std::optional(ds);
}

std::optional<Rrsig> readRrsig(Bytes rdata) {
  dns::WireReader reader(rdata);
  Rrsig rrsig;
  rrsig.covered = static_cast<dns::RRType>(reader.u16());
  rrsig.algorithm = static_cast<Algorithm>(reader.u8());
  rrsig.labels = reader.u8();
  rrsig.originalTtl = reader.u32();
  rrsig.expiration = reader.u32();
  rrsig.inception = reader.u32();
  rrsig.tag = reader.u16();
  rrsig.signer = plainName(reader);
  if (reader.failed()) {
    return std::nullopt;
  }
  rrsig.head = rdata.first(reader.offset());
  rrsig.signature = rdata.subspan(reader.offset());
  return rrsig;
}

std::optional<Nsec> readNsec(Bytes rdata) {
  dns::WireReader reader(rdata);
  Nsec nsec;
  nsec.next = plainName(reader);
  const Bytes blocks = reader.bytes(reader.remaining());
  if (reader.failed() || !bitmapWellFormed(blocks)) {
    return std::nullopt;
  }
  nsec.types = TypeBitmap(blocks);
  return nsec;
}

std::optional<Nsec3> readNsec3(Bytes rdata) {
  dns::WireReader reader(rdata);
  Nsec3 nsec3;
  nsec3.hashAlgorithm = reader.u8();
  nsec3.flags = reader.u8();
  nsec3.iterations = reader.u16();
  nsec3.salt = counted(reader);
  nsec3.nextHash = counted(reader);
  const Bytes blocks = reader.bytes(reader.remaining());
  if (reader.failed() || nsec3.nextHash.empty() || !bitmapWellFormed(blocks)) { // RFC 5155 3.2: a hash of 1 to 255
    return std::nullopt;
  }
  nsec3.types = TypeBitmap(blocks);
  return nsec3;
}

std::uint16_t keyTag(Bytes rdata) {
  if (rdata.size() > 6 && static_cast<Algorithm>(rdata[3]) == Algorithm::RsaMd5) {
    return static_cast<std::uint16_t>(octet(rdata[rdata.size() - 3]) << 8 | octet(rdata[rdata.size() - 2]));
  }
  std::uint32_t sum = 0; // at most 65535 octets: no overflow
  for (std::size_t i = 0; i < rdata.size(); ++i) {
    sum += static_cast<std::uint32_t>((i & 1U) != 0 ? octet(rdata[i]) : octet(rdata[i]) << 8);
  }
  return static_cast<std::uint16_t>(sum + (sum >> 16));
}

} // namespace dnssec
