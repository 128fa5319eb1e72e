// Typed views of the rdata that resolving must understand, and makers for it. Readers answer "nothing" on malformed
// rdata.
#pragma once

#include <array>
#include <optional>

#include "lib/dns/rrset.hh"

namespace dns {

struct SoaData {
  Name mname, rname;
  std::uint32_t serial = 0, refresh = 0, retry = 0, expire = 0, minimum = 0;
};

using Rdata = std::span<const std::byte>;

[[nodiscard]] std::optional<Name> readNameRdata(Rdata rdata); // NS, CNAME, DNAME, PTR
[[nodiscard]] std::optional<Name> readMxExchange(Rdata rdata);
[[nodiscard]] std::optional<SoaData> readSoa(Rdata rdata);
[[nodiscard]] std::optional<base::Address> readAddress(RRType type, Rdata rdata, std::uint16_t port); // A, AAAA
[[nodiscard]] RRType readRrsigCovered(Rdata rdata); // RRType{0} when malformed

[[nodiscard]] RRset makeNameRRset(const Name& owner, RRType type, std::uint32_t ttl, const Name& target);
[[nodiscard]] RRset makeSoaRRset(const Name& owner, std::uint32_t ttl, const SoaData& soa);
[[nodiscard]] RRset makeAddressRRset(const Name& owner, std::uint32_t ttl, const base::Address& address);
[[nodiscard]] RRset makeTxtRRset(const Name& owner, RRClass rrclass, std::uint32_t ttl, std::string_view text);

} // namespace dns
