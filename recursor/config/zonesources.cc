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

// dot-to-port-853: a forwarder at that port is asked over TLS, whoever it is. Authoritative servers are not.
Result<void> useTlsPort(const Settings& settings, std::vector<ForwardZone>& zones) {
  for (ForwardZone& zone : zones) {
    for (Endpoint& server : zone.servers) {
      if (!settings.dotToPort853 || server.scheme != Scheme::Udp || server.address.port() != kTlsPort) continue;
      if (!zone.recurse) {
        return Error{
            "zone " + zone.zone.text() + ": " + server.text() +
            " would be asked over TLS, which only servers that recurse are; dot-to-port-853=no makes it plain DNS"};
      }
      server.scheme = Scheme::Tls;
      server.unchecked = true;
    }
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
  return parseForwardZonesFile(*content, path);
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
  const auto tls = useTlsPort(settings, sources.forwardZones);
  if (!tls) return tls.error();
  sources.authZones = settings.authZones;
  return sources;
}

} // namespace rec
