// Compares two readings of the zones, forwarders by name and content.
#include "recursor/zonechanges.hh"

#include <algorithm>
#include <unordered_map>

namespace rec {
namespace {

using ForwardsByZone = std::unordered_map<dns::Name, const ForwardZone*, dns::NameHash>;

ForwardsByZone byZone(const ZoneSources& sources) {
  ForwardsByZone map;
  for (const ForwardZone& zone : sources.forwardZones) {
    map.emplace(zone.zone, &zone);
  }
  return map;
}

// Zones of `these` that are forwarded otherwise, or not at all, among `others`.
void addDifferent(const ZoneSources& these, const ForwardsByZone& others, std::vector<dns::Name>& names) {
  for (const ForwardZone& zone : these.forwardZones) {
    const auto other = others.find(zone.zone);
    if (other == others.end() || *other->second != zone) {
      names.push_back(zone.zone);
    }
  }
}

} // namespace

std::vector<dns::Name> changedNames(const ZoneSources& before, const ZoneSources& now) {
  constexpr std::size_t kMany = 100;
  std::vector<dns::Name> names;
  for (const auto* sources : {&before, &now}) { // their files are not compared
    for (const AuthZone& zone : sources->authZones) {
      names.push_back(zone.zone);
    }
  }
  addDifferent(before, byZone(now), names);
  addDifferent(now, byZone(before), names);
  std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());
  return names.size() > kMany ? std::vector<dns::Name>{dns::Name()} : names;
}

} // namespace rec
