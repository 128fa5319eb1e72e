// Anchors from the configuration, and their text: see configured.hh.
#include "recursor/trust/configured.hh"

#include <algorithm>

namespace rec {
namespace {

constexpr std::uint32_t kAnchorTtl = 86400;
constexpr std::size_t kDsHeader = 4;

std::string timeLeft(const NegativeAnchor& anchor, base::WallTime now) {
  if (!anchor.until) return {};
  return " (" + std::to_string(std::max<std::int64_t>((*anchor.until - now).count(), 0)) + " s left)";
}

} // namespace

TrustAnchors::Sets anchorSets(const std::map<dns::Name, std::vector<TrustAnchor>>& anchors) {
  TrustAnchors::Sets sets;
  for (const auto& [zone, list] : anchors) {
    dns::RRsetBuilder builder(zone, dns::RRType::DS, dns::RRClass::IN, kAnchorTtl);
    for (const TrustAnchor& anchor : list) builder.add(anchor.rdata());
    if (builder.count() > 0) sets[zone] = builder.build();
  }
  return sets;
}

AnchorSnapshot givenAnchors(const LuaConfig& config) {
  AnchorSnapshot given;
  given.positive = anchorSets(config.trustAnchors);
  for (const auto& [zone, reason] : config.negativeTrustAnchors) given.negative[zone] = {reason, std::nullopt};
  return given;
}

std::string shownName(const dns::Name& name) {
  auto text = name.text();
  if (!name.isRoot()) text.pop_back();
  return text;
}

std::string anchorText(std::span<const std::byte> ds) {
  const auto octet = [ds](std::size_t at) { return std::to_integer<std::uint8_t>(ds[at]); };
  TrustAnchor anchor{static_cast<std::uint16_t>(octet(0) << 8 | octet(1)), octet(2), octet(3), {}};
  anchor.digest.assign(ds.begin() + kDsHeader, ds.end());
  return anchor.text();
}

std::string trustAnchorText(const AnchorSnapshot& anchors) {
  std::string text = "Configured Trust Anchors:\n";
  for (const auto& [zone, set] : anchors.positive) {
    text += shownName(zone) + "\n";
    for (const auto rdata : set.rdatas()) text += "\t\t" + anchorText(rdata) + "\n";
  }
  return text;
}

std::string negativeAnchorText(const AnchorSnapshot& anchors, base::WallTime now) {
  std::string text = "Configured Negative Trust Anchors:\n";
  for (const auto& [zone, anchor] : anchors.negative) {
    text += shownName(zone) + "\t" + anchor.reason + timeLeft(anchor, now) + "\n";
  }
  return text;
}

} // namespace rec
