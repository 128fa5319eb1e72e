// Typed readers and makers of rdata: names, SOA, addresses, TXT. Readers accept exactly the whole rdata or nothing.
#include "lib/dns/rdata.hh"

#include <algorithm>

#include "lib/dns/wirereader.hh"

namespace dns {
namespace {

void append32(std::vector<std::byte>& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    out.push_back(static_cast<std::byte>(value >> shift));
  }
}

void append(std::vector<std::byte>& out, std::span<const std::byte> octets) {
  out.insert(out.end(), octets.begin(), octets.end());
}

std::optional<Name> onlyName(WireReader& reader) {
  Name name = reader.name();
  return reader.failed() || !reader.atEnd() ? std::nullopt : std::optional(std::move(name));
}

} // namespace

std::optional<Name> readNameRdata(Rdata rdata) {
  WireReader reader(rdata);
  return onlyName(reader);
}

std::optional<Name> readMxExchange(Rdata rdata) {
  WireReader reader(rdata, 0);
  reader.skip(2);
  return onlyName(reader);
}

std::optional<SoaData> readSoa(Rdata rdata) {
  WireReader reader(rdata);
  SoaData soa;
  soa.mname = reader.name();
  soa.rname = reader.name();
  soa.serial = reader.u32();
  soa.refresh = reader.u32();
  soa.retry = reader.u32();
  soa.expire = reader.u32();
  soa.minimum = reader.u32();
  return reader.failed() || !reader.atEnd() ? std::nullopt : std::optional(std::move(soa));
}

std::optional<base::Address> readAddress(RRType type, Rdata rdata, std::uint16_t port) {
  if (type == RRType::A && rdata.size() == 4) {
    return base::Address::v4(rdata.first<4>(), port);
  }
  if (type == RRType::AAAA && rdata.size() == 16) {
    return base::Address::v6(rdata.first<16>(), port);
  }
  return std::nullopt;
}

RRType readRrsigCovered(Rdata rdata) {
  WireReader reader(rdata);
  return static_cast<RRType>(reader.u16());
}

RRset makeNameRRset(const Name& owner, RRType type, std::uint32_t ttl, const Name& target) {
  RRsetBuilder builder(owner, type, RRClass::IN, ttl);
  builder.add(target.wire());
  return builder.build();
}

RRset makeSoaRRset(const Name& owner, std::uint32_t ttl, const SoaData& soa) {
  std::vector<std::byte> rdata;
  append(rdata, soa.mname.wire());
  append(rdata, soa.rname.wire());
  for (const std::uint32_t value : {soa.serial, soa.refresh, soa.retry, soa.expire, soa.minimum}) {
    append32(rdata, value);
  }
  RRsetBuilder builder(owner, RRType::SOA, RRClass::IN, ttl);
  builder.add(rdata);
  return builder.build();
}

RRset makeAddressRRset(const Name& owner, std::uint32_t ttl, const base::Address& address) {
  RRsetBuilder builder(owner, address.isV6() ? RRType::AAAA : RRType::A, RRClass::IN, ttl);
  builder.add(address.octets());
  return builder.build();
}

RRset makeTxtRRset(const Name& owner, RRClass rrclass, std::uint32_t ttl, std::string_view text) {
  std::vector<std::byte> rdata;
  do { // character-strings of at most 255 octets (RFC 1035 3.3.14), at least one
    const std::string_view piece = text.substr(0, std::min<std::size_t>(text.size(), 255));
    rdata.push_back(static_cast<std::byte>(piece.size()));
    append(rdata, std::as_bytes(std::span(piece)));
    text.remove_prefix(piece.size());
  } while (!text.empty());
  RRsetBuilder builder(owner, RRType::TXT, rrclass, ttl);
  builder.add(rdata);
  return builder.build();
}

} // namespace dns
