// A DNSKEY is meant by a DS when tag, algorithm and digest agree (RFC 4035 5.2).
#include "lib/dnssec/entrykeys.hh"

#include <algorithm>

#include "lib/dnssec/keyset.hh"
#include "lib/dnssec/memo.hh"

namespace dnssec {
// Why a key may not sign; None: it may, as far as its fields say.
Fault rejection(const Dnskey& key) {
  if (!key.isZoneKey()) {
    return Fault::NoZoneKeyBit; // RFC 4034 2.1.1
  }
  if (key.isRevoked()) {
    return Fault::KeyRevoked; // RFC 5011 2.1
  }
  return key.protocol != 3 ? Fault::KeyProtocol : Fault::None; // RFC 4034 2.1.2
}

// The same DNSKEY with the zone key bit and without the revoked one.
std::vector<std::byte> repaired(Bytes rdata) {
  std::vector<std::byte> out(rdata.begin(), rdata.end());
  out[0] |= std::byte{0x01};
  out[1] &= std::byte{0x7F};
  return out;
}

namespace {

bool matches(const Ds& ds, const dns::Name& zone, Bytes rdata) {
  return !ds.digest.empty() && std::ranges::equal(ds.digest, digestOf(zone, rdata, ds.digestType));
}

} // namespace

std::shared_ptr<const PublicKey> parsedKey(const Dnskey& key, SignatureMemo* memo) {
  return memo != nullptr ? memo->key(key.algorithm, key.key) : PublicKey::parse(key.algorithm, key.key);
}

void EntryKeys::add(const Ds& ds) {
  std::size_t tried = 0;
  for (const KeyRecord& key : d_keys) {
    if (key.fields.tag != ds.tag || key.fields.algorithm != ds.algorithm) {
      continue;
    }
    if (d_policy.maxKeys != 0 && tried++ == d_policy.maxKeys) {
      d_limit = "max-dnskeys (" + std::to_string(d_policy.maxKeys) + ")";
      return;
    }
    if (matches(ds, d_zone, key.rdata)) {
      take(ds, key.fields);
    }
  }
}

void EntryKeys::take(const Ds& ds, const Dnskey& key) {
  Fault fault = rejection(key);
  auto parsed = fault == Fault::None ? parsedKey(key, d_memo) : nullptr;
  if (fault == Fault::None && !parsed) {
    fault = Fault::KeyUnusable;
  }
  if (fault != Fault::None) {
    d_rejected = finding(fault, ds);
    return;
  }
  const bool known = std::ranges::any_of( // another DS of it
      d_found, [&](const ZoneKey& other) { return std::ranges::equal(other.key->identity(), parsed->identity()); });
  if (!known) {
    d_found.push_back({key.tag, key.algorithm, std::move(parsed)});
  }
}

Finding EntryKeys::explain(const std::vector<Ds>& ds) const {
  if (d_rejected) {
    return d_rejected;
  }
  for (const KeyRecord& key : std::span(d_keys).first(std::min(d_keys.size(), kMaxExplained))) {
    if (const Ds* meant = nearMiss(key, ds)) {
      return finding(rejection(key.fields), *meant);
    }
  }
  Finding none = finding(Fault::DsMismatch, ds.front());
  none.limit = d_limit;
  return none;
}

// The DS that would match if the key's zone key bit were set, or its revoked bit were not.
const Ds* EntryKeys::nearMiss(const KeyRecord& key, const std::vector<Ds>& wanted) const {
  const Fault fault = rejection(key.fields);
  if (fault != Fault::NoZoneKeyBit && fault != Fault::KeyRevoked) {
    return nullptr;
  }
  const std::vector<std::byte> rdata = repaired(key.rdata);
  const std::uint16_t tag = keyTag(rdata);
  const auto meant = std::ranges::find_if(wanted, [&](const Ds& ds) {
    return ds.tag == tag && ds.algorithm == key.fields.algorithm && matches(ds, d_zone, rdata);
  });
  return meant == wanted.end() ? nullptr : &*meant;
}

Finding EntryKeys::finding(Fault fault, const Ds& ds) const {
  return {.fault = fault,
          .zone = d_zone,
          .name = d_zone,
          .type = dns::RRType::DNSKEY,
          .tag = ds.tag,
          .algorithm = ds.algorithm};
}

} // namespace dnssec
