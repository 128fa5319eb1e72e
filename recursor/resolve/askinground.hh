// Asker::Round: one asking of a zone's servers under way: which addresses there are, where more may come from, and
// which were tried. Private to asker.cc and askersources.cc.
#pragma once

#include <algorithm>
#include <vector>

#include "recursor/resolve/asker.hh"

namespace rec {

// Where addresses come from, the better sources first.
enum class Sources : std::uint8_t {
  Parent,       // glue, and look-ups of the names that came without
  ChildAndZone, // the zone's own NS set, and what the servers' own zones say of names that had glue
  All           // what the parents of those zones say of them
};

struct Asker::Round {
  explicit Round(Asking what) : asking(std::move(what)) {}
  [[nodiscard]] const dns::Name& zone() const { return asking.zone->zone; }
  [[nodiscard]] bool has(const base::Address& address) const {
    return std::find(candidates.begin(), candidates.end(), address) != candidates.end();
  }
  void addAll(const std::vector<base::Address>& addresses) {
    for (const base::Address& address : addresses) {
      if (!has(address)) {
        candidates.push_back(address);
      }
    }
  }

  Asking asking;
  std::vector<base::Address> candidates;
  std::vector<base::Address> tried;
  std::vector<base::Address> silent;  // tried, no answer
  std::vector<base::Address> tlsOnly; // of servers that dot-to-auth-names names
  std::vector<AddressKey> missing;    // addresses that could be looked up, in this order
  std::vector<AddressKey> slow;       // looked up, but not found within kPatience
  VerdictPtr recursiveAnswer;         // of a recursive server that should be authoritative: when nothing else is
  Sources sources = Sources::Parent;
  std::vector<const NameServer*> unexplored; // those without glue of which only known() addresses are here
  std::vector<dns::Name> glueless;           // name servers whose addresses were looked up
  bool patient = false;                      // the slow ones are waited for now
  unsigned round = 1;
};

} // namespace rec
