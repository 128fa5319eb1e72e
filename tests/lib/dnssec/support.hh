// Helpers of the lib/dnssec tests: sets with signatures from text, and a signer (Ed25519) whose every field can be
// bent.
#pragma once

#include <catch2/catch.hpp>
#include <functional>
#include <string_view>
#include <vector>

#include "lib/dns/presentation.hh"
#include "lib/dnssec/keyset.hh"
#include "lib/dnssec/memo.hh"
#include "lib/dnssec/signature.hh"

namespace dnssectest {

using Octets = std::vector<std::byte>;

// 2026-01-01T00:00:00Z and `days` more.
[[nodiscard]] inline base::WallTime day(int days) {
  return base::WallTime{std::chrono::seconds{1767225600} + std::chrono::days(days)};
}

[[nodiscard]] dns::Name name(std::string_view text);
// The set of this owner and type out of master file lines, with the RRSIGs that cover it.
[[nodiscard]] dns::RRset setOf(std::string_view lines, std::string_view owner, dns::RRType type);
[[nodiscard]] dns::RRset withSignatures(const dns::RRset& set, const std::vector<Octets>& signatures);

struct SignatureFields {
  dns::RRType covered{};
  dnssec::Algorithm algorithm = dnssec::Algorithm::Ed25519;
  unsigned labels = 0;
  std::uint32_t originalTtl = 3600;
  std::uint32_t expiration = 1769817600, inception = 1767225600; // 2026-01-01 to 2026-01-31
  std::uint16_t tag = 0;
  dns::Name signer;
};
using Bend = std::function<void(SignatureFields&)>;

// An Ed25519 key made from one octet.
class Signer {
 public:
  Signer(std::string_view zone, unsigned seed, std::uint16_t flags = 257, std::uint8_t protocol = 3);
  [[nodiscard]] const dns::Name& zone() const { return d_zone; }
  [[nodiscard]] const Octets& dnskey() const { return d_dnskey; } // rdata
  [[nodiscard]] std::uint16_t tag() const { return dnssec::keyTag(d_dnskey); }
  [[nodiscard]] dnssec::ZoneKeys keys() const;
  [[nodiscard]] dns::RRset ds(dnssec::DigestType type = dnssec::DigestType::Sha256) const;
  // The rdata of a signature over the set; right unless `bend` changes its fields first.
  [[nodiscard]] Octets sign(const dns::RRset& set, const Bend& bend = nullptr) const;
  [[nodiscard]] dns::RRset signedSet(const dns::RRset& set, const Bend& bend = nullptr) const {
    return withSignatures(set, {sign(set, bend)});
  }

 private:
  dns::Name d_zone;
  Octets d_secret, d_dnskey;
};

// A DNSKEY set of these rdatas.
[[nodiscard]] dns::RRset keySet(std::string_view zone, const std::vector<Octets>& rdatas);
[[nodiscard]] dns::RRset dsSet(std::string_view zone, const std::vector<Octets>& rdatas);

} // namespace dnssectest
