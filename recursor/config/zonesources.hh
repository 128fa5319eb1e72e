// ZoneSources: everything that the settings say about local knowledge, read from its files: forward zones, auth zones,
// the hosts file, and the root hints. Made at the start and by reload-zones; plain data.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "recursor/config/settings.hh"

namespace rec {

// One line of a hosts file: an address and its names, the first of which is what the address's PTR says.
struct HostEntry {
  base::Address address;
  std::vector<dns::Name> names;
};

struct RootServer {
  dns::Name name;
  std::vector<base::Address> addresses; // port 53
};

struct ZoneSources {
  std::vector<ForwardZone> forwardZones; // of all three settings; a zone appears once, the last one wins
  std::vector<AuthZone> authZones;
  std::vector<HostEntry> hosts; // empty without export-etc-hosts
};

// Errors name the file and line, or the setting.
base::Result<ZoneSources> readZoneSources(const Settings& settings);

// "address name name ... # comment" a line. Names without a dot get `suffix` (may be empty); lines that make no sense
// are left out, as every resolver does with such files.
[[nodiscard]] std::vector<HostEntry> parseHosts(std::string_view content, std::string_view suffix);

// The 13 root servers of 2026.
[[nodiscard]] std::vector<RootServer> builtInRootHints();
// What hint-file says: the built-in ones when empty, none for "no", else the NS, A and AAAA records of that file.
base::Result<std::vector<RootServer>> readRootHints(const Settings& settings);

} // namespace rec
