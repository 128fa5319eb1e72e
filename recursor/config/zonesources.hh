// ZoneSources: what the settings say about zones that are answered or asked for in another way: forward zones, auth
// zones, and the root hints. Made at the start and by reload-zones; plain data.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "recursor/config/settings.hh"

namespace rec {

struct RootServer {
  dns::Name name;
  std::vector<base::Address> addresses; // port 53
};

struct ZoneSources {
  std::vector<ForwardZone> forwardZones; // of all three settings; a zone appears once, the last one wins
  std::vector<AuthZone> authZones;
};

// Errors name the file and line, or the setting.
base::Result<ZoneSources> readZoneSources(const Settings& settings);

// The 13 root servers of 2026.
[[nodiscard]] std::vector<RootServer> builtInRootHints();
// What hint-file says: the built-in ones when empty, none for "no", else the NS, A and AAAA records of that file.
base::Result<std::vector<RootServer>> readRootHints(const Settings& settings);

} // namespace rec
