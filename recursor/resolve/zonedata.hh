// ZoneData: one zone held in memory, immutable, and the look-up of RFC 1034 4.3.2 with wildcards (RFC 4592) and DNAME
// (RFC 6672). Called by LocalZones; knows neither other zones nor the caches.
#pragma once

#include <span>
#include <vector>

#include "lib/base/result.hh"
#include "lib/dns/rrset.hh"
#include "recursor/cache/delegations.hh"

namespace rec {

struct ZoneHit {
  enum class Kind {
    Answer,    // `records` answer the question
    Alias,     // `records` (a CNAME, or a DNAME and the CNAME made from it) lead to `target`
    NoData,    // the name exists, the type does not
    NameError, // the name does not exist
    TooLong,   // a DNAME makes a name of more than 255 octets: YXDOMAIN (RFC 6672 2.2)
    Referral   // at or below `cut`, which other servers serve
  };
  Kind kind = Kind::NameError;
  std::vector<dns::RRset> records;
  dns::Name target, cut;
};

class ZoneData {
 public:
  // Fails when there is no SOA at the apex or a record outside of the zone.
  static base::Result<ZoneData> make(const dns::Name& apex, std::vector<dns::RRset> sets);

  [[nodiscard]] const dns::Name& apex() const { return d_apex; }
  // `name` is within the zone. ANY finds one set (RFC 8482 4.1).
  [[nodiscard]] ZoneHit find(const dns::Name& name, dns::RRType type) const;
  [[nodiscard]] const dns::RRset& soa() const { return d_soa; }
  [[nodiscard]] std::uint32_t negativeTtl() const { return d_negativeTtl; } // RFC 2308 5
  // The servers of a cut that find() reported, with the glue that the zone holds for them. `fixed`, as it never
  // expires.
  [[nodiscard]] Delegation delegation(const dns::Name& cut) const;
  [[nodiscard]] std::size_t records() const;

 private:
  // All sets of one name: a run of d_sets.
  struct Node {
    dns::Name name;
    std::uint32_t first = 0, count = 0;
  };
  ZoneData() = default;

  [[nodiscard]] std::vector<Node>::const_iterator lowerBound(const dns::Name& name) const;
  [[nodiscard]] const Node* node(const dns::Name& name) const;
  [[nodiscard]] bool exists(const dns::Name& name) const; // or is an empty non-terminal
  [[nodiscard]] const dns::RRset* set(const Node& node, dns::RRType type) const;
  [[nodiscard]] std::optional<ZoneHit> findOnTheWay(const dns::Name& name, dns::RRType type) const;
  [[nodiscard]] ZoneHit atNode(const Node& node, const dns::Name& name, dns::RRType type) const;
  [[nodiscard]] ZoneHit missing(const dns::Name& name, dns::RRType type) const;

  dns::Name d_apex;
  dns::RRset d_soa;
  std::uint32_t d_negativeTtl = 0;
  std::vector<dns::RRset> d_sets; // by owner in canonical order
  std::vector<Node> d_nodes;      // in canonical order, so that what is below a name follows it
};

} // namespace rec
