// What one NSEC record says of a name (RFC 4034 4, RFC 4035 5.4). Called by the chains of denial.cc and of the
// aggressive cache; knows nothing of signatures.
#include "lib/dnssec/denialchain.hh"

#include <algorithm>

namespace dnssec {

std::optional<NsecRecord> readNsecSet(const dns::RRset& set, const dns::Name& zone) {
  if (!set || set.type() != dns::RRType::NSEC || set.count() != 1) {
    return std::nullopt;
  }
  auto nsec = readNsec(set.front());
  if (!nsec) {
    return std::nullopt;
  }
  NsecRecord record{set.owner(), std::move(*nsec)};
  if (!record.owner.isWithin(zone) || !record.nsec.next.isWithin(zone)) {
    return std::nullopt;
  }
  const bool inOrder = record.nsec.next == zone || record.owner < record.nsec.next;
  return inOrder ? std::optional(std::move(record)) : std::nullopt;
}

Place placeByNsec(const NsecRecord& record, const dns::Name& zone, const dns::Name& name) {
  const dns::Name& next = record.nsec.next;
  Place place;
  if (record.owner == name) {
    place.kind = Place::Kind::Exact;
    place.types = record.nsec.types;
    return place;
  }
  // The last record of the zone points to the apex and covers all that comes after it (RFC 4034 4.1.1).
  if (!(record.owner < name) || !(next == zone || name < next)) {
    return place;
  }
  if (name.isBelow(record.owner) && closesOff(record.nsec.types)) {
    return place;
  }
  if (next.isBelow(name)) {
    place.kind = Place::Kind::EmptyNonTerminal;
    return place;
  }
  place.kind = Place::Kind::Absent;
  place.encloser = std::max(name.commonAncestor(record.owner).labelCount(), name.commonAncestor(next).labelCount());
  return place;
}

} // namespace dnssec
