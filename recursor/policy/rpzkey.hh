// RpzKey: what a rule of a response policy zone looks for, in the octets that the rules are kept by; and RpzAction,
// what it does. Made from owner names and rdata of the zone, and from names and addresses that are looked up.
// (draft-vixie-dnsop-dns-rpz, sections 3 and 4.)
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "lib/base/address.hh"
#include "lib/base/result.hh"
#include "lib/dns/name.hh"
#include "lib/dns/types.hh"
#include "recursor/policy/verdict.hh"

namespace rec {

using Octets = std::span<const std::byte>;

// Names: lower case wire form, for name server names behind a mark. Addresses: a mark, the length of the prefix and the
// octets that it fills. Marks are no length of a label, so that all kinds share one table.
class RpzKey {
 public:
  // The owner of a rule without the zone's name, in wire form (its root at the end). Errors say what is wrong with it.
  static base::Result<RpzKey> fromOwner(Octets relative);
  static RpzKey ofPrefix(PolicyTrigger trigger, const base::Address& address, unsigned bits);

  [[nodiscard]] Octets octets() const { return {d_octets.data(), d_size}; }
  [[nodiscard]] PolicyTrigger trigger() const { return d_trigger; }
  [[nodiscard]] bool isWildcard() const { return d_wildcard; }
  [[nodiscard]] std::uint64_t hash() const { return hashOf(octets()); }

  // From a rule's octets back to its owner, without the zone's name: "32.4.3.2.1.rpz-ip".
  [[nodiscard]] static std::string ownerText(Octets key, bool wildcard);
  [[nodiscard]] static PolicyTrigger triggerOf(Octets key);
  [[nodiscard]] static std::size_t sizeAt(const std::byte* key); // of the key that begins there
  [[nodiscard]] static std::uint64_t hashOf(Octets key);

 private:
  static RpzKey ofLabels(PolicyTrigger trigger, Octets labels, bool wildcard);

  std::array<std::byte, dns::kMaxNameSize + 1> d_octets;
  std::uint16_t d_size = 0;
  PolicyTrigger d_trigger = PolicyTrigger::None;
  bool d_wildcard = false;
};

// The hashes of a name and all its suffixes, the root first, each made from the one before it: hashes[n] is that of the
// suffix of n labels.
struct RpzNameHashes {
  RpzNameHashes(PolicyTrigger trigger, Octets lowerWire);
  std::array<std::uint64_t, 128> hashes;
  std::array<std::uint8_t, 128> starts; // starts[n]: where that suffix begins in the name
  std::size_t labels = 0;
};

// What a record does; None: it is no rule (what signs the zone). `relativeOwner` and `zone` are for a CNAME that points
// to itself, the old passthru. Errors: no such action.
base::Result<PolicyAction> rpzAction(dns::RRType type, Octets rdata, Octets relativeOwner, Octets zone);

} // namespace rec
