// Zones: see zoneroutes.hh. A zone made here is a file zone-ID.conf in api-config-dir, and for a Native one a file
// zone-ID.zone with its records; what cannot be loaded is taken back.
#include "recursor/web/zoneroutes.hh"

#include <algorithm>

#include "lib/dns/presentation.hh"
#include "lib/dns/zonefile.hh"
#include "recursor/config/zones.hh"
#include "recursor/control/json.hh"
#include "recursor/web/fragments.hh"
#include "recursor/web/zonerequest.hh"

namespace rec {

namespace {

constexpr std::size_t kMostRecords = 10000; // shown of a zone, or searched

// One of the zones there are. Either has servers or a file.
struct KnownZone {
  dns::Name name;
  const ForwardZone* forward = nullptr;
  const AuthZone* native = nullptr;
};

std::vector<KnownZone> zonesIn(const ZoneSources& sources) {
  std::vector<KnownZone> zones;
  for (const ForwardZone& zone : sources.forwardZones) zones.push_back({zone.zone, &zone, nullptr});
  for (const AuthZone& zone : sources.authZones) zones.push_back({zone.zone, nullptr, &zone});
  return zones;
}

const KnownZone* findZone(const std::vector<KnownZone>& zones, const dns::Name& name) {
  const auto found = std::ranges::find(zones, name, &KnownZone::name);
  return found == zones.end() ? nullptr : &*found;
}

JsonMembers membersOf(const KnownZone& zone) {
  std::vector<std::string> servers;
  if (zone.forward != nullptr) {
    for (const Endpoint& server : zone.forward->servers) {
      const bool isPlain = server.scheme == Scheme::Udp && server.host.empty();
      servers.push_back(jsonString(isPlain ? server.address.textWithPort() : server.text()));
    }
  }
  const std::string id = zoneId(zone.name);
  return {{"id", jsonString(id)},
          {"url", jsonString("/api/v1/servers/localhost/zones/" + id)},
          {"name", jsonString(zone.name.text())},
          {"kind", jsonString(zone.forward == nullptr ? "Native" : "Forwarded")},
          {"servers", jsonArray(servers)},
          {"recursion_desired", jsonBool(zone.forward != nullptr && zone.forward->recurse)}};
}

struct ShownRecord {
  std::string name, type, content;
  std::uint32_t ttl;
};

// Of its file, as it is now.
std::vector<ShownRecord> recordsOf(const KnownZone& zone) {
  std::vector<ShownRecord> records;
  if (zone.native == nullptr) return records;
  dns::ZoneFileOptions options;
  options.maxRecords = kMostRecords;
  const auto sink = [&records](dns::MasterRecord&& record) -> base::Result<void> {
    records.push_back(
        {record.owner.text(), dns::text(record.type), dns::rdataText(record.type, record.rdata), record.ttl});
    return {};
  };
  static_cast<void>(dns::readZoneRecords(zone.native->file, zone.name, options, sink).ok());
  return records;
}

bool isNotifyAllowed(ControlTarget& target, const KnownZone& zone) {
  if (zone.forward != nullptr && zone.forward->notifyAllowed) return true;
  const auto configuration = target.configuration();
  return std::ranges::any_of(configuration->settings->allowNotifyFor,
                             [&zone](const dns::Name& name) { return zone.name.isWithin(name); });
}

HttpResponse zoneResponse(ControlTarget& target, const KnownZone& zone, int status) {
  std::vector<std::string> records;
  for (const ShownRecord& record : recordsOf(zone)) {
    records.push_back(jsonObject({{"name", jsonString(record.name)},
                                  {"type", jsonString(record.type)},
                                  {"ttl", std::to_string(record.ttl)},
                                  {"content", jsonString(record.content)}}));
  }
  JsonMembers members = membersOf(zone);
  members.emplace_back("notify_allowed", jsonBool(isNotifyAllowed(target, zone)));
  members.emplace_back("records", jsonArray(records));
  return jsonResponse(jsonObject(members), status);
}

HttpResponse notFound(std::string_view id) {
  return errorResponse(404, "Could not find domain '" + std::string(id) + "'");
}

std::string confFile(const dns::Name& name) { return "zone-" + zoneId(name) + ".conf"; }
std::string recordFile(const dns::Name& name) { return "zone-" + zoneId(name) + ".zone"; }

base::Result<void> writeZone(const Fragments& fragments, const ZoneRequest& zone) {
  if (zone.isNative) {
    const auto written = fragments.write(recordFile(zone.name), zoneFileText(zone));
    if (!written) return written;
  } else {
    fragments.remove(recordFile(zone.name));
  }
  return fragments.write(confFile(zone.name), settingsText(zone, fragments.pathOf(recordFile(zone.name))));
}

// Zones first: they may be refused.
base::Result<void> reload(ControlTarget& target) {
  const auto zones = target.reloadZones();
  return zones ? target.reloadAccessLists() : zones;
}

// What `change` does to the two files of a zone is in force afterwards, or undone.
template <typename Change> base::Result<void> apply(const WebCall& call, const dns::Name& name, const Change& change) {
  const auto fragments = Fragments::of(*call.parts.settings);
  if (!fragments) return fragments.error();
  Restoring settings(*fragments, confFile(name)), records(*fragments, recordFile(name));
  auto done = change(*fragments);
  if (done) done = reload(call.parts.target);
  if (!done) return done;
  settings.keep();
  records.keep();
  return done;
}

} // namespace

HttpResponse listZones(const WebCall& call) {
  const ZoneSources sources = call.parts.target.zoneSources();
  std::vector<std::string> rows;
  for (const KnownZone& zone : zonesIn(sources)) rows.push_back(jsonObject(membersOf(zone)));
  return jsonResponse(jsonArray(rows));
}

HttpResponse addZone(const WebCall& call) {
  const auto zone = parseZoneRequest(call.request.body);
  if (!zone) return errorResponse(422, zone.error().message);
  const std::lock_guard turn(call.parts.target.turn);
  const ZoneSources before = call.parts.target.zoneSources();
  if (findZone(zonesIn(before), zone->name) != nullptr) return errorResponse(422, "Zone already exists");
  const auto added = apply(call, zone->name, [&zone](const Fragments& files) { return writeZone(files, *zone); });
  if (!added) return errorResponse(422, added.error().message);
  const ZoneSources sources = call.parts.target.zoneSources();
  const auto zones = zonesIn(sources);
  const KnownZone* made = findZone(zones, zone->name);
  return made == nullptr ? errorResponse(500, "the zone is not there") : zoneResponse(call.parts.target, *made, 201);
}

HttpResponse showZone(const WebCall& call) {
  const auto name = zoneOfId(call.id);
  if (!name) return notFound(call.id);
  const ZoneSources sources = call.parts.target.zoneSources();
  const auto zones = zonesIn(sources);
  const KnownZone* zone = findZone(zones, *name);
  return zone == nullptr ? notFound(call.id) : zoneResponse(call.parts.target, *zone, 200);
}

HttpResponse replaceZone(const WebCall& call) {
  const auto name = zoneOfId(call.id);
  const auto zone = parseZoneRequest(call.request.body);
  if (!name) return notFound(call.id);
  if (!zone) return errorResponse(422, zone.error().message);
  if (zone->name != *name) return errorResponse(422, "'name' is not the zone of the address");
  const std::lock_guard turn(call.parts.target.turn);
  const ZoneSources sources = call.parts.target.zoneSources();
  if (findZone(zonesIn(sources), *name) == nullptr) return notFound(call.id);
  const auto replaced = apply(call, *name, [&zone](const Fragments& files) -> base::Result<void> {
    if (!files.has(confFile(zone->name))) return base::Error{"the zone is not one of api-config-dir"};
    return writeZone(files, *zone);
  });
  return replaced ? jsonResponse({}, 204) : errorResponse(422, replaced.error().message);
}

HttpResponse removeZone(const WebCall& call) {
  const auto name = zoneOfId(call.id);
  if (!name) return notFound(call.id);
  const std::lock_guard turn(call.parts.target.turn);
  const ZoneSources sources = call.parts.target.zoneSources();
  if (findZone(zonesIn(sources), *name) == nullptr) return notFound(call.id);
  const auto removed = apply(call, *name, [&name](const Fragments& files) -> base::Result<void> {
    if (!files.has(confFile(*name))) return base::Error{"Deleting domain failed: it is not one of api-config-dir"};
    files.remove(confFile(*name));
    files.remove(recordFile(*name));
    return {};
  });
  return removed ? jsonResponse({}, 204) : errorResponse(422, removed.error().message);
}

HttpResponse searchZones(const WebCall& call) {
  const std::string wanted(call.request.value("q"));
  if (wanted.empty()) return errorResponse(422, "Query q can't be blank");
  const auto has = [&wanted](const std::string& text) {
    const auto same = [](char left, char right) {
      return std::tolower(static_cast<unsigned char>(left)) == std::tolower(static_cast<unsigned char>(right));
    };
    return !std::ranges::search(text, wanted, same).empty();
  };
  const ZoneSources sources = call.parts.target.zoneSources();
  std::vector<std::string> rows;
  for (const KnownZone& zone : zonesIn(sources)) {
    const std::string id = jsonString(zoneId(zone.name)), name = jsonString(zone.name.text());
    if (has(zone.name.text())) {
      rows.push_back(jsonObject({{"type", jsonString("zone")}, {"zone_id", id}, {"name", name}}));
    }
    for (const ShownRecord& record : recordsOf(zone)) {
      if (!has(record.name) && !has(record.content)) continue;
      rows.push_back(jsonObject({{"type", jsonString("record")},
                                 {"zone_id", id},
                                 {"zone_name", name},
                                 {"name", jsonString(record.name)},
                                 {"content", jsonString(record.content)}}));
    }
  }
  return jsonResponse(jsonArray(rows));
}

std::string zoneId(const dns::Name& name) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const std::string text = name.text();
  if (text == ".") return "=2E";
  std::string id;
  for (const char letter : text) {
    const auto code = static_cast<unsigned char>(letter);
    if (std::isalnum(code) != 0 || letter == '.' || letter == '-') {
      id += letter;
    } else {
      id += {'=', kDigits[code >> 4], kDigits[code & 15]};
    }
  }
  return id;
}

base::Result<dns::Name> zoneOfId(std::string_view id) {
  std::string text;
  for (std::size_t i = 0; i < id.size(); ++i) {
    if (id[i] != '=') {
      text += id[i];
      continue;
    }
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    const std::size_t high = i + 2 < id.size() ? kDigits.find(id[i + 1]) : std::string_view::npos;
    const std::size_t low = i + 2 < id.size() ? kDigits.find(id[i + 2]) : std::string_view::npos;
    if (high == std::string_view::npos || low == std::string_view::npos) return base::Error{"no such zone"};
    text += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return dns::Name::parse(text);
}

} // namespace rec
