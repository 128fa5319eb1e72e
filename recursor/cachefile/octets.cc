// What is not trivial of OctetWriter and OctetReader: names, addresses, record sets. A record set goes from the block
// into its own memory in one copy, checked on the way.
#include "recursor/cachefile/octets.hh"

#include <array>

#include "lib/dns/wirereader.hh"

namespace rec {
namespace {

constexpr std::size_t kMostRecords = 65535, kMostSets = 64; // of a set; of a list of sets
constexpr std::uint32_t kMostTtl = 0x7FFFFFFF;              // RFC 2181 8
constexpr unsigned kNoAddress = 0, kV4 = 4, kV6 = 16;       // an address begins with how many octets it has

// The rdatas with their sizes in front, as they stand in the set's block.
std::span<const std::byte> together(const dns::RdataRange& range) {
  std::size_t size = 0;
  for (const auto rdata : range) {
    size += 2 + rdata.size();
  }
  return size == 0 ? std::span<const std::byte>() : std::span((*range.begin()).data() - 2, size);
}

} // namespace

void OctetWriter::count(std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) {
    d_out.push_back(static_cast<std::byte>(value | 0x80));
  }
  d_out.push_back(static_cast<std::byte>(value));
}

void OctetWriter::address(const base::Address& address) {
  const auto octets = address.octets();
  fixed(static_cast<std::uint8_t>(octets.size()));
  append(octets);
  fixed(address.port());
}

void OctetWriter::rrset(const dns::RRset& set) {
  append(set.ownerWire());
  fixed(static_cast<std::uint16_t>(set.type()));
  fixed(static_cast<std::uint16_t>(set.rrclass()));
  fixed(set.ttl());
  count(set.count());
  count(set.signatureCount());
  append(together(set.rdatas()));
  append(together(set.signatures()));
}

void OctetWriter::rrsets(const std::vector<dns::RRset>& sets) {
  count(sets.size());
  for (const dns::RRset& set : sets) {
    rrset(set);
  }
}

std::span<const std::byte> OctetReader::take(std::size_t size) {
  if (size > d_rest.size()) {
    fail();
    return {};
  }
  const auto taken = d_rest.first(size);
  d_rest = d_rest.subspan(size);
  return taken;
}

std::uint64_t OctetReader::count() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !d_failed; shift += 7) {
    const auto octet = fixed<std::uint8_t>();
    value |= std::uint64_t{octet & 0x7FU} << shift;
    if (octet < 0x80) {
      return value;
    }
  }
  fail();
  return 0;
}

dns::Name OctetReader::name() {
  dns::WireReader wire(d_rest);
  std::array<std::byte, dns::kMaxNameSize> octets;
  const std::size_t size = wire.nameWire(octets, false);
  if (size == 0) {
    fail();
    return {};
  }
  static_cast<void>(take(size));
  return dns::Name::fromWire(std::span(octets).first(size));
}

base::Address OctetReader::address() {
  const std::size_t size = fixed<std::uint8_t>();
  const auto octets = take(size);
  const auto port = fixed<std::uint16_t>();
  if (failed() || size == kNoAddress) {
    return {};
  }
  if (size == kV4) {
    return base::Address::v4(octets.first<kV4>(), port);
  }
  if (size == kV6) {
    return base::Address::v6(octets.first<kV6>(), port);
  }
  fail();
  return {};
}

bool OctetReader::isWellFormed(dns::RRType type, std::span<const std::byte> rdata) {
  if (type == dns::RRType::A) {
    return rdata.size() == kV4;
  }
  if (type == dns::RRType::AAAA) {
    return rdata.size() == kV6;
  }
  d_scratch.clear();
  dns::WireReader wire(rdata);
  wire.rdata(type, rdata.size(), d_scratch);
  return !wire.failed() && d_scratch.size() == rdata.size(); // more: a name was compressed
}

std::span<const std::byte> OctetReader::rdatas(dns::RRType type, std::size_t count) {
  const std::byte* const begin = d_rest.data();
  std::size_t size = 0;
  for (std::size_t i = 0; i < count && !d_failed; ++i) {
    const auto prefix = take(2);
    if (d_failed) {
      break;
    }
    const auto rdata = take(std::to_integer<std::size_t>(prefix[0]) << 8 | std::to_integer<std::size_t>(prefix[1]));
    if (!d_failed && !isWellFormed(type, rdata)) {
      fail();
    }
    size += 2 + rdata.size();
  }
  return d_failed ? std::span<const std::byte>() : std::span(begin, size);
}

dns::RRset OctetReader::rrset() {
  const dns::Name owner = name();
  dns::RRset::Parts parts{.owner = owner.wire()};
  parts.type = static_cast<dns::RRType>(fixed<std::uint16_t>());
  parts.rrclass = static_cast<dns::RRClass>(fixed<std::uint16_t>());
  parts.ttl = fixed<std::uint32_t>();
  parts.count = count();
  parts.signatureCount = count();
  const bool usable = parts.rrclass == dns::RRClass::IN && !dns::isMetaType(parts.type) && parts.ttl <= kMostTtl &&
                      parts.count > 0 && parts.count <= kMostRecords && parts.signatureCount <= kMostRecords;
  if (!usable) {
    fail();
    return {};
  }
  parts.rdatas = rdatas(parts.type, parts.count);
  parts.signatures = rdatas(dns::RRType::RRSIG, parts.signatureCount);
  return d_failed ? dns::RRset() : dns::RRset::fromParts(parts);
}

std::vector<dns::RRset> OctetReader::rrsets() {
  std::vector<dns::RRset> sets;
  const std::uint64_t many = count();
  if (many > kMostSets) {
    fail();
  }
  for (std::uint64_t i = 0; i < many && !d_failed; ++i) {
    sets.push_back(rrset());
  }
  return d_failed ? std::vector<dns::RRset>() : sets;
}

} // namespace rec
