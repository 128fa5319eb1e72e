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

// Names in a hosts file are host names; what is none is left out.
void addHostName(std::vector<dns::Name>& names, std::string_view text, std::string_view suffix) {
  auto whole = std::string(text);
  if (!suffix.empty() && text.find('.') == std::string_view::npos) whole += "." + std::string(suffix);
  auto name = dns::Name::parse(whole);
  if (name && !name->isRoot()) names.push_back(std::move(*name));
}

} // namespace

std::vector<HostEntry> parseHosts(std::string_view content, std::string_view suffix) {
  std::vector<HostEntry> hosts;
  if (suffix.starts_with('.')) suffix.remove_prefix(1);
  while (!content.empty()) {
    const auto line = takeLine(content);
    const auto words = split(line.substr(0, line.find('#')), " \t\r");
    if (words.size() < 2) continue;
    const auto address = base::Address::parse(words.front());
    if (!address) continue;
    HostEntry entry{address->withPort(0), {}};
    for (std::size_t at = 1; at < words.size(); ++at) addHostName(entry.names, words[at], suffix);
    if (!entry.names.empty()) hosts.push_back(std::move(entry));
  }
  return hosts;
}

Result<ZoneSources> readZoneSources(const Settings& settings) {
  ZoneSources sources;
  addLastWins(sources.forwardZones, settings.forwardZones);
  addLastWins(sources.forwardZones, settings.forwardZonesRecurse);
  const auto fromFile = readForwardZonesFile(settings);
  if (!fromFile) return fromFile.error();
  addLastWins(sources.forwardZones, *fromFile);
  sources.authZones = settings.authZones;
  if (settings.exportEtcHosts) {
    const auto content = readFile(settings.etcHostsFile);
    if (!content) return Error{"etc-hosts-file: " + content.error().message};
    sources.hosts = parseHosts(*content, settings.exportEtcHostsSearchSuffix);
  }
  return sources;
}

} // namespace rec
