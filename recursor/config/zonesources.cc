// Local knowledge read from files: see zonesources.hh.
#include "recursor/config/zonesources.hh"

#include <algorithm>
#include <unordered_map>

#include "recursor/config/configfile.hh"
#include "recursor/config/values.hh"
#include "recursor/config/yamlzones.hh"
#include "recursor/config/zones.hh"

namespace rec {

using base::Error;
using base::Result;

namespace {

constexpr std::uint16_t kTlsPort = 853;

// dot-to-port-853: a forwarder at that port is asked over TLS, whoever it is. So are authoritative servers, but that is
// their asker's part.
void useTlsPort(const Settings& settings, std::vector<ForwardZone>& zones) {
  for (ForwardZone& zone : zones) {
    for (Endpoint& server : zone.servers) {
      const bool isPlain = server.scheme == Scheme::Udp && server.address.port() == kTlsPort;
      if (!settings.dotToPort853 || !zone.recurse || !isPlain) continue;
      server.scheme = Scheme::Tls;
      server.unchecked = true;
    }
  }
}

bool isLoopback(const base::Address& address) {
  return address.isV4() ? address.octets()[0] == std::byte{127}
                        : address == base::Address::parse("::1", address.port()).value();
}

// Whether we listen there, as far as the settings tell: an upstream that leads here in another way is found out when it
// is asked (forward-loop-check).
bool isOurs(const base::Address& address, const Settings& settings) {
  return std::ranges::any_of(settings.localAddress, [&](const base::Address& own) {
    const bool covers = own.isWildcard() && own.family() == address.family() && own.port() == address.port();
    return own == address || (covers && (isLoopback(address) || address.isWildcard()));
  });
}

Result<void> refuseOurselves(const Settings& settings, const std::vector<ForwardZone>& zones) {
  for (const ForwardZone& zone : zones) {
    for (const Endpoint& server : zone.servers) {
      if (server.hasAddress() && !server.isEncrypted() && isOurs(server.address, settings)) {
        return Error{"zone " + zone.zone.text() + ": " + server.text() + " is this resolver itself (local-address)"};
      }
    }
  }
  return {};
}

Result<std::vector<ForwardZone>> readForwardZonesFile(const Settings& settings) {
  const auto& path = settings.forwardZonesFile;
  if (path.empty()) return std::vector<ForwardZone>();
  const auto content = readFile(path);
  if (!content) return Error{"forward-zones-file: " + content.error().message};
  const bool isYaml = path.ends_with(".yml") || path.ends_with(".yaml");
  return isYaml ? parseYamlForwardZones(*content, path) : parseForwardZonesFile(*content, path);
}

// Forward zones by name, in the order in which they were first named.
class LastWins {
 public:
  void add(std::vector<ForwardZone> more) {
    for (ForwardZone& zone : more) {
      const auto [at, isNew] = d_places.try_emplace(zone.zone, d_zones.size());
      if (isNew) {
        d_zones.push_back(std::move(zone));
      } else {
        d_zones[at->second] = std::move(zone);
      }
    }
  }
  [[nodiscard]] std::vector<ForwardZone> take() { return std::move(d_zones); }

 private:
  std::vector<ForwardZone> d_zones;
  std::unordered_map<dns::Name, std::size_t, dns::NameHash> d_places;
};

} // namespace

Result<ZoneSources> readZoneSources(const Settings& settings) {
  ZoneSources sources;
  LastWins zones;
  zones.add(settings.forwardZones);
  zones.add(settings.forwardZonesRecurse);
  auto fromFile = readForwardZonesFile(settings);
  if (!fromFile) return fromFile.error();
  zones.add(*std::move(fromFile));
  sources.forwardZones = zones.take();
  useTlsPort(settings, sources.forwardZones);
  const auto others = refuseOurselves(settings, sources.forwardZones);
  if (!others) return others.error();
  sources.authZones = settings.authZones;
  return sources;
}

} // namespace rec
