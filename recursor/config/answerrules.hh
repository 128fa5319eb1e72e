// AnswerRules: what lua-config-file says about the form of answers: in which order addresses stand for which clients
// (addSortList), and which records come along with an answer (addAllowedAdditionalQType). Immutable once workers have
// it; they get a new one by reload-lua-config.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "lib/base/netmask.hh"
#include "lib/dns/types.hh"

namespace rec {

class SortLists {
 public:
  // Which addresses some clients are to be given first.
  class Order {
   public:
    // The smaller, the further in front: that of the longest network which has the address; for others the largest int.
    [[nodiscard]] int of(const base::Address& address) const;
    [[nodiscard]] int last() const { return d_last; } // the largest place given; 0: none
    void add(const base::Netmask& preferred, int place);

   private:
    std::vector<std::pair<base::Netmask, int>> d_places;
    int d_last = 0;
  };

  // These networks share a place: the given one, or the one behind all that these clients have.
  void add(const base::Netmask& clients, const std::vector<base::Netmask>& preferred, std::optional<int> place);
  void clear() { d_orders.clear(); }
  [[nodiscard]] bool empty() const { return d_orders.empty(); }
  // That of the longest network which the client is in; null: there is none.
  [[nodiscard]] const Order* find(const base::Address& client) const;

 private:
  std::vector<std::pair<base::Netmask, Order>> d_orders; // longest networks first
};

// PowerDNS's names and numbers.
enum class AdditionalMode : std::uint8_t {
  Ignore,
  CacheOnly,            // what the caches have
  CacheOnlyRequireAuth, // of that, what came from authoritative servers
  ResolveImmediately,   // the answer waits for them
  ResolveDeferred       // as CacheOnlyRequireAuth; what is missing is asked for, and comes with a later answer
};

struct AdditionalRule {
  std::vector<dns::RRType> targets; // of the names that the records name
  AdditionalMode mode = AdditionalMode::CacheOnlyRequireAuth;
};

struct AnswerRules {
  SortLists sortLists;
  std::map<dns::RRType, AdditionalRule> additionals; // by the type of the answer
};
using AnswerRulesPtr = std::shared_ptr<const AnswerRules>;

} // namespace rec
