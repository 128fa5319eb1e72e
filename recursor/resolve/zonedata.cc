// ZoneData::find(): 1. findOnTheWay() goes down from the apex and stops at a cut or a DNAME; 2. atNode() answers when
// the name is there; 3. missing() looks for the wildcard at the closest encloser, or denies.
#include "recursor/resolve/zonedata.hh"

#include <algorithm>

#include "lib/dns/rdata.hh"

namespace rec {
namespace {

using dns::RRType;

ZoneHit alias(std::vector<dns::RRset> records, const dns::Name& target) {
  return {.kind = ZoneHit::Kind::Alias, .records = std::move(records), .target = target};
}

ZoneHit denied(ZoneHit::Kind kind) { return {.kind = kind}; }

// RFC 6672 3.2: the DNAME itself and the CNAME made from it.
ZoneHit throughDname(const dns::RRset& dname, const dns::Name& name) {
  const auto to = dns::readNameRdata(dname.front());
  const auto target = to ? name.withSuffixReplaced(dname.owner(), *to) : std::nullopt;
  if (!target) {
    return {.kind = ZoneHit::Kind::TooLong, .records = {dname}};
  }
  return alias({dname, dns::makeNameRRset(name, RRType::CNAME, dname.ttl(), *target)}, *target);
}

} // namespace

base::Result<ZoneData> ZoneData::make(const dns::Name& apex, std::vector<dns::RRset> sets) {
  std::vector<std::pair<dns::Name, dns::RRset>> owned;
  owned.reserve(sets.size());
  for (dns::RRset& set : sets) {
    owned.emplace_back(set.owner(), std::move(set));
    if (!owned.back().first.isWithin(apex)) {
      return base::Error{owned.back().first.text() + " is outside of the zone " + apex.text()};
    }
  }
  std::sort(owned.begin(), owned.end(), [](const auto& a, const auto& b) {
    const auto order = a.first <=> b.first;
    return order != 0 ? order < 0 : a.second.type() < b.second.type();
  });
  ZoneData zone;
  zone.d_apex = apex;
  for (auto& [name, set] : owned) {
    if (zone.d_nodes.empty() || zone.d_nodes.back().name != name) {
      zone.d_nodes.push_back({.name = name, .first = static_cast<std::uint32_t>(zone.d_sets.size())});
    }
    ++zone.d_nodes.back().count;
    zone.d_sets.push_back(std::move(set));
  }
  const Node* top = zone.node(apex);
  const dns::RRset* soa = top != nullptr ? zone.set(*top, RRType::SOA) : nullptr;
  const auto fields = soa != nullptr ? dns::readSoa(soa->front()) : std::nullopt;
  if (!fields) {
    return base::Error{"no SOA record at " + apex.text()};
  }
  zone.d_soa = *soa;
  zone.d_negativeTtl = std::min(soa->ttl(), fields->minimum);
  return zone;
}

std::vector<ZoneData::Node>::const_iterator ZoneData::lowerBound(const dns::Name& name) const {
  return std::lower_bound(d_nodes.begin(), d_nodes.end(), name,
                          [](const Node& node, const dns::Name& wanted) { return node.name < wanted; });
}

const ZoneData::Node* ZoneData::node(const dns::Name& name) const {
  const auto at = lowerBound(name);
  return at != d_nodes.end() && at->name == name ? &*at : nullptr;
}

bool ZoneData::exists(const dns::Name& name) const {
  const auto at = lowerBound(name);
  return at != d_nodes.end() && at->name.isWithin(name);
}

const dns::RRset* ZoneData::set(const Node& node, RRType type) const {
  const auto sets = std::span(d_sets).subspan(node.first, node.count);
  const auto at = std::find_if(sets.begin(), sets.end(), [&](const dns::RRset& set) { return set.type() == type; });
  return at != sets.end() ? &*at : nullptr;
}

ZoneHit ZoneData::find(const dns::Name& name, RRType type) const {
  if (auto hit = findOnTheWay(name, type)) {
    return std::move(*hit);
  }
  const Node* here = node(name);
  return here != nullptr ? atNode(*here, name, type) : missing(name, type);
}

std::optional<ZoneHit> ZoneData::findOnTheWay(const dns::Name& name, RRType type) const {
  for (std::size_t labels = d_apex.labelCount(); labels <= name.labelCount(); ++labels) {
    const dns::Name above = name.suffix(labels);
    const bool last = labels == name.labelCount();
    const Node* here = node(above);
    if (here == nullptr) {
      continue;
    }
    const bool isCut = labels > d_apex.labelCount() && set(*here, RRType::NS) != nullptr;
    if (isCut && !(last && type == RRType::DS)) { // DS belongs to the parent side (RFC 4035 3.1.4.1)
      return ZoneHit{.kind = ZoneHit::Kind::Referral, .cut = above};
    }
    if (const dns::RRset* dname = set(*here, RRType::DNAME); dname != nullptr && !last) {
      return throughDname(*dname, name);
    }
  }
  return std::nullopt;
}

// `name` is the node's own, or one that a wildcard stands for.
ZoneHit ZoneData::atNode(const Node& node, const dns::Name& name, RRType type) const {
  const auto owned = [&](const dns::RRset& found) { return node.name == name ? found : found.withOwner(name); };
  const dns::RRset* found = type == RRType::ANY ? &d_sets[node.first] : set(node, type);
  if (found != nullptr) {
    return {.kind = ZoneHit::Kind::Answer, .records = {owned(*found)}};
  }
  if (const dns::RRset* cname = set(node, RRType::CNAME); cname != nullptr) {
    const auto target = dns::readNameRdata(cname->front());
    return target ? alias({owned(*cname)}, *target) : denied(ZoneHit::Kind::NoData);
  }
  return denied(ZoneHit::Kind::NoData);
}

ZoneHit ZoneData::missing(const dns::Name& name, RRType type) const {
  if (exists(name)) {
    return denied(ZoneHit::Kind::NoData); // an empty non-terminal
  }
  dns::Name encloser = name.parent();
  while (!exists(encloser)) {
    encloser = encloser.parent();
  }
  const auto wildcard = encloser.withLabel("*"); // RFC 4592 3.3.1
  const Node* source = wildcard ? node(*wildcard) : nullptr;
  return source != nullptr ? atNode(*source, name, type) : denied(ZoneHit::Kind::NameError);
}

Delegation ZoneData::delegation(const dns::Name& cut) const {
  Delegation made{.zone = cut, .servers = {}, .expires = {}, .fixed = true};
  const Node* at = node(cut);
  const dns::RRset* servers = at != nullptr ? set(*at, RRType::NS) : nullptr;
  if (servers == nullptr) {
    return made;
  }
  for (const auto rdata : servers->rdatas()) {
    if (const auto name = dns::readNameRdata(rdata)) {
      made.servers.push_back({.name = *name, .glue = {}});
    }
  }
  for (NameServer& server : made.servers) {
    const Node* glue = node(server.name);
    for (const RRType type : {RRType::A, RRType::AAAA}) {
      const dns::RRset* addresses = glue != nullptr ? set(*glue, type) : nullptr;
      for (const auto rdata : addresses != nullptr ? addresses->rdatas() : dns::RdataRange(nullptr, nullptr)) {
        if (const auto address = dns::readAddress(type, rdata, 53)) {
          server.glue.push_back(*address);
        }
      }
    }
  }
  return made;
}

std::size_t ZoneData::records() const {
  std::size_t count = 0;
  for (const dns::RRset& set : d_sets) {
    count += set.count();
  }
  return count;
}

} // namespace rec
