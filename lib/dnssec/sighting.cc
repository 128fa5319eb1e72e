// Checking a DNSKEY set for RFC 5011: see sighting.hh.
#include "lib/dnssec/sighting.hh"

#include <algorithm>

#include "lib/dnssec/records.hh"

namespace dnssec {
namespace {

constexpr std::byte kRevokeBit{0x80}; // in the second octet of the flags (RFC 5011 7)
constexpr std::size_t kMaxSeen = 64;  // keys of one set that are looked at

// Whether this revoked key signed the set that holds it.
bool isSelfSigned(const dns::RRset& set, const Dnskey& key, const SignaturePolicy& policy, base::WallTime now,
                  Effort& effort) {
  auto parsed = PublicKey::parse(key.algorithm, key.key);
  if (!parsed) return false;
  ZoneKeys keys{set.owner(), {}};
  keys.keys.push_back(ZoneKey{key.tag, key.algorithm, std::move(parsed)});
  return verifySet(set, keys, policy, now, effort, nullptr).secure();
}

// Nothing when it is no zone key.
std::optional<SeenKey> seenKey(const dns::RRset& set, Bytes rdata, const SignaturePolicy& policy, base::WallTime now,
                               Effort& effort) {
  const auto key = readDnskey(rdata);
  if (!key || !key->isZoneKey() || key->protocol != 3) return std::nullopt;
  SeenKey seen;
  seen.dnskey.assign(rdata.begin(), rdata.end());
  seen.dnskey[1] &= ~kRevokeBit;
  seen.revoked = key->isRevoked();
  seen.selfSigned = seen.revoked && isSelfSigned(set, *key, policy, now, effort);
  seen.isNewAnchor = key->isSecureEntryPoint() && policy.algorithms.uses(key->algorithm) &&
                     PublicKey::parse(key->algorithm, key->key) != nullptr;
  return seen;
}

// Of the signatures that are in date: the least original TTL and rest of life.
void readTimes(const dns::RRset& set, const SignaturePolicy& policy, base::WallTime now, Sighting& sighting) {
  sighting.ttl = UINT32_MAX;
  sighting.signatureLife = std::chrono::seconds::max();
  const auto today = static_cast<std::uint32_t>(now.time_since_epoch().count());
  for (const auto rdata : set.signatures()) {
    const auto signature = readRrsig(rdata);
    if (!signature || checkDates(*signature, now, policy.skew) != Fault::None) continue;
    const auto left = static_cast<std::int32_t>(signature->expiration - today); // RFC 1982
    sighting.ttl = std::min(sighting.ttl, signature->originalTtl);
    sighting.signatureLife = std::min(sighting.signatureLife, std::chrono::seconds(std::max(left, 0)));
  }
}

} // namespace

Sighting look(const dns::RRset& dnskeys, const dns::RRset& anchors, const SignaturePolicy& policy, base::WallTime now) {
  Sighting sighting;
  Effort effort(0, 0); // one set in an hour, its signatures limited by the policy
  SignaturePolicy lenient = policy;
  lenient.maxDs = 0; // the anchors are ours
  if (anchors) {
    const auto verdict = verifyKeySet(dnskeys, anchors, lenient, now, effort, nullptr);
    sighting.finding = verdict.finding;
    sighting.validated = !verdict.finding;
  }
  for (const auto rdata : dnskeys.rdatas()) {
    if (sighting.keys.size() >= kMaxSeen) break;
    if (auto seen = seenKey(dnskeys, rdata, lenient, now, effort)) sighting.keys.push_back(std::move(*seen));
  }
  if (sighting.validated) readTimes(dnskeys, policy, now, sighting);
  return sighting;
}

} // namespace dnssec
