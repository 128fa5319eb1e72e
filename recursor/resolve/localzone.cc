// LocalZones::answer(): zoneFor() finds the deepest zone of a name, addHit() adds what it says, and so on along aliases
// until they end or leave the local zones.
#include "recursor/resolve/localzone.hh"

#include <algorithm>

#include "lib/dns/zonefile.hh"
#include "recursor/resolve/hostsfile.hh"
#include "recursor/resolve/specialzones.hh"

namespace rec {
namespace {

constexpr std::size_t kMaxAliases = 16;

void addSoa(const ZoneData& zone, Outcome& outcome) {
  outcome.authority.push_back({.rrset = zone.soa(), .ttl = zone.negativeTtl()});
}

void fail(Outcome& outcome, std::string_view why) {
  outcome.rcode = dns::RCode::ServFail;
  outcome.answer.clear();
  dns::ExtendedError& error = outcome.errors.emplace_back();
  error.code = dns::EdeCode::Other;
  error.text = why;
}

// The first and the last letter of the last label, in any case.
std::size_t markOf(const dns::Name& name) {
  if (name.isRoot()) {
    return 0;
  }
  const std::string_view top = name.label(name.labelCount() - 1);
  const auto letter = [](char c) { return static_cast<std::size_t>(static_cast<unsigned char>(c)) % 32; };
  return letter(top.front()) * 32 + letter(top.back());
}

dns::Name topOf(const dns::Name& name) { return name.suffix(std::min<std::size_t>(name.labelCount(), 1)); }

// Names the setting, and the zone as it is written there.
base::Error ofAuthZone(const dns::Name& zone, const std::string& reason) {
  const std::string name = zone.text();
  const bool dotted = name.size() > 1;
  return base::Error{"auth-zones: " + name.substr(0, name.size() - (dotted ? 1 : 0)) + ": " + reason};
}

void dropSignatures(std::vector<AgedRRset>& section) {
  for (AgedRRset& aged : section) {
    if (aged.rrset.signatureCount() > 0) {
      aged.rrset = aged.rrset.withoutSignatures();
    }
  }
}

} // namespace

base::Result<std::shared_ptr<const LocalZones>> LocalZones::load(const LocalZoneOptions& options) {
  auto zones = std::make_shared<LocalZones>();
  for (const dns::Name& name : options.configuredElsewhere) {
    zones->d_zones.try_emplace(name, nullptr);
  }
  if (const auto added = zones->addAuthZones(options); !added) {
    return added.error();
  }
  zones->addBuiltIn(options);
  if (const auto added = zones->addHosts(options); !added) {
    return added.error();
  }
  for (const auto& [name, zone] : zones->d_zones) {
    zones->d_topNames.insert(topOf(name));
    zones->d_topMarks.set(markOf(name));
  }
  zones->d_hasRoot = zones->d_zones.contains(dns::Name());
  return std::shared_ptr<const LocalZones>(std::move(zones));
}

// The first who claims a name has it.
void LocalZones::add(Zone zone) {
  const dns::Name apex = zone.data.apex();
  d_zones.try_emplace(apex, std::make_unique<const Zone>(std::move(zone)));
}

base::Result<void> LocalZones::addAuthZones(const LocalZoneOptions& options) {
  for (const LocalZoneOptions::File& file : options.authZones) {
    auto sets = dns::readZoneFile(file.path, file.zone);
    if (!sets) {
      return ofAuthZone(file.zone, sets.error().message);
    }
    auto data = ZoneData::make(file.zone, std::move(*sets));
    if (!data) {
      return ofAuthZone(file.zone, file.path + ": " + data.error().message);
    }
    d_zones.erase(file.zone); // an auth-zone wins over a forward-zone of its name
    add({.data = std::move(*data), .holdsOwnDs = false});
  }
  return {};
}

base::Result<void> LocalZones::addHosts(const LocalZoneOptions& options) {
  if (!options.exportHosts) {
    return {};
  }
  auto hosts = readHostsFile(options.hostsPath, options.hostsSuffix);
  if (!hosts) {
    return hosts.error();
  }
  for (ZoneData& host : *hosts) {
    add({.data = std::move(host), .nameOnly = true});
  }
  return {};
}

void LocalZones::addBuiltIn(const LocalZoneOptions& options) {
  const dns::Name localhost = *dns::Name::parse("localhost.");
  for (const dns::Name& name : options.specialNames) {
    if (name == localhost) {
      add({.data = localhostZone(name)});
    } else {
      add({.data = emptyZone(name), .neverExists = neverExists(name)});
    }
  }
  if (!options.serveRfc1918) {
    return;
  }
  for (const dns::Name& zone : rfc1918Zones()) {
    add({.data = emptyZone(zone)});
  }
  for (ZoneData& zone : loopbackReverseZones()) {
    add({.data = std::move(zone)});
  }
  if (options.serveRfc6303) {
    for (const dns::Name& zone : rfc6303Zones()) {
      add({.data = emptyZone(zone)});
    }
  }
}

bool LocalZones::mayHold(const dns::Name& name) const {
  return d_hasRoot || (d_topMarks.test(markOf(name)) && d_topNames.contains(topOf(name)));
}

const LocalZones::Zone* LocalZones::zoneFor(const dns::Name& name, dns::RRType type) const {
  if (!mayHold(name)) {
    return nullptr;
  }
  for (dns::Name above = name;; above = above.parent()) {
    const auto at = d_zones.find(above);
    const Zone* zone = at != d_zones.end() ? at->second.get() : nullptr;
    if (at != d_zones.end() && zone == nullptr) {
      return nullptr;
    }
    const bool itself = above.labelCount() == name.labelCount();
    // RFC 4035 3.1.4.1: the DS of an apex is the parent's to give.
    const bool speaks =
        itself ? zone != nullptr && (type != dns::RRType::DS || zone->holdsOwnDs) : zone != nullptr && !zone->nameOnly;
    if (speaks || above.isRoot()) {
      return speaks ? zone : nullptr;
    }
  }
}

bool LocalZones::holds(const dns::Question& question) const {
  return question.rrclass == dns::RRClass::IN && zoneFor(question.name, question.type) != nullptr;
}

std::optional<LocalAnswer> LocalZones::answer(const dns::Question& question, bool dnssecOk) const {
  if (!holds(question)) {
    return std::nullopt;
  }
  LocalAnswer out;
  out.outcome.rcode = dns::RCode::NoError;
  out.outcome.kind = AnswerKind::Local;
  out.outcome.security = Security::Insecure;
  out.outcome.authoritative = true;
  std::optional<dns::Name> name = question.name;
  for (std::size_t aliases = 0; name; ++aliases) {
    const Zone* zone = zoneFor(*name, question.type);
    if (aliases > kMaxAliases) {
      fail(out.outcome, "aliases in local zones loop or make too long a chain");
      break;
    }
    if (zone == nullptr) {
      out.chase = name;
      break;
    }
    name = addHit(*zone, *name, question.type, out);
  }
  if (!dnssecOk) {
    dropSignatures(out.outcome.answer);
    dropSignatures(out.outcome.authority);
  }
  return out;
}

std::optional<dns::Name> LocalZones::addHit(const Zone& zone, const dns::Name& name, dns::RRType type,
                                            LocalAnswer& out) {
  ZoneHit hit = zone.neverExists ? ZoneHit{} : zone.data.find(name, type);
  if (hit.kind == ZoneHit::Kind::Referral) {
    if (out.outcome.answer.empty()) {
      out.cut = zone.data.delegation(hit.cut);
    } else {
      out.chase = name;
    }
    return std::nullopt;
  }
  for (dns::RRset& set : hit.records) {
    const std::uint32_t ttl = set.ttl();
    out.outcome.answer.push_back({.rrset = std::move(set), .ttl = ttl});
  }
  switch (hit.kind) {
  case ZoneHit::Kind::Alias: return hit.target;
  case ZoneHit::Kind::NameError: out.outcome.rcode = dns::RCode::NXDomain; break;
  case ZoneHit::Kind::TooLong: out.outcome.rcode = dns::RCode::YXDomain; break;
  default: break;
  }
  if (hit.kind == ZoneHit::Kind::NameError || hit.kind == ZoneHit::Kind::NoData) {
    addSoa(zone.data, out.outcome);
  }
  return std::nullopt;
}

} // namespace rec
