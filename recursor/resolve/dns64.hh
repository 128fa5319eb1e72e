// DNS64 (RFC 6147): IPv6 addresses made from IPv4 ones below a prefix, and the way back for reverse names. Pure: the
// router asks for what these functions turn into answers.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>

#include "lib/base/netmask.hh"
#include "recursor/resolve/resolver.hh"

namespace rec {

// An IPv4 address inside an IPv6 one (RFC 6052 2.2): behind the prefix, but never in octet 8.
class Dns64Prefix {
 public:
  // `prefix` is an IPv6 one of 32, 40, 48, 56, 64 or 96 bits (asserted: the settings were checked).
  explicit Dns64Prefix(const base::Netmask& prefix);

  [[nodiscard]] std::array<std::byte, 16> embed(std::span<const std::byte, 4> ipv4) const;
  // The IPv4 address that embed() made this from; nothing for an address outside of the prefix or of another form.
  [[nodiscard]] std::optional<std::array<std::byte, 4>> extract(std::span<const std::byte, 16> ipv6) const;

 private:
  std::array<std::byte, 16> d_octets; // of the prefix, the rest is 0
  std::size_t d_size;                 // of the prefix, in octets
};

// Takes AAAA records of ::ffff:0:0/96 out of the answer: they do not count as addresses (RFC 6147 5.1.4).
void dropExcludedAddresses(Outcome& outcome);
// The question was for AAAA: there is an answer, and it has none (RFC 6147 5.1.2).
[[nodiscard]] bool lacksAddresses(const Outcome& outcome);
// `forA`, the outcome of the same question for A, with AAAA records in place of those of type A. Their TTL is at most
// that of the SOA in `forAaaa`, or 600 s without one (RFC 6147 5.1.7). Nothing when `forA` has no A records.
[[nodiscard]] std::optional<Outcome> synthesise(const Dns64Prefix& prefix, const Outcome& forAaaa, const Outcome& forA);
// The name below in-addr.arpa that stands for a name below ip6.arpa inside the prefix (RFC 6147 5.3.1).
[[nodiscard]] std::optional<dns::Name> reverseTarget(const Dns64Prefix& prefix, const dns::Name& name);

} // namespace rec
