// SubnetSets: what one name and type has for clients' networks, in the order of look-ups: a sorted list, searched once
// for each length that occurs. Private to subnetcache.cc, which locks.
#pragma once

#include <cstdint>
#include <vector>

#include "lib/dns/rrset.hh"
#include "recursor/cache/rank.hh"
#include "recursor/cache/subnetscope.hh"

namespace rec {

struct SubnetSet {
  SubnetScope scope;
  dns::RRset rrset;
  std::uint32_t expires = 0, ttl = 0;
  Rank rank = Rank::Additional;
  Security security = Security::Indeterminate;
};

class SubnetSets {
 public:
  struct Most {
    std::size_t networks = 1, bytes = 0;
  };
  // The one with the longest network that covers the client and has not expired; or null.
  [[nodiscard]] const SubnetSet* find(const base::Netmask& client, std::uint32_t now) const;
  [[nodiscard]] SubnetSet* at(const SubnetScope& scope);
  // Adds one that at() does not find, or puts it where at() has found another for the same network. Makes room for it
  // when that is too much, first by what has expired.
  void add(SubnetSet set, const Most& most, std::uint32_t now);
  void replace(SubnetSet& at, SubnetSet with, const Most& most, std::uint32_t now);
  [[nodiscard]] static std::size_t bytesOf(const SubnetSet& set) {
    return sizeof(SubnetSet) + set.rrset.allocatedSize();
  }

  [[nodiscard]] const std::vector<SubnetSet>& all() const { return d_sets; }
  [[nodiscard]] std::uint32_t lastExpiry() const;
  [[nodiscard]] std::size_t bytes() const { return d_sets.capacity() * sizeof(SubnetSet) + d_rrsetBytes; }

 private:
  using Place = std::vector<SubnetSet>::const_iterator;
  // The first that is not before networks of that family, that long, from that address on.
  [[nodiscard]] Place from(bool v6, unsigned bits, const base::Address* network) const;
  [[nodiscard]] bool fits(const SubnetSet& set, const Most& most) const;
  void erase(std::vector<SubnetSet>::iterator at);
  void makeRoom(const SubnetSet& set, const Most& most, std::uint32_t now);

  std::vector<SubnetSet> d_sets; // IPv4 first; the longest first; by address; exact ones first
  std::size_t d_rrsetBytes = 0;
};

} // namespace rec
