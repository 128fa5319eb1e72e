// Reading NSEC3 records and the walk to the closest encloser (RFC 5155 8.3). Called by the chains of denial.cc and of
// the aggressive cache; knows nothing of signatures.
//
// The walk goes down from the apex: in a good proof it ends as soon as a name that exists is followed by one that does
// not, after as many hashes as the encloser has labels below the apex, however many labels the question has
// (CVE-2023-50868). The name itself is hashed first, since denials of types match it.
#include <algorithm>

#include "lib/dnssec/denialchain.hh"

namespace dnssec {
namespace {

constexpr std::uint8_t kSha1 = 1;
constexpr std::uint8_t kKnownFlags = 0x01;

Place exactly(const Nsec3Chain::Hit& hit) {
  Place place;
  place.kind = Place::Kind::Exact;
  place.types = hit.types;
  place.proofs = {hit.set, nullptr};
  place.expires = hit.expires;
  return place;
}

Place absentBelow(const Nsec3Chain::Hit& encloser, std::size_t labels, const Nsec3Chain::Hit& cover) {
  Place place;
  place.kind = Place::Kind::Absent;
  place.encloser = labels;
  place.optOut = cover.optOut;
  place.proofs = {cover.set, encloser.set};
  place.expires = std::min(cover.expires, encloser.expires);
  return place;
}

} // namespace

std::optional<Nsec3Record> readNsec3Set(const dns::RRset& set, const dns::Name& zone) {
  if (!set || set.type() != dns::RRType::NSEC3 || set.count() != 1) {
    return std::nullopt;
  }
  const dns::Name owner = set.owner();
  const auto nsec3 = readNsec3(set.front());
  if (!nsec3 || owner.labelCount() != zone.labelCount() + 1 || !owner.isWithin(zone)) {
    return std::nullopt;
  }
  const auto hash = ownerHash(owner);
  const auto next = toNsec3Hash(nsec3->nextHash);
  if (!hash || !next || nsec3->hashAlgorithm != kSha1 || (nsec3->flags & ~kKnownFlags) != 0) {
    return std::nullopt;
  }
  return Nsec3Record{*hash, *next, *nsec3};
}

bool sameParameters(const Nsec3& a, const Nsec3& b) {
  return a.hashAlgorithm == b.hashAlgorithm && a.iterations == b.iterations && std::ranges::equal(a.salt, b.salt);
}

bool coversHash(const Nsec3Record& record, const Nsec3Hash& hash) {
  if (record.owner < record.next) {
    return record.owner < hash && hash < record.next;
  }
  return hash != record.owner && (record.owner < hash || hash < record.next); // the last of the chain, or the only one
}

Nsec3Chain::Hit Nsec3Chain::hashAndFind(const dns::Name& name) {
  if (d_exhausted || !d_effort.chargeHash()) {
    d_exhausted = true;
    return {};
  }
  return find(nsec3Hash(name, d_iterations, d_salt));
}

Place Nsec3Chain::locate(const dns::Name& name) {
  const Hit own = hashAndFind(name);
  return own.kind == Hit::Kind::Match ? exactly(own) : encloserOf(name, own);
}

// RFC 5155 8.3: a name that exists, and the next closer one does not. `own` is what was found for the name itself.
Place Nsec3Chain::encloserOf(const dns::Name& name, const Hit& own) {
  Hit above; // of the name with one label less
  for (std::size_t labels = d_zone.labelCount(); labels <= name.labelCount() && !d_exhausted; ++labels) {
    Hit hit = own;
    if (labels == d_zone.labelCount() && d_apex && labels < name.labelCount()) {
      hit = find(*d_apex);
    } else if (labels < name.labelCount()) {
      hit = hashAndFind(name.suffix(labels));
    }
    if (hit.kind == Hit::Kind::Match && closesOff(hit.types)) {
      return {}; // what is below it is not this zone's (RFC 5155 8.3, RFC 6840 4.1)
    }
    if (hit.kind == Hit::Kind::Cover && above.kind == Hit::Kind::Match) {
      return absentBelow(above, labels - 1, hit);
    }
    above = hit;
  }
  return {};
}

Place Nsec3Chain::look(const dns::Name& name) {
  const Hit hit = hashAndFind(name);
  if (hit.kind == Hit::Kind::Match) {
    return exactly(hit);
  }
  return hit.kind == Hit::Kind::Cover ? absentBelow({}, name.labelCount() - 1, hit) : Place{};
}

} // namespace dnssec
