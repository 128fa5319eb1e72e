// ProxyMapping: addresses of clients that stand for others (addProxyMapping of lua-config-file), for who reaches us
// through something that hides its address: the mapped one is asked about by access lists and told to servers (EDNS
// Client Subnet); policies, scripts, limits and logs see the client's own. Immutable but for its counters; all workers
// share one, and get another by reload-lua-config.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_set>
#include <vector>

#include "lib/base/netmask.hh"
#include "lib/dns/name.hh"

namespace rec {

struct ProxyMappingRule {
  base::Netmask clients;
  base::Address mapped;
  std::optional<std::vector<dns::Name>> domains; // servers are told `mapped` for these and all below; nothing: for all
};

class ProxyMapping {
 public:
  // Of several rules for the same network the last one counts.
  explicit ProxyMapping(const std::vector<ProxyMappingRule>& rules);

  // Whom access lists are asked about. Counts a match.
  [[nodiscard]] const base::Address& forAccess(const base::Address& client) const;
  // Whose network servers are told.
  [[nodiscard]] const base::Address& forServers(const base::Address& client, const dns::Name& name) const;
  // A question that no packet cache answered: counts the match of a rule's domains.
  void noteQuestion(const base::Address& client, const dns::Name& name) const;

  struct Count {
    base::Netmask clients;
    base::Address mapped;
    std::uint64_t matches = 0, nameMatches = 0;
  };
  [[nodiscard]] std::vector<Count> counts() const; // longest networks first

 private:
  using Names = std::unordered_set<dns::Name, dns::NameHash>;
  struct alignas(64) Row {
    base::Netmask clients;
    base::Address mapped;
    std::optional<Names> domains;
    mutable std::atomic<std::uint64_t> matches{0}, nameMatches{0};
  };
  [[nodiscard]] const Row* find(const base::Address& client) const; // that of the longest network
  [[nodiscard]] static bool isWithin(const dns::Name& name, const Names& domains);

  std::vector<std::unique_ptr<Row>> d_rows; // longest networks first
};
using ProxyMappingPtr = std::shared_ptr<const ProxyMapping>;

} // namespace rec
