// Checking signatures. The flow for a set:
//  1. verifySet: every signature in turn, until one is good; the most telling fault is kept (SetCheck::note).
//  2. SetCheck::judge: who signed and what (mayBeOver), algorithm, dates, keys at hand.
//  3. SetCheck::tryKeys: at most policy.maxKeys keys of that tag; for each the memo, then the effort, then the check.
#include "lib/dnssec/signature.hh"

#include <algorithm>

#include "lib/dnssec/canonical.hh"
#include "lib/dnssec/digest.hh"
#include "lib/dnssec/memo.hh"

namespace dnssec {
namespace {

// How much a fault tells: one of a signature whose key is at hand says more than one of a stranger, a date more than a
// failed check.
enum class Weight : std::uint8_t { Nothing, Unused, Malformed, Stranger, NoKey, DateWithoutKey, Invalid, Date, Limit };

std::uint32_t seconds(base::WallTime time) { return static_cast<std::uint32_t>(time.time_since_epoch().count()); }

// a - b in serial arithmetic (RFC 1982 3.2).
std::int64_t difference(std::uint32_t a, std::uint32_t b) { return static_cast<std::int32_t>(a - b); }

bool isDate(Fault fault) {
  return fault == Fault::SignatureExpired || fault == Fault::SignatureNotYetValid ||
         fault == Fault::SignatureExpiredBeforeValid;
}

// At or above the owner; strictly above for DS, which the parent signs (RFC 4035 2.4); DNSKEY signs itself (RFC 4035
// 5.3.1).
bool maySign(const dns::Name& signer, const dns::Name& owner, dns::RRType type) {
  switch (type) {
  case dns::RRType::DS: return owner.isBelow(signer);
  case dns::RRType::DNSKEY: return owner == signer;
  default: return owner.isWithin(signer);
  }
}

class SetCheck {
 public:
  SetCheck(const dns::RRset& set, const ZoneKeys& keys, const SignaturePolicy& policy, base::WallTime now,
           Effort& effort, SignatureMemo* memo)
      : d_set(set), d_keys(keys), d_policy(policy), d_now(now), d_effort(effort), d_memo(memo), d_owner(set.owner()),
        d_labels(signedLabels(d_owner)) {}

  SetVerdict run() {
    for (const Bytes rdata : d_set.signatures()) {
      const auto signature = readRrsig(rdata);
      if (!signature) {
        note(Weight::Malformed, Fault::SignatureInvalid, Rrsig{});
      } else if (judge(*signature)) {
        return good(*signature);
      }
      if (d_ended) {
        break;
      }
    }
    return bad();
  }

 private:
  bool judge(const Rrsig& signature) {
    if (!mayBeOver(signature)) {
      note(Weight::Stranger, Fault::SignerInvalid, signature);
      return false;
    }
    if (!d_policy.algorithms.uses(signature.algorithm)) {
      note(Weight::Unused, Fault::SignatureMissing, signature);
      return false;
    }
    const bool atHand = std::ranges::any_of(d_keys.keys, [&](const ZoneKey& key) { return made(key, signature); });
    if (const Fault date = checkDates(signature, d_now, d_policy.skew); date != Fault::None) {
      note(atHand ? Weight::Date : Weight::DateWithoutKey, date, signature);
      return false;
    }
    if (!atHand) {
      note(Weight::NoKey, whyNoKey(signature), signature);
      return false;
    }
    return tryKeys(signature);
  }

  static bool made(const ZoneKey& key, const Rrsig& signature) {
    return key.tag == signature.tag && key.algorithm == signature.algorithm && key.key != nullptr;
  }

  // Zone, type and labels: not more than the owner has (RFC 4035 5.3.1), not fewer than the zone (a wildcard above the
  // zone could be made from it otherwise).
  [[nodiscard]] bool mayBeOver(const Rrsig& signature) const {
    return signature.covered == d_set.type() && signature.signer == d_keys.zone &&
           maySign(signature.signer, d_owner, d_set.type()) && signature.labels <= d_labels &&
           signature.labels >= signature.signer.labelCount();
  }

  [[nodiscard]] Fault whyNoKey(const Rrsig& signature) const {
    for (const RejectedKey& key : d_keys.rejected) {
      if (key.tag == signature.tag && key.algorithm == signature.algorithm) {
        return key.fault;
      }
    }
    return Fault::KeyMissing;
  }

  bool tryKeys(const Rrsig& signature) {
    if (!d_canonical) {
      d_canonical.emplace(d_set);
    }
    const Bytes data = d_canonical->signedBy(signature);
    std::size_t tried = 0;
    bool charged = false;
    for (const ZoneKey& key : d_keys.keys) {
      if (!made(key, signature) || d_ended) {
        continue;
      }
      if (d_policy.maxKeys != 0 && tried++ == d_policy.maxKeys) {
        d_limit = "max-dnskeys (" + std::to_string(d_policy.maxKeys) + ")";
        break;
      }
      if (isGood(signature, data, *key.key, charged)) {
        return true;
      }
    }
    if (!d_ended) {
      note(Weight::Invalid, Fault::SignatureInvalid, signature);
    }
    return false;
  }

  // `charged`: a check of this signature was made before; it counts once against max-rrsigs-per-record.
  bool isGood(const Rrsig& signature, Bytes data, const PublicKey& key, bool& charged) {
    const std::optional<Fingerprint> print = fingerprint(signature, data, key);
    if (print && d_memo->knows(*print)) {
      return true;
    }
    if (!charged && d_policy.maxSignatures != 0 && d_checked == d_policy.maxSignatures) {
      d_limit = "max-rrsigs-per-record (" + std::to_string(d_policy.maxSignatures) + ")";
      d_ended = true;
      return false;
    }
    if (!d_effort.chargeSignature()) {
      note(Weight::Limit, Fault::WorkLimit, signature);
      d_limit = d_effort.exceededText();
      d_ended = true;
      return false;
    }
    d_checked += charged ? 0 : 1;
    charged = true;
    const bool valid = key.verify(std::span(&data, 1), signature.signature);
    if (valid && print) {
      d_memo->remember(*print);
    }
    return valid;
  }

  // Over key and algorithm, the signature with its size, and the data.
  [[nodiscard]] std::optional<Fingerprint> fingerprint(const Rrsig& signature, Bytes data, const PublicKey& key) const {
    if (d_memo == nullptr) {
      return std::nullopt;
    }
    const std::array<std::byte, 2> size = {static_cast<std::byte>(signature.signature.size() >> 8),
                                           static_cast<std::byte>(signature.signature.size())};
    const std::array<Bytes, 4> pieces = {key.identity(), size, signature.signature, data};
    const Digest hash = digest(Hash::Sha256, pieces);
    if (hash.size == 0) {
      return std::nullopt;
    }
    Fingerprint print;
    std::copy_n(hash.octets.begin(), print.size(), print.begin());
    return print;
  }

  void note(Weight weight, Fault fault, const Rrsig& signature) {
    if (weight <= d_weight) {
      return;
    }
    d_weight = weight;
    d_finding.fault = fault;
    d_finding.tag = signature.tag;
    d_finding.algorithm = signature.algorithm;
    d_finding.at = fault == Fault::SignatureNotYetValid ? signature.inception
                   : isDate(fault)                      ? signature.expiration
                                                        : 0;
  }

  SetVerdict good(const Rrsig& signature) const {
    // A signature that is over, but within the skew, still makes the set last a second.
    const std::int64_t rest = std::max<std::int64_t>(1, difference(signature.expiration, seconds(d_now)));
    SetVerdict verdict;
    verdict.ttl = std::min({d_set.ttl(), signature.originalTtl, static_cast<std::uint32_t>(rest)});
    verdict.tag = signature.tag;
    verdict.algorithm = signature.algorithm;
    verdict.labels = signature.labels;
    verdict.wildcard = signature.labels < d_labels;
    return verdict;
  }

  SetVerdict bad() {
    if (d_weight == Weight::Nothing) {
      d_finding.fault = Fault::SignatureMissing;
    }
    d_finding.zone = d_keys.zone;
    d_finding.name = d_owner;
    d_finding.type = d_set.type();
    d_finding.limit = std::move(d_limit);
    return {.finding = std::move(d_finding)};
  }

  const dns::RRset& d_set;
  const ZoneKeys& d_keys;
  const SignaturePolicy& d_policy;
  base::WallTime d_now;
  Effort& d_effort;
  SignatureMemo* d_memo;
  dns::Name d_owner;
  std::size_t d_labels;
  std::optional<CanonicalSet> d_canonical;
  std::size_t d_checked = 0; // signatures that were checked
  bool d_ended = false;      // by a limit
  std::string d_limit;
  Weight d_weight = Weight::Nothing;
  Finding d_finding;
};

} // namespace

SetVerdict verifySet(const dns::RRset& set, const ZoneKeys& keys, const SignaturePolicy& policy, base::WallTime now,
                     Effort& effort, SignatureMemo* memo) {
  return SetCheck(set, keys, policy, now, effort, memo).run();
}

std::optional<dns::Name> signerOf(const dns::RRset& set) {
  const dns::Name owner = set.owner();
  for (const Bytes rdata : set.signatures()) {
    auto signature = readRrsig(rdata);
    if (signature && signature->covered == set.type() && maySign(signature->signer, owner, set.type())) {
      return std::move(signature->signer);
    }
  }
  return std::nullopt;
}

Fault checkDates(const Rrsig& signature, base::WallTime now, std::chrono::seconds skew) {
  if (difference(signature.expiration, signature.inception) < 0) {
    return Fault::SignatureExpiredBeforeValid;
  }
  if (difference(seconds(now), signature.expiration) > skew.count()) {
    return Fault::SignatureExpired;
  }
  return difference(signature.inception, seconds(now)) > skew.count() ? Fault::SignatureNotYetValid : Fault::None;
}

} // namespace dnssec
