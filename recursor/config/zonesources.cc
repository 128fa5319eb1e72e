// Local knowledge read from files: see zonesources.hh.
#include "recursor/config/zonesources.hh"

#include <algorithm>

#include "recursor/config/configfile.hh"
#include "recursor/config/values.hh"
#include "recursor/config/zones.hh"

namespace rec {

using base::Error;
using base::Result;

namespace {

constexpr std::uint16_t kTlsPort = 853;

Result<void> checkNoTls(const Settings& settings, const std::vector<ForwardZone>& zones) {
  for (const auto& zone : zones) {
    const auto tls = std::ranges::find(zone.servers, kTlsPort, &base::Address::port);
    if (tls == zone.servers.end() || !settings.dotToPort853) continue;
    return Error{settings.forwardZonesFile + ": zone " + zone.zone.text() +
                 ": port 853 means DNS over TLS, which is not supported (yet); dot-to-port-853=no makes it plain DNS"};
  }
  return {};
}

Result<std::vector<ForwardZone>> readForwardZonesFile(const Settings& settings) {
  const auto& path = settings.forwardZonesFile;
  if (path.empty()) return std::vector<ForwardZone>();
  if (path.ends_with(".yml") || path.ends_with(".yaml")) {
    return Error{"forward-zones-file: " + path + ": the YAML form is not supported (yet)"};
  }
  const auto content = readFile(path);
  if (!content) return Error{"forward-zones-file: " + content.error().message};
  auto zones = parseForwardZonesFile(*content, path);
  if (!zones) return zones;
  const auto plain = checkNoTls(settings, *zones);
  if (!plain) return plain.error();
  return zones;
}

void addLastWins(std::vector<ForwardZone>& zones, const std::vector<ForwardZone>& more) {
  for (const auto& zone : more) {
    std::erase_if(zones, [&zone](const ForwardZone& other) { return other.zone == zone.zone; });
    zones.push_back(zone);
  }
}

} // namespace

Result<ZoneSources> readZoneSources(const Settings& settings) {
  ZoneSources sources;
  addLastWins(sources.forwardZones, settings.forwardZones);
  addLastWins(sources.forwardZones, settings.forwardZonesRecurse);
  const auto fromFile = readForwardZonesFile(settings);
  if (!fromFile) return fromFile.error();
  addLastWins(sources.forwardZones, *fromFile);
  sources.authZones = settings.authZones;
  return sources;
}

} // namespace rec
