// Automated updates of trust anchors (RFC 5011): the state machine of the keys of one trust point. Pure: what was seen
// of the zone's DNSKEY set comes from sighting.hh, time is handed in. Used by the follower of trust anchors, which
// looks the sets up, and by the file that keeps the state.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "lib/base/clock.hh"
#include "lib/dns/rrset.hh"

namespace dnssec {

struct Sighting;

// RFC 5011 4.2. A key in the state "Start" is one that is not known.
enum class AnchorState : std::uint8_t {
  Pending, // AddPend: seen, not trusted before its hold-down time is over
  Valid,
  Missing, // not in the set that was seen last; trusted nevertheless
  Revoked, // never trusted again
  Removed  // revoked, and gone from the set for long
};

struct AnchorKey {
  std::vector<std::byte> dnskey; // rdata, REVOKE bit clear; empty as long as only the DS is known
  std::vector<std::byte> ds;     // rdata
  AnchorState state = AnchorState::Valid;
  base::WallTime since{}; // in this state
  base::WallTime until{}; // Pending: not trusted before; Revoked: not removed before

  [[nodiscard]] bool isTrusted() const { return state == AnchorState::Valid || state == AnchorState::Missing; }
  [[nodiscard]] std::uint16_t tag() const; // without the REVOKE bit
  friend bool operator==(const AnchorKey&, const AnchorKey&) = default;
};

struct TrustPoint {
  dns::Name zone;
  std::vector<AnchorKey> keys;
  base::WallTime checked{};              // when its keys were asked for last; 1970: never
  bool succeeded = false;                // and whether the set that came was valid
  std::uint32_t ttl = 0;                 // original TTL of the set that was valid last
  std::chrono::seconds signatureLife{0}; // that its signatures had left

  friend bool operator==(const TrustPoint&, const TrustPoint&) = default;
};

// RFC 5011 2.3: when its keys are to be asked for again.
[[nodiscard]] base::WallTime dueAt(const TrustPoint& point);

// The state after `sighting` (RFC 5011 4.1).
[[nodiscard]] TrustPoint advance(TrustPoint point, const Sighting& sighting, base::WallTime now);
// The state after no set could be had.
[[nodiscard]] TrustPoint failed(TrustPoint point, base::WallTime now);

// What is trusted, as a DS set; null when nothing is: the trust point is deleted (RFC 5011 5).
[[nodiscard]] dns::RRset trustedSet(const TrustPoint& point);

struct Combined {
  TrustPoint point;
  bool discarded = false; // the saved state came from other anchors, and was left aside
};
// What was saved and what is configured: of keys that both know the state is believed (one that was revoked stays so),
// others that are configured are trusted at once.
[[nodiscard]] Combined combine(const std::optional<TrustPoint>& saved, const dns::RRset& configured,
                               base::WallTime now);

[[nodiscard]] std::string_view text(AnchorState state); // "valid", "pending" ...
[[nodiscard]] std::optional<AnchorState> parseAnchorState(std::string_view text);

} // namespace dnssec
