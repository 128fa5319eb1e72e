// LocalZones: authoritative answers from data at hand: auth-zones, the hosts file, locally served and special-use
// zones. An immutable snapshot, shared by all workers and swapped whole on reload. Asks nobody and reads no cache.
#pragma once

#include <bitset>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "recursor/resolve/resolver.hh"
#include "recursor/resolve/zonedata.hh"

namespace rec {

struct LocalZoneOptions {
  struct File {
    dns::Name zone;
    std::string path;
  };
  std::vector<File> authZones;                // auth-zones
  bool exportHosts = false;                   // export-etc-hosts
  std::string hostsPath = "/etc/hosts";       // etc-hosts-file
  dns::Name hostsSuffix;                      // export-etc-hosts-search-suffix; the root: none
  bool serveRfc1918 = true;                   // serve-rfc1918
  bool serveRfc6303 = true;                   // serve-rfc6303; needs serve-rfc1918
  std::vector<dns::Name> specialNames;        // serve-rfc6761
  std::vector<dns::Name> configuredElsewhere; // forward-zones: what is built in yields to them
};

struct LocalAnswer {
  Outcome outcome;
  // The answer so far ends with an alias to this name, of which no local zone knows more: resolve it and append.
  std::optional<dns::Name> chase;
  // The name is at or below this cut inside a local zone, and `outcome` is empty: resolve beginning at these servers.
  std::optional<Delegation> cut;
};

class LocalZones {
 public:
  // Reads the files. Errors name the setting, the file and the line.
  static base::Result<std::shared_ptr<const LocalZones>> load(const LocalZoneOptions& options);

  // Nothing: no local zone holds the name (or the class is not IN). `dnssecOk`: with the signatures the zone file has.
  [[nodiscard]] std::optional<LocalAnswer> answer(const dns::Question& question, bool dnssecOk) const;
  // Whether answer() has something to say.
  [[nodiscard]] bool holds(const dns::Question& question) const;
  [[nodiscard]] std::size_t zoneCount() const { return d_zones.size(); }

 private:
  struct Zone {
    ZoneData data;
    bool nameOnly = false;    // the hosts file: says nothing of names below its own
    bool neverExists = false; // special-use: NXDOMAIN for its own name too
    bool holdsOwnDs = true;   // built in: a DS question for it stays here
  };
  using ZonePtr = std::unique_ptr<const Zone>; // null: configured elsewhere

  base::Result<void> addAuthZones(const LocalZoneOptions& options);
  base::Result<void> addHosts(const LocalZoneOptions& options);
  void addBuiltIn(const LocalZoneOptions& options);
  void add(Zone zone);

  [[nodiscard]] bool mayHold(const dns::Name& name) const; // false: none does
  [[nodiscard]] const Zone* zoneFor(const dns::Name& name, dns::RRType type) const;
  // Adds what `zone` says of `name`; the alias's target when the walk goes on.
  static std::optional<dns::Name> addHit(const Zone& zone, const dns::Name& name, dns::RRType type, LocalAnswer& out);

  std::unordered_map<dns::Name, ZonePtr, dns::NameHash> d_zones;
  bool d_hasRoot = false;
  // The last labels of all zones, of which most names have another, and a bit for each (markOf) that says so sooner.
  std::unordered_set<dns::Name, dns::NameHash> d_topNames;
  std::bitset<1024> d_topMarks;
};

} // namespace rec
