// One zone of the aggressive cache. Flow: aggressivecache.cc find -> answer -> ask (one chain: where the name stands,
// then where its wildcard stands) -> NsecChain or Nsec3Chain look into the ordered records.
#include "recursor/cache/aggressivezone.hh"

#include <algorithm>
#include <array>

#include "lib/dns/rdata.hh"
#include "recursor/cache/canonicalkey.hh"
#include "recursor/cache/key.hh"

namespace rec {
namespace {

using dnssec::Place;
using Kind = Place::Kind;
using Entries = AggressiveZone::Entries;

std::string_view keyOf(const dnssec::Nsec3Hash& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

// The last entry at or before `key`, or end().
Entries::iterator atOrBefore(Entries& entries, std::string_view key) {
  const auto after = entries.upper_bound(key);
  return after == entries.begin() ? entries.end() : std::prev(after);
}

// Renewing keeps what lasts longer; anything else takes the place of what was there.
void keep(Entries& entries, std::string_view key, AggressiveZone::Entry entry) {
  const auto there = entries.find(key);
  if (there == entries.end()) {
    entries.emplace(std::string(key), std::move(entry));
  } else if (there->second.expires < entry.expires || !there->second.set.sameData(entry.set)) {
    entry.used = there->second.used;
    there->second = std::move(entry);
  }
}

// The entry, if it is still good; an expired one is removed.
AggressiveZone::Entry* fresh(Entries& entries, Entries::iterator at, std::uint32_t now) {
  if (at == entries.end()) {
    return nullptr;
  }
  if (at->second.expires <= now) {
    entries.erase(at);
    return nullptr;
  }
  at->second.used = true;
  return &at->second;
}

} // namespace

std::uint64_t hashCost(std::uint16_t iterations, std::size_t saltSize) {
  const std::size_t blocks = (std::tuple_size_v<dnssec::Nsec3Hash> + saltSize + 9 + 63) / 64;
  return (std::uint64_t{iterations} + 1) * blocks;
}

class AggressiveZone::NsecChain final : public dnssec::DenialChain {
 public:
  NsecChain(AggressiveZone& zone, std::uint32_t now) : d_zone(zone), d_now(now) {}
  [[nodiscard]] Place locate(const dns::Name& name) override {
    const CanonicalKey key(name, d_zone.d_name);
    const Entry* entry = fresh(d_zone.d_nsec, atOrBefore(d_zone.d_nsec, key.view()), d_now);
    if (entry == nullptr) {
      return {};
    }
    auto nsec = dnssec::readNsec(entry->set.front()); // its names were checked when it was put here
    if (!nsec) {
      return {};
    }
    Place place = dnssec::placeByNsec({entry->set.owner(), std::move(*nsec)}, d_zone.d_name, name);
    place.proofs = {&entry->set, nullptr};
    place.expires = entry->expires;
    return place;
  }
  [[nodiscard]] Place look(const dns::Name& name) override { return locate(name); }

 private:
  AggressiveZone& d_zone;
  std::uint32_t d_now;
};

class AggressiveZone::Nsec3Chain final : public dnssec::Nsec3Chain {
 public:
  Nsec3Chain(AggressiveZone& zone, std::uint32_t now, dnssec::Effort& effort)
      : dnssec::Nsec3Chain(zone.d_name, zone.d_iterations, zone.d_salt, effort, zone.d_apexHash), d_zone(zone),
        d_now(now) {}

 private:
  [[nodiscard]] Hit find(const dnssec::Nsec3Hash& hash) override {
    Entries& entries = d_zone.d_nsec3;
    auto at = atOrBefore(entries, keyOf(hash));
    if (at == entries.end() && !entries.empty()) {
      at = std::prev(entries.end()); // the last of the chain goes round
    }
    const Entry* entry = fresh(entries, at, d_now);
    const auto nsec3 = entry == nullptr ? std::nullopt : dnssec::readNsec3(entry->set.front());
    if (!nsec3) {
      return {};
    }
    if (at->first == keyOf(hash)) {
      return {.kind = Hit::Kind::Match, .types = nsec3->types, .set = &entry->set, .expires = entry->expires};
    }
    const auto owner = dnssec::toNsec3Hash(std::as_bytes(std::span(at->first)));
    const auto next = dnssec::toNsec3Hash(nsec3->nextHash);
    if (!owner || !next || !dnssec::coversHash({*owner, *next, *nsec3}, hash)) {
      return {};
    }
    return {.kind = Hit::Kind::Cover, .optOut = nsec3->optOut(), .set = &entry->set, .expires = entry->expires};
  }

  AggressiveZone& d_zone;
  std::uint32_t d_now;
};

void AggressiveZone::setSoa(const dns::RRset& soa, std::uint32_t expires) {
  const auto data = dns::readSoa(soa.front());
  if (data) {
    d_soa = {.set = soa, .expires = expires};
    d_soaMinimum = data->minimum;
  }
}

void AggressiveZone::put(const dnssec::NsecRecord& record, Entry entry) {
  const CanonicalKey key(record.owner, d_name);
  const CanonicalKey next(record.nsec.next, d_name);
  const auto from = d_nsec.upper_bound(key.view());
  d_nsec.erase(from, record.nsec.next == d_name ? d_nsec.end() : d_nsec.lower_bound(next.view()));
  const auto before = atOrBefore(d_nsec, key.view());
  if (before != d_nsec.end() && before->first != key.view()) {
    const auto other = dnssec::readNsecSet(before->second.set, d_name);
    if (!other || other->nsec.next == d_name || record.owner < other->nsec.next) {
      d_nsec.erase(before);
    }
  }
  keep(d_nsec, key.view(), std::move(entry));
}

void AggressiveZone::put(const dnssec::Nsec3Record& record, Entry entry) {
  if (d_nsec3.empty() || record.nsec3.iterations != d_iterations || !std::ranges::equal(record.nsec3.salt, d_salt)) {
    d_nsec3.clear();
    d_iterations = record.nsec3.iterations;
    d_salt.assign(record.nsec3.salt.begin(), record.nsec3.salt.end());
    d_apexHash = dnssec::nsec3Hash(d_name, d_iterations, d_salt);
  }
  const std::string_view key = keyOf(record.owner), next = keyOf(record.next);
  const auto from = d_nsec3.upper_bound(key);
  if (key < next) {
    d_nsec3.erase(from, d_nsec3.lower_bound(next));
  } else {
    d_nsec3.erase(from, d_nsec3.end());
    d_nsec3.erase(d_nsec3.begin(), d_nsec3.lower_bound(next));
  }
  auto before = atOrBefore(d_nsec3, key);
  if (before == d_nsec3.end() && !d_nsec3.empty()) {
    before = std::prev(d_nsec3.end());
  }
  if (before != d_nsec3.end()) {
    const auto other = dnssec::readNsec3Set(before->second.set, d_name);
    if (!other || dnssec::coversHash(*other, record.owner)) {
      d_nsec3.erase(before);
    }
  }
  keep(d_nsec3, key, std::move(entry));
}

std::optional<Synthesized> AggressiveZone::answer(const dns::Name& name, dns::RRType type, std::uint32_t now,
                                                  unsigned maxHashCost) {
  if (!d_nsec.empty()) {
    NsecChain chain(*this, now);
    if (auto made = ask(chain, name, type, now)) {
      return made;
    }
  }
  return d_nsec3.empty() ? std::nullopt : askNsec3(name, type, now, maxHashCost);
}

std::optional<Synthesized> AggressiveZone::askNsec3(const dns::Name& name, dns::RRType type, std::uint32_t now,
                                                    unsigned maxHashCost) {
  const std::size_t labels = std::max<std::size_t>(name.labelCount() - d_name.labelCount(), 1);
  if (maxHashCost != 0 && hashCost(d_iterations, d_salt.size()) * labels > maxHashCost) {
    return std::nullopt;
  }
  dnssec::Effort effort(0, 0); // bounded by the cost
  Nsec3Chain chain(*this, now, effort);
  auto made = ask(chain, name, type, now);
  if (made) {
    made->fromNsec3 = true;
  }
  return made;
}

// RFC 8198 5: what the chain proves of the name; of a name that is not there, also what it proves of the wildcard.
std::optional<Synthesized> AggressiveZone::ask(dnssec::DenialChain& chain, const dns::Name& name, dns::RRType type,
                                               std::uint32_t now) const {
  const Place place = chain.locate(name);
  if (place.kind == Kind::EmptyNonTerminal ||
      (place.kind == Kind::Exact && dnssec::deniesType(place.types, d_name, name, type))) {
    return makeDenial(Synthesized::Kind::NoData, place, nullptr, now);
  }
  if (place.kind != Kind::Absent || place.optOut) {
    return std::nullopt;
  }
  const dns::Name wildcardName = dnssec::wildcardBelow(name, place.encloser);
  const Place wildcard = chain.look(wildcardName);
  const bool exists = wildcard.kind == Kind::Exact;
  if (wildcard.optOut || (exists && wildcard.types.has(dns::RRType::NS))) {
    return std::nullopt;
  }
  if (wildcard.kind == Kind::Absent) {
    return makeDenial(Synthesized::Kind::NxDomain, place, &wildcard, now);
  }
  if (wildcard.kind == Kind::EmptyNonTerminal || (exists && dnssec::wildcardDenies(wildcard.types, type))) {
    return makeDenial(Synthesized::Kind::NoData, place, &wildcard, now);
  }
  Synthesized made{.kind = Synthesized::Kind::Wildcard, .wildcard = wildcardName};
  made.proofs.push_back(*place.proofs[0]); // the next closer name is not there: all that an expansion needs
  made.ttl = secondsLeft(std::min(place.expires, wildcard.expires), now);
  return made;
}

std::optional<Synthesized> AggressiveZone::makeDenial(Synthesized::Kind kind, const Place& place, const Place* wildcard,
                                                      std::uint32_t now) const {
  if (!hasSoa(now)) {
    return std::nullopt;
  }
  Synthesized made{.kind = kind, .soa = d_soa.set};
  std::array<const dns::RRset*, 4> sets{place.proofs[0], place.proofs[1]};
  std::uint32_t expires = std::min(d_soa.expires, place.expires);
  if (wildcard != nullptr) {
    sets[2] = wildcard->proofs[0];
    sets[3] = wildcard->proofs[1];
    expires = std::min(expires, wildcard->expires);
  }
  made.proofs.reserve(3);
  for (auto set = sets.begin(); set != sets.end(); ++set) {
    if (*set != nullptr && std::find(sets.begin(), set, *set) == set) {
      made.proofs.push_back(**set);
    }
  }
  made.ttl = std::min(secondsLeft(expires, now), d_soaMinimum);
  return made.ttl == 0 ? std::nullopt : std::optional(std::move(made));
}

bool AggressiveZone::evictOne(Hand& hand, std::uint32_t now, unsigned& budget) {
  for (;; hand = {.started = false, .inNsec3 = true, .key = {}}) {
    Entries& entries = hand.inNsec3 ? d_nsec3 : d_nsec;
    for (auto at = hand.started ? entries.upper_bound(hand.key) : entries.begin(); at != entries.end(); ++at) {
      if (!at->second.used || at->second.expires <= now || budget == 0) {
        hand.started = true;
        hand.key = at->first;
        entries.erase(at);
        return true;
      }
      at->second.used = false;
      --budget;
    }
    if (hand.inNsec3) {
      return false;
    }
  }
}

} // namespace rec
