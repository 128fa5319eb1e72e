// The syntax of forward zones and auth zones: see zones.hh.
#include "recursor/config/zones.hh"

#include "recursor/config/values.hh"

namespace rec {

using base::Error;
using base::Result;

namespace {

struct Pair {
  std::string_view key, value;
};

Result<Pair> splitPair(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos) return Error{"'" + std::string(text) + "' has no = after the zone"};
  const Pair pair{trim(text.substr(0, equals)), trim(text.substr(equals + 1))};
  if (pair.key.empty()) return Error{"'" + std::string(text) + "' names no zone"};
  if (pair.value.empty()) return Error{"'" + std::string(text) + "' has nothing after the ="};
  return pair;
}

// "[+][^]zone=addr", as in forward-zones-file.
Result<ForwardZone> parseFlagged(std::string_view line, std::string_view separators, bool recurse) {
  recurse = recurse || line.starts_with('+');
  if (line.starts_with('+')) line.remove_prefix(1);
  const bool notify = line.starts_with('^');
  if (notify) line.remove_prefix(1);
  auto zone = parseForwardZone(line, separators, recurse);
  if (!zone) return zone;
  zone->notifyAllowed = notify;
  return zone;
}

} // namespace

Result<ForwardZone> parseForwardZone(std::string_view text, std::string_view separators, bool recurse) {
  const auto pair = splitPair(text);
  if (!pair) return pair.error();
  ForwardZone zone;
  auto name = dns::Name::parse(pair->key);
  if (!name) return name.error();
  zone.zone = std::move(*name);
  for (const auto part : split(pair->value, separators)) {
    auto server = Endpoint::parse(part);
    if (!server) return Error{"zone " + zone.zone.text() + ": " + server.error().message};
    if (!recurse && server->scheme != Scheme::Udp) { // authoritative servers are asked as they are anywhere else
      return Error{"zone " + zone.zone.text() + ": '" + std::string(part) +
                   "': servers that are not asked to recurse are given without a transport"};
    }
    zone.servers.push_back(std::move(*server));
  }
  zone.recurse = recurse;
  if (zone.servers.empty()) return Error{"zone " + zone.zone.text() + " has no servers"};
  return zone;
}

Result<std::vector<ForwardZone>> parseForwardZones(std::string_view text, bool recurse) {
  std::vector<ForwardZone> zones;
  for (const auto part : split(text, kListSeparators)) {
    auto zone = parseFlagged(part, ";", recurse);
    if (!zone) return zone.error();
    zones.push_back(std::move(*zone));
  }
  return zones;
}

Result<std::vector<AuthZone>> parseAuthZones(std::string_view text) {
  std::vector<AuthZone> zones;
  for (const auto part : split(text, kListSeparators)) {
    const auto pair = splitPair(part);
    if (!pair) return pair.error();
    auto name = dns::Name::parse(pair->key);
    if (!name) return name.error();
    zones.push_back({std::move(*name), std::string(pair->value)});
  }
  return zones;
}

Result<std::vector<ForwardZone>> parseForwardZonesFile(std::string_view content, const std::string& fileName) {
  std::vector<ForwardZone> zones;
  std::size_t number = 0;
  while (!content.empty()) {
    const auto line = trim(withoutComment(takeLine(content)));
    ++number;
    if (line.empty()) continue;
    auto zone = parseFlagged(line, ";, \t", false);
    if (!zone) return Error{fileName + ":" + std::to_string(number) + ": " + zone.error().message};
    zones.push_back(std::move(*zone));
  }
  return zones;
}

} // namespace rec
