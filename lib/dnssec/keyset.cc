// From DS to keys. The flow of verifyKeySet:
//  1. usableDs: is there a DS that can be used at all? chosen: those that are, less weak ones, at most maxDs.
//  2. EntryKeys: the DNSKEYs that these mean; when none can be used, why.
//  3. verifySet: one of them signed the set.
//  4. allKeys: then every usable key of the set counts.
#include "lib/dnssec/keyset.hh"

#include <algorithm>

#include "lib/dnssec/canonical.hh"
#include "lib/dnssec/digest.hh"
#include "lib/dnssec/entrykeys.hh"

namespace dnssec {
namespace {

constexpr std::size_t kMaxZoneKeys = 64; // kept of one set: nobody has more, and memory is not for the asking

std::vector<KeyRecord> readKeys(const dns::RRset& dnskeys) {
  std::vector<KeyRecord> keys;
  keys.reserve(dnskeys.count());
  for (const Bytes rdata : dnskeys.rdatas()) {
    if (const auto fields = readDnskey(rdata)) {
      keys.push_back({*fields, rdata});
    }
  }
  return keys;
}

std::vector<Ds> readDsSet(const dns::RRset& ds) {
  std::vector<Ds> all;
  for (const Bytes rdata : ds.rdatas()) {
    if (const auto fields = readDs(rdata)) {
      all.push_back(*fields);
    }
  }
  return all;
}

bool isUsable(const Ds& ds, const SignaturePolicy& policy) {
  return policy.algorithms.uses(ds.algorithm) && policy.algorithms.uses(ds.digestType);
}

// SHA-1 is left aside when there is a better one (RFC 4509 3).
std::vector<Ds> chosen(const dns::RRset& set, const SignaturePolicy& policy) {
  std::vector<Ds> usable = readDsSet(set);
  std::erase_if(usable, [&](const Ds& ds) { return !isUsable(ds, policy); });
  const auto isWeak = [](const Ds& ds) { return ds.digestType == DigestType::Sha1; };
  if (!std::ranges::all_of(usable, isWeak)) {
    std::erase_if(usable, isWeak);
  }
  if (policy.maxDs != 0 && usable.size() > policy.maxDs) {
    usable.resize(policy.maxDs);
  }
  return usable;
}

Finding findingOf(Fault fault, const dns::RRset& ds, std::uint16_t tag, Algorithm algorithm) {
  const dns::Name zone = ds.owner();
  return {.fault = fault, .zone = zone, .name = zone, .type = dns::RRType::DNSKEY, .tag = tag, .algorithm = algorithm};
}

// Signatures name a key by its tag; one whose bits were changed later has another tag than when it signed.
void reject(ZoneKeys& all, const KeyRecord& key, Fault fault) {
  if (all.rejected.size() >= kMaxExplained) {
    return;
  }
  all.rejected.push_back({key.fields.tag, key.fields.algorithm, fault});
  if (fault == Fault::NoZoneKeyBit || fault == Fault::KeyRevoked) {
    all.rejected.push_back({keyTag(repaired(key.rdata)), key.fields.algorithm, fault});
  }
}

// No more of one tag than are ever tried.
bool haveEnough(const ZoneKeys& all, const Dnskey& key, const SignaturePolicy& policy) {
  const auto same = std::ranges::count_if(
      all.keys, [&](const ZoneKey& other) { return other.tag == key.tag && other.algorithm == key.algorithm; });
  return all.keys.size() >= kMaxZoneKeys || (policy.maxKeys != 0 && static_cast<std::size_t>(same) >= policy.maxKeys);
}

ZoneKeys allKeys(const dns::Name& zone, const std::vector<KeyRecord>& keys, const SignaturePolicy& policy,
                 SignatureMemo* memo) {
  ZoneKeys all{.zone = zone};
  for (const KeyRecord& key : keys) {
    const Dnskey& fields = key.fields;
    if (!policy.algorithms.uses(fields.algorithm) || haveEnough(all, fields, policy)) {
      continue;
    }
    if (const Fault fault = rejection(fields); fault != Fault::None) {
      reject(all, key, fault);
    } else if (auto parsed = parsedKey(fields, memo)) {
      all.keys.push_back({fields.tag, fields.algorithm, std::move(parsed)});
    } else {
      reject(all, key, Fault::KeyUnusable);
    }
  }
  return all;
}

bool signedByOneOf(const dns::RRset& set, const std::vector<ZoneKey>& keys) {
  return std::ranges::any_of(set.signatures(), [&](Bytes rdata) {
    const auto signature = readRrsig(rdata);
    return signature && std::ranges::any_of(keys, [&](const ZoneKey& key) {
             return key.tag == signature->tag && key.algorithm == signature->algorithm;
           });
  });
}

// The set may be signed by other keys of the zone: what is missing is the signature of the one that the DS means.
void explainMissing(Finding& finding, const dns::RRset& dnskeys, const std::vector<ZoneKey>& entries) {
  if (finding.fault == Fault::SignerInvalid || signedByOneOf(dnskeys, entries)) {
    return;
  }
  finding.fault = Fault::SignatureMissing;
  finding.tag = entries.front().tag;
  finding.algorithm = entries.front().algorithm;
  finding.at = 0;
}

} // namespace

Finding usableDs(const dns::RRset& ds, const SignaturePolicy& policy) {
  const std::vector<Ds> all = ds ? readDsSet(ds) : std::vector<Ds>();
  if (all.empty()) { // cannot come from a signed parent
    return ds ? findingOf(Fault::DsMismatch, ds, 0, {}) : Finding{.fault = Fault::DsMismatch};
  }
  if (std::ranges::any_of(all, [&](const Ds& one) { return isUsable(one, policy); })) {
    return {};
  }
  const auto known = std::ranges::find_if(all, [&](const Ds& one) { return policy.algorithms.uses(one.algorithm); });
  const bool isDigest = known != all.end();
  const Ds& named = isDigest ? *known : all.front();
  Finding finding =
      findingOf(isDigest ? Fault::UnsupportedDigest : Fault::UnsupportedAlgorithm, ds, named.tag, named.algorithm);
  finding.type = dns::RRType::DS;
  finding.digestType = static_cast<std::uint8_t>(named.digestType);
  return finding;
}

KeySetVerdict verifyKeySet(const dns::RRset& dnskeys, const dns::RRset& ds, const SignaturePolicy& policy,
                           base::WallTime now, Effort& effort, SignatureMemo* memo) {
  if (Finding unusable = usableDs(ds, policy)) {
    return {.finding = std::move(unusable)};
  }
  const dns::Name zone = ds.owner();
  const std::vector<Ds> wanted = chosen(ds, policy);
  const Ds& first = wanted.front();
  if (!dnskeys || dnskeys.type() != dns::RRType::DNSKEY || !dnskeys.ownerIs(zone)) {
    return {.finding = findingOf(Fault::KeySetMissing, ds, first.tag, first.algorithm)};
  }
  const std::vector<KeyRecord> keys = readKeys(dnskeys);
  EntryKeys search(zone, keys, policy, memo);
  for (const Ds& one : wanted) {
    search.add(one);
  }
  if (search.found().empty()) {
    return {.finding = search.explain(wanted)};
  }
  const ZoneKeys entries{.zone = zone, .keys = search.found()};
  SetVerdict verdict = verifySet(dnskeys, entries, policy, now, effort, memo);
  if (!verdict.secure()) {
    explainMissing(verdict.finding, dnskeys, entries.keys);
    return {.finding = std::move(verdict.finding)};
  }
  const std::uint32_t ttl = ds.ttl() == 0 ? verdict.ttl : std::min(verdict.ttl, ds.ttl());
  return {.keys = allKeys(zone, keys, policy, memo), .ttl = ttl};
}

std::vector<std::byte> digestOf(const dns::Name& owner, Bytes dnskeyRdata, DigestType type) {
  std::vector<std::byte> name;
  appendCanonicalName(owner.wire(), name);
  const std::array<Bytes, 2> pieces = {name, dnskeyRdata};
  const auto hashed = [&](Hash hash) {
    const Digest made = digest(hash, pieces);
    return std::vector<std::byte>(made.bytes().begin(), made.bytes().end());
  };
  switch (type) {
  case DigestType::Sha1: return hashed(Hash::Sha1);
  case DigestType::Sha256: return hashed(Hash::Sha256);
  case DigestType::Sha384: return hashed(Hash::Sha384);
  default: return {};
  }
}

std::vector<std::byte> makeDs(const dns::Name& owner, Bytes dnskeyRdata, DigestType type) {
  const std::uint16_t tag = keyTag(dnskeyRdata);
  const std::byte algorithm = dnskeyRdata.size() > 3 ? dnskeyRdata[3] : std::byte{0};
  std::vector<std::byte> rdata = {static_cast<std::byte>(tag >> 8), static_cast<std::byte>(tag), algorithm,
                                  static_cast<std::byte>(type)};
  const std::vector<std::byte> hash = digestOf(owner, dnskeyRdata, type);
  rdata.insert(rdata.end(), hash.begin(), hash.end());
  return rdata;
}

} // namespace dnssec
