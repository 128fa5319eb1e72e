// advance(): each known key makes its step by what is seen of it (step*), then new keys begin to wait. combine(): the
// saved keys, with those configured ones that they do not know.
#include "lib/dnssec/anchors.hh"

#include <algorithm>
#include <array>

#include "lib/dnssec/keyset.hh"
#include "lib/dnssec/records.hh"
#include "lib/dnssec/sighting.hh"

namespace dnssec {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr hours kHoldDown{30 * 24};       // to add (RFC 5011 2.4.1) and to remove (2.4.2)
constexpr hours kLongestRefresh{15 * 24}; // RFC 5011 2.3
constexpr hours kLongestRetry{24}, kShortest{1};
constexpr std::size_t kMaxKeys = 32; // of one trust point; more are not taken up
constexpr std::uint32_t kAnchorTtl = 86400;
constexpr std::array<std::string_view, 5> kStateNames{"pending", "valid", "missing", "revoked", "removed"};

// Whether the DS stands for the key.
bool standsFor(Bytes dsRdata, const dns::Name& zone, Bytes dnskey) {
  const auto ds = readDs(dsRdata);
  const auto key = readDnskey(dnskey);
  if (!ds || !key || ds->tag != key->tag || ds->algorithm != key->algorithm) return false;
  return std::ranges::equal(digestOf(zone, dnskey, ds->digestType), ds->digest);
}

bool isSame(const dns::Name& zone, const AnchorKey& key, const SeenKey& seen) {
  return key.dnskey.empty() ? standsFor(key.ds, zone, seen.dnskey) : key.dnskey == seen.dnskey;
}

void enter(AnchorKey& key, AnchorState state, base::WallTime now, seconds atLeast = seconds(0)) {
  if (key.state != state) key.since = now;
  key.state = state;
  key.until = atLeast.count() > 0 ? now + atLeast : base::WallTime();
}

// A clock that was wrong must not make the wait endless.
void mendTimes(AnchorKey& key, base::WallTime now) {
  if (key.since <= now) return;
  if (key.until > key.since) key.until = now + (key.until - key.since);
  key.since = now;
}

// What one sighting says of one key.
struct Seen {
  bool present = false; // and not revoked
  bool revoked = false; // with its own signature (RFC 5011 2.1)
};

Seen look(const TrustPoint& point, AnchorKey& key, const Sighting& sighting) {
  Seen seen;
  for (const SeenKey& candidate : sighting.keys) {
    if (!isSame(point.zone, key, candidate)) continue;
    if (key.dnskey.empty() && (sighting.validated || candidate.selfSigned)) {
      key.dnskey = candidate.dnskey;
      key.ds = makeDs(point.zone, key.dnskey, DigestType::Sha256);
    }
    seen.present = seen.present || !candidate.revoked;
    seen.revoked = seen.revoked || (candidate.revoked && candidate.selfSigned);
  }
  return seen;
}

// RFC 5011 4.1, one row of the table each. False: back to "Start", the key is forgotten.
bool stepPending(AnchorKey& key, const Seen& seen, const Sighting& sighting, base::WallTime now) {
  if (!sighting.validated) return true;
  if (!seen.present || seen.revoked) return false;
  if (now >= key.until) enter(key, AnchorState::Valid, now);
  return true;
}

void stepTrusted(AnchorKey& key, const Seen& seen, const Sighting& sighting, base::WallTime now) {
  if (seen.revoked) {
    enter(key, AnchorState::Revoked, now, kHoldDown);
  } else if (sighting.validated) {
    enter(key, seen.present ? AnchorState::Valid : AnchorState::Missing, now);
  }
}

void stepRevoked(AnchorKey& key, const Seen& seen, const Sighting& sighting, base::WallTime now) {
  if (seen.present || seen.revoked) {
    key.until = now + kHoldDown;
  } else if (sighting.validated && now >= key.until) {
    enter(key, AnchorState::Removed, now);
  }
}

bool step(const TrustPoint& point, AnchorKey& key, const Sighting& sighting, base::WallTime now) {
  mendTimes(key, now);
  const Seen seen = look(point, key, sighting);
  switch (key.state) {
  case AnchorState::Pending: return stepPending(key, seen, sighting, now);
  case AnchorState::Valid:
  case AnchorState::Missing: stepTrusted(key, seen, sighting, now); break;
  case AnchorState::Revoked: stepRevoked(key, seen, sighting, now); break;
  case AnchorState::Removed: break;
  }
  return true;
}

// Configured with several digests, a key has several entries until it is seen.
void dropDoubles(std::vector<AnchorKey>& keys) {
  for (std::size_t at = 0; at < keys.size(); ++at) {
    if (keys[at].dnskey.empty()) continue;
    const auto same = [&key = keys[at].dnskey](const AnchorKey& other) { return other.dnskey == key; };
    const auto next = keys.begin() + static_cast<std::ptrdiff_t>(at) + 1;
    keys.erase(std::remove_if(next, keys.end(), same), keys.end());
  }
}

void addNew(TrustPoint& point, const Sighting& sighting, base::WallTime now) {
  const seconds holdDown = std::max<seconds>(kHoldDown, seconds(sighting.ttl));
  for (const SeenKey& seen : sighting.keys) {
    if (seen.revoked || !seen.isNewAnchor || point.keys.size() >= kMaxKeys) continue;
    const bool known = std::ranges::any_of(
        point.keys, [&point, &seen](const AnchorKey& key) { return isSame(point.zone, key, seen); });
    if (known) continue;
    AnchorKey key{seen.dnskey, makeDs(point.zone, seen.dnskey, DigestType::Sha256)};
    key.since = now;
    enter(key, AnchorState::Pending, now, holdDown);
    point.keys.push_back(std::move(key));
  }
}

// max(1 hour, min(most, part of the TTL, part of the signatures' life)).
seconds interval(const TrustPoint& point, seconds most, int part) {
  return std::max<seconds>(kShortest, std::min({most, seconds(point.ttl) / part, point.signatureLife / part}));
}

bool isOf(const dns::Name& zone, const AnchorKey& key, Bytes configured) {
  return std::ranges::equal(key.ds, configured) || (!key.dnskey.empty() && standsFor(configured, zone, key.dnskey));
}

AnchorKey* find(TrustPoint& point, Bytes configured) {
  const auto found = std::ranges::find_if(
      point.keys, [&point, configured](const AnchorKey& key) { return isOf(point.zone, key, configured); });
  return found == point.keys.end() ? nullptr : &*found;
}

// A key that once was trusted by this state is among those configured.
bool comesFrom(TrustPoint saved, const dns::RRset& configured) {
  return std::ranges::any_of(configured.rdatas(), [&saved](Bytes ds) {
    const AnchorKey* key = find(saved, ds);
    return key != nullptr && key->state != AnchorState::Pending;
  });
}

void addConfigured(TrustPoint& point, Bytes ds, base::WallTime now) {
  AnchorKey* key = find(point, ds);
  if (key == nullptr) {
    AnchorKey added;
    added.ds.assign(ds.begin(), ds.end());
    added.since = now;
    point.keys.push_back(std::move(added));
  } else if (key->state == AnchorState::Pending) {
    enter(*key, AnchorState::Valid, now);
  }
}

} // namespace

std::uint16_t AnchorKey::tag() const {
  if (!dnskey.empty()) return keyTag(dnskey);
  const auto read = readDs(ds);
  return read ? read->tag : std::uint16_t{0};
}

base::WallTime dueAt(const TrustPoint& point) {
  if (point.checked == base::WallTime()) return point.checked;
  constexpr int kHalf = 2, kTenth = 10;
  return point.checked +
         (point.succeeded ? interval(point, kLongestRefresh, kHalf) : interval(point, kLongestRetry, kTenth));
}

TrustPoint advance(TrustPoint point, const Sighting& sighting, base::WallTime now) {
  std::erase_if(point.keys, [&](AnchorKey& key) { return !step(point, key, sighting, now); });
  dropDoubles(point.keys);
  point.checked = now;
  point.succeeded = sighting.validated;
  if (sighting.validated) {
    addNew(point, sighting, now);
    point.ttl = sighting.ttl;
    point.signatureLife = sighting.signatureLife;
  }
  return point;
}

TrustPoint failed(TrustPoint point, base::WallTime now) {
  point.checked = now;
  point.succeeded = false;
  return point;
}

dns::RRset trustedSet(const TrustPoint& point) {
  dns::RRsetBuilder builder(point.zone, dns::RRType::DS, dns::RRClass::IN, kAnchorTtl);
  for (const AnchorKey& key : point.keys) {
    if (key.isTrusted()) builder.add(key.ds);
  }
  return builder.count() > 0 ? builder.build() : dns::RRset();
}

Combined combine(const std::optional<TrustPoint>& saved, const dns::RRset& configured, base::WallTime now) {
  Combined result;
  const bool usable = saved && comesFrom(*saved, configured);
  result.discarded = saved && !usable;
  if (usable) result.point = *saved;
  result.point.zone = configured.owner();
  std::erase_if(result.point.keys, [&configured](const AnchorKey& key) {
    const auto isIt = [&key](Bytes ds) { return std::ranges::equal(ds, key.ds); };
    return key.dnskey.empty() && std::ranges::none_of(configured.rdatas(), isIt);
  });
  for (const auto ds : configured.rdatas()) addConfigured(result.point, ds, now);
  return result;
}

std::string_view text(AnchorState state) { return kStateNames[static_cast<std::size_t>(state)]; }

std::optional<AnchorState> parseAnchorState(std::string_view text) {
  const auto found = std::ranges::find(kStateNames, text);
  if (found == kStateNames.end()) return std::nullopt;
  return static_cast<AnchorState>(found - kStateNames.begin());
}

} // namespace dnssec
