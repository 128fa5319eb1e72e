// The rules of denial, the same for NSEC (RFC 4035 5.4) and NSEC3 (RFC 5155 8): what follows from where a name stands
// in the chain. Called by denial.cc and the aggressive cache.
#include "lib/dnssec/denialchain.hh"

#include <cassert>

namespace dnssec {
namespace {

using Kind = Place::Kind;
constexpr dns::RRType kNxName{128}; // RFC 9824 3.1

Denial unproven(const DenialChain& chain) { return chain.exhausted() ? Denial::WorkLimit : Denial::Invalid; }

// RFC 5155 9.2: what opt-out covers may be there unsigned.
Denial provenUnless(bool optOut) { return optOut ? Denial::Insecure : Denial::Proven; }

// No data is there but what the chain itself brings: what a denial of ANY needs.
bool isBare(const TypeBitmap& types) {
  Bytes blocks = types.blocks();
  while (blocks.size() >= 2) {
    const auto window = std::to_integer<unsigned>(blocks[0]);
    const auto size = std::min(std::to_integer<std::size_t>(blocks[1]), blocks.size() - 2);
    for (unsigned bit = 0; bit < size * 8; ++bit) {
      const auto type = static_cast<dns::RRType>(window << 8 | bit);
      const bool ofChain = type == dns::RRType::NSEC || type == dns::RRType::RRSIG || type == kNxName;
      if ((std::to_integer<unsigned>(blocks[2 + bit / 8]) >> (7 - bit % 8) & 1U) != 0 && !ofChain) {
        return false;
      }
    }
    blocks = blocks.subspan(2 + size);
  }
  return true;
}

// `absent` is the place of `name`: what the wildcard that could have made it says of `type` (RFC 4035 3.1.3.4, RFC 5155
// 8.6, 8.7).
Denial judgeWildcardNoType(DenialChain& chain, const dns::Name& name, const Place& absent, dns::RRType type) {
  const Place wildcard = chain.look(wildcardBelow(name, absent.encloser));
  const bool denied =
      wildcard.kind == Kind::EmptyNonTerminal || (wildcard.kind == Kind::Exact && wildcardDenies(wildcard.types, type));
  if (denied || absent.optOut) {
    return provenUnless(absent.optOut);
  }
  return unproven(chain);
}

} // namespace

dns::Name wildcardBelow(const dns::Name& name, std::size_t encloser) {
  const auto wildcard = name.suffix(encloser).withLabel("*");
  assert(wildcard); // no longer than `name`, which has at least one label more than its encloser
  return *wildcard;
}

bool wildcardDenies(const TypeBitmap& types, dns::RRType type) {
  if (types.has(dns::RRType::NS)) {
    return false;
  }
  return type == dns::RRType::ANY ? isBare(types) : !types.has(type) && !types.has(dns::RRType::CNAME);
}

bool closesOff(const TypeBitmap& types) {
  return types.has(dns::RRType::DNAME) || (types.has(dns::RRType::NS) && !types.has(dns::RRType::SOA));
}

bool deniesType(const TypeBitmap& types, const dns::Name& zone, const dns::Name& name, dns::RRType type) {
  const bool soa = types.has(dns::RRType::SOA);
  if (type == dns::RRType::DS) {
    if ((soa || name == zone) && !name.isRoot()) { // the child's record says nothing of what the parent has
      return false;
    }
  } else if (types.has(dns::RRType::NS) && !soa) { // the parent's record says nothing of what the child has
    return false;
  }
  return type == dns::RRType::ANY ? isBare(types) : !types.has(type) && !types.has(dns::RRType::CNAME);
}

Denial judgeNoName(DenialChain& chain, const dns::Name& zone, const dns::Name& name) {
  if (!name.isBelow(zone)) {
    return Denial::Invalid;
  }
  const Place place = chain.locate(name);
  if (place.kind != Kind::Absent) {
    return unproven(chain);
  }
  const Place wildcard = chain.look(wildcardBelow(name, place.encloser));
  return wildcard.kind == Kind::Absent ? provenUnless(place.optOut) : unproven(chain);
}

Denial judgeNoType(DenialChain& chain, const dns::Name& zone, const dns::Name& name, dns::RRType type) {
  const Place place = chain.locate(name);
  switch (place.kind) {
  case Kind::Exact: return deniesType(place.types, zone, name, type) ? Denial::Proven : Denial::Invalid;
  case Kind::EmptyNonTerminal: return Denial::Proven;
  case Kind::Absent: return judgeWildcardNoType(chain, name, place, type);
  case Kind::Unknown: break;
  }
  return unproven(chain);
}

Denial judgeNoDs(DenialChain& chain, const dns::Name& zone, const dns::Name& name) {
  if (!name.isBelow(zone)) {
    return Denial::Invalid;
  }
  const Place place = chain.locate(name);
  switch (place.kind) {
  case Kind::Exact:
    if (place.types.has(dns::RRType::SOA) || place.types.has(dns::RRType::DS)) {
      return Denial::Invalid;
    }
    return place.types.has(dns::RRType::NS) ? Denial::InsecureCut : Denial::Proven;
  case Kind::EmptyNonTerminal: return Denial::Proven;
  case Kind::Absent: return place.optOut ? Denial::InsecureCut : Denial::Proven;
  case Kind::Unknown: break;
  }
  return unproven(chain);
}

Denial judgeNoCloser(DenialChain& chain, const dns::Name& name, const dns::Name& encloser) {
  const Place place = chain.look(name.suffix(encloser.labelCount() + 1));
  return place.kind == Kind::Absent ? provenUnless(place.optOut) : unproven(chain);
}

} // namespace dnssec
