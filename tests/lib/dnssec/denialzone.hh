// For the tests of denials: NSEC and NSEC3 records made by hand, and a model zone that makes its own chain and knows by
// brute force what is true of every name. No signatures: denials are judged after they were checked.
#pragma once

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "lib/dns/rrset.hh"
#include "lib/dnssec/nsec3hash.hh"

namespace denialtest {

using dns::Name;
using dns::RRType;
using dnssec::Nsec3Hash;
using Octets = std::vector<std::byte>;
using Types = std::set<RRType>;

inline Name name(std::string_view text) { return Name::parse(text).value(); }

inline void append(Octets& to, std::span<const std::byte> octets) { to.insert(to.end(), octets.begin(), octets.end()); }
inline void append(Octets& to, std::initializer_list<unsigned> octets) {
  for (const unsigned octet : octets) to.push_back(static_cast<std::byte>(octet));
}

inline Octets bitmap(const Types& types) {
  Octets out;
  for (unsigned window = 0; window < 256; ++window) {
    Octets bits;
    for (const RRType type : types) {
      const auto number = static_cast<unsigned>(type);
      if (number >> 8 != window) continue;
      bits.resize(std::max<std::size_t>(bits.size(), (number & 0xFF) / 8 + 1));
      bits[(number & 0xFF) / 8] |= static_cast<std::byte>(0x80U >> (number & 7));
    }
    if (bits.empty()) continue;
    append(out, {window, static_cast<unsigned>(bits.size())});
    append(out, bits);
  }
  return out;
}

inline dns::RRset oneRecord(const Name& owner, RRType type, const Octets& rdata) {
  dns::RRsetBuilder builder(owner, type, dns::RRClass::IN, 3600);
  builder.add(rdata);
  return builder.build();
}

inline dns::RRset nsec(const Name& owner, const Name& next, const Types& types) {
  Octets rdata;
  append(rdata, next.wire());
  append(rdata, bitmap(types));
  return oneRecord(owner, RRType::NSEC, rdata);
}
inline dns::RRset nsec(std::string_view owner, std::string_view next, const Types& types) {
  return nsec(name(owner), name(next), types);
}

inline std::string base32(const Nsec3Hash& hash) {
  std::string out;
  unsigned bits = 0, held = 0;
  for (const std::byte octet : hash) {
    bits = bits << 8 | std::to_integer<unsigned>(octet);
    for (held += 8; held >= 5; held -= 5) out += "0123456789abcdefghijklmnopqrstuv"[bits >> (held - 5) & 31];
    bits &= 0xFF;
  }
  return out;
}

struct Nsec3Parameters {
  unsigned iterations = 0;
  Octets salt{};
  unsigned flags = 0;
  unsigned algorithm = 1;
};

inline dns::RRset nsec3(const Name& zone, const Nsec3Hash& owner, const Nsec3Hash& next, const Types& types,
                        const Nsec3Parameters& with = {}) {
  Octets rdata;
  append(rdata, {with.algorithm, with.flags, with.iterations >> 8, with.iterations & 0xFF,
                 static_cast<unsigned>(with.salt.size())});
  append(rdata, with.salt);
  append(rdata, {20});
  append(rdata, next);
  append(rdata, bitmap(types));
  return oneRecord(zone.withLabel(base32(owner)).value(), RRType::NSEC3, rdata);
}

inline Nsec3Hash hashOf(const Name& of, const Nsec3Parameters& with = {}) {
  return dnssec::nsec3Hash(of, static_cast<std::uint16_t>(with.iterations), with.salt);
}
// The hash next to this one.
inline Nsec3Hash shifted(Nsec3Hash hash, bool up) {
  for (std::size_t i = hash.size(); i-- > 0;) {
    const auto value = std::to_integer<unsigned>(hash[i]);
    hash[i] = static_cast<std::byte>(up ? value + 1 : value - 1);
    if (value != (up ? 0xFFU : 0U)) break;
  }
  return hash;
}
// A record that matches `of`, and one that covers it (and hardly anything else).
inline dns::RRset matching(const Name& zone, const Name& of, const Types& types, const Nsec3Parameters& with = {}) {
  const Nsec3Hash hash = hashOf(of, with);
  return nsec3(zone, hash, shifted(hash, true), types, with);
}
inline dns::RRset covering(const Name& zone, const Name& of, const Nsec3Parameters& with = {}) {
  const Nsec3Hash hash = hashOf(of, with);
  return nsec3(zone, shifted(hash, false), shifted(hash, true), {RRType::A}, with);
}

// What a zone holds: names with their types, delegations (NS), what is below them left out of the chain.
class ModelZone {
 public:
  explicit ModelZone(const Name& apex) : d_apex(apex) { d_nodes[apex] = {RRType::SOA, RRType::NS, RRType::DNSKEY}; }
  void add(const Name& owner, const Types& types) { d_nodes[owner].insert(types.begin(), types.end()); }
  [[nodiscard]] const Name& apex() const { return d_apex; }

  // --- what is true ---
  [[nodiscard]] bool isCut(const Name& owner) const {
    const auto node = d_nodes.find(owner);
    return owner != d_apex && node != d_nodes.end() && node->second.count(RRType::NS) > 0;
  }
  // Below a delegation or a DNAME: not this zone's.
  [[nodiscard]] bool isOutside(const Name& owner) const {
    for (Name above = owner; above != d_apex;) {
      above = above.parent();
      const auto node = d_nodes.find(above);
      if (isCut(above) || (node != d_nodes.end() && node->second.count(RRType::DNAME) > 0)) return true;
    }
    return false;
  }
  [[nodiscard]] const Types* typesOf(const Name& owner) const {
    const auto node = d_nodes.find(owner);
    return node == d_nodes.end() ? nullptr : &node->second;
  }
  // It has data, or something below it has.
  [[nodiscard]] bool exists(const Name& owner) const {
    return std::any_of(d_nodes.begin(), d_nodes.end(), [&](const auto& node) { return node.first.isWithin(owner); });
  }
  [[nodiscard]] Name encloser(Name of) const {
    while (!exists(of)) of = of.parent();
    return of;
  }
  [[nodiscard]] Name wildcardFor(const Name& of) const { return encloser(of).withLabel("*").value(); }
  [[nodiscard]] bool noName(const Name& of) const { return !isOutside(of) && !exists(of) && !exists(wildcardFor(of)); }
  [[nodiscard]] bool noType(const Name& of, RRType type) const {
    if (isOutside(of)) return false;
    const bool byWildcard = !exists(of);
    if (byWildcard && !exists(wildcardFor(of))) return false;
    const Types* types = typesOf(byWildcard ? wildcardFor(of) : of);
    if (types == nullptr) return true; // an empty non-terminal
    if (types->count(type) > 0 || types->count(RRType::CNAME) > 0) return false;
    if (byWildcard) return types->count(RRType::NS) == 0;
    return type == RRType::DS ? of != d_apex : !isCut(of);
  }
  [[nodiscard]] bool hasCutWithoutDs(const Name& of) const {
    return isCut(of) && d_nodes.at(of).count(RRType::DS) == 0;
  }

  // --- its chain ---
  [[nodiscard]] std::vector<dns::RRset> nsecChain() const {
    std::vector<const std::pair<const Name, Types>*> signedNodes;
    for (const auto& node : d_nodes) {
      if (!isOutside(node.first)) signedNodes.push_back(&node);
    }
    std::vector<dns::RRset> chain;
    for (std::size_t i = 0; i < signedNodes.size(); ++i) {
      Types types = signedNodes[i]->second;
      types.insert({RRType::NSEC, RRType::RRSIG});
      chain.push_back(nsec(signedNodes[i]->first, signedNodes[(i + 1) % signedNodes.size()]->first, types));
    }
    return chain;
  }
  // With the opt-out flag delegations without DS get no record (RFC 5155 7.1).
  [[nodiscard]] std::vector<dns::RRset> nsec3Chain(const Nsec3Parameters& with = {}) const {
    std::map<Nsec3Hash, Types> hashed;
    for (const auto& [owner, types] : d_nodes) {
      if (isOutside(owner) || ((with.flags & 1) != 0 && hasCutWithoutDs(owner))) continue;
      hashed[hashOf(owner, with)] = types;
      for (Name above = owner; above != d_apex; above = above.parent()) hashed[hashOf(above, with)]; // non-terminals
    }
    std::vector<dns::RRset> chain;
    for (auto at = hashed.begin(); at != hashed.end(); ++at) {
      const auto next = std::next(at) == hashed.end() ? hashed.begin() : std::next(at);
      chain.push_back(nsec3(d_apex, at->first, next->first, at->second, with));
    }
    return chain;
  }

 private:
  Name d_apex;
  std::map<Name, Types> d_nodes;
};

// Random zones and names over few labels, so that names meet often.
class Dice {
 public:
  explicit Dice(unsigned seed) : d_engine(seed) {}
  unsigned below(unsigned limit) { return static_cast<unsigned>(d_engine() % limit); }
  Name nameBelow(const Name& zone) {
    static constexpr std::string_view labels[] = {"a",   "b", "B", "c",    "*",    "\0",
                                                  "a\0", "-", "z", "\x01", "\xff", "A.b"};
    Name result = zone;
    for (unsigned i = 1 + below(3); i > 0; --i) {
      const unsigned pick = below(std::size(labels));
      const std::string_view label = pick == 5   ? std::string_view("\0", 1)
                                     : pick == 6 ? std::string_view("a\0", 2)
                                                 : labels[pick];
      result = result.withLabel(label).value();
    }
    return result;
  }
  Types types() {
    switch (below(9)) {
    case 0:
    case 1: return {RRType::NS};
    case 2: return {RRType::NS, RRType::DS};
    case 3: return {RRType::CNAME};
    case 4: return {RRType::DNAME, RRType::A};
    case 5: return {RRType::MX, RRType::CAA};
    default: return {RRType::A};
    }
  }
  ModelZone zone(const Name& apex) {
    ModelZone zone(apex);
    for (unsigned i = below(9); i > 0; --i) {
      const Name owner = nameBelow(apex);
      if (zone.typesOf(owner) == nullptr) zone.add(owner, owner.isWildcard() ? Types{RRType::A} : types());
    }
    return zone;
  }
  RRType type() {
    static constexpr RRType asked[] = {RRType::A, RRType::DS, RRType::MX, RRType::CNAME, RRType::AAAA, RRType::NS};
    return asked[below(std::size(asked))];
  }
  std::vector<dns::RRset> some(const std::vector<dns::RRset>& all) {
    std::vector<dns::RRset> chosen;
    for (const dns::RRset& set : all) {
      if (below(2) == 0) chosen.push_back(set);
    }
    return chosen;
  }

 private:
  std::mt19937 d_engine;
};

} // namespace denialtest
