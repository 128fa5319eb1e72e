// Which DNSKEYs of a set the DS records mean, and when none of them can be used, why. Used by verifyKeySet only.
#pragma once

#include "lib/dnssec/signature.hh"

namespace dnssec {

constexpr std::size_t kMaxExplained = 16; // DNSKEYs looked at to explain what is wrong

// A DNSKEY with the rdata it was read from.
struct KeyRecord {
  Dnskey fields;
  Bytes rdata;
};

// Why a key may not sign; None: it may, as far as its fields say.
[[nodiscard]] Fault rejection(const Dnskey& key);
// The same DNSKEY with the zone key bit and without the revoked one.
[[nodiscard]] std::vector<std::byte> repaired(Bytes rdata);
// Parsed, or taken from the memo (which may be null) when it is known there.
[[nodiscard]] std::shared_ptr<const PublicKey> parsedKey(const Dnskey& key, SignatureMemo* memo);

class EntryKeys {
 public:
  EntryKeys(const dns::Name& zone, const std::vector<KeyRecord>& keys, const SignaturePolicy& policy,
            SignatureMemo* memo)
      : d_zone(zone), d_keys(keys), d_policy(policy), d_memo(memo) {}
  void add(const Ds& ds); // looks for the keys of this one
  [[nodiscard]] const std::vector<ZoneKey>& found() const { return d_found; }
  // Why nothing was found; `ds` is all that was looked for.
  [[nodiscard]] Finding explain(const std::vector<Ds>& ds) const;

 private:
  void take(const Ds& ds, const Dnskey& key);
  [[nodiscard]] const Ds* nearMiss(const KeyRecord& key, const std::vector<Ds>& wanted) const;
  [[nodiscard]] Finding finding(Fault fault, const Ds& ds) const;

  const dns::Name& d_zone;
  const std::vector<KeyRecord>& d_keys;
  const SignaturePolicy& d_policy;
  SignatureMemo* d_memo;
  std::vector<ZoneKey> d_found;
  Finding d_rejected; // of a key that matches but may not sign
  std::string d_limit;
};

} // namespace dnssec
