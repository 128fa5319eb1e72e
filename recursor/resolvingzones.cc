// Resolving: what the settings say of zones, read from their files.
#include "recursor/resolve/operatorzones.hh"
#include "recursor/resolve/options.hh"
#include "recursor/resolving.hh"

namespace rec {
namespace {

// "example.com" or ".example.com"; empty is the root.
base::Result<dns::Name> hostsSuffix(const Settings& settings) {
  std::string_view text(settings.exportEtcHostsSearchSuffix);
  text.remove_prefix(text.starts_with('.') ? 1 : 0);
  auto suffix = text.empty() ? dns::Name() : dns::Name::parse(text);
  if (!suffix) {
    return base::Error{"export-etc-hosts-search-suffix: " + suffix.error().message};
  }
  return suffix;
}

base::Result<LocalZoneOptions> localZoneOptions(const Settings& settings, const ZoneSources& sources) {
  LocalZoneOptions options;
  for (const AuthZone& zone : sources.authZones) {
    options.authZones.push_back({zone.zone, zone.file});
  }
  for (const ForwardZone& zone : sources.forwardZones) {
    options.configuredElsewhere.push_back(zone.zone);
  }
  options.exportHosts = settings.exportEtcHosts;
  options.hostsPath = settings.etcHostsFile;
  const auto suffix = hostsSuffix(settings);
  if (!suffix) {
    return suffix.error();
  }
  options.hostsSuffix = *suffix;
  options.serveRfc1918 = settings.serveRfc1918;
  options.serveRfc6303 = settings.serveRfc6303;
  options.specialNames = settings.serveRfc6761;
  return options;
}

} // namespace

base::Result<Resolving::Sources> Resolving::read(const Settings& settings) {
  auto sources = readZoneSources(settings);
  if (!sources) {
    return sources.error();
  }
  auto hints = readRootHints(settings);
  if (!hints) {
    return hints.error();
  }
  const auto localOptions = localZoneOptions(settings, *sources);
  if (!localOptions) {
    return localOptions.error();
  }
  auto local = LocalZones::load(*localOptions);
  if (!local) {
    return local.error();
  }
  return Sources{*std::move(sources), *std::move(hints), *std::move(local)};
}

} // namespace rec
