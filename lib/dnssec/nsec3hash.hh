// The hash of NSEC3 (RFC 5155 5): SHA-1 over a name and a salt, iterated. The one place that computes it.
#pragma once

#include <array>
#include <optional>

#include "lib/dns/name.hh"
#include "lib/dnssec/records.hh"

namespace dnssec {

using Nsec3Hash = std::array<std::byte, 20>;

[[nodiscard]] Nsec3Hash nsec3Hash(const dns::Name& name, std::uint16_t iterations, Bytes salt);
// The hash that the first label of an NSEC3 record's owner stands for (base32hex, RFC 4648 7); nothing when it is none.
[[nodiscard]] std::optional<Nsec3Hash> ownerHash(const dns::Name& owner);
[[nodiscard]] std::optional<Nsec3Hash> toNsec3Hash(Bytes hash); // 20 octets, or nothing

} // namespace dnssec
