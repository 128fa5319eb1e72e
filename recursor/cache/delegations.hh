// Delegations: the zone cuts as the parent side gave them, with the glue that came along, which serves to reach servers
// and never answers a client. Shared by all workers; one lock per shard; entries are immutable and handed out by
// shared_ptr. Bounded by entries.
#pragma once

#include <cstdio>
#include <memory>
#include <optional>
#include <vector>

#include "lib/base/address.hh"
#include "lib/base/clock.hh"
#include "lib/dns/name.hh"
#include "lib/dns/rrset.hh"
#include "recursor/cache/saving.hh"

namespace rec {

struct NameServer {
  dns::Name name;
  std::vector<base::Address> glue; // port 53 unless configured otherwise; empty: the name must be resolved
};

struct Delegation {
  dns::Name zone;
  std::vector<NameServer> servers;
  base::WallTime expires{}; // never later than the parent side said: a child cannot prolong its own life
  // What the referral said of DNSSEC, as it came: the DS set, or the NSEC or NSEC3 records that deny it. Empty when
  // there was nothing, or when it has been judged already.
  std::vector<dns::RRset> security;
  base::WallTime securityExpires{}; // when the first of these does: the cut itself may live longer
  std::optional<dns::Name> parent;  // the zone that referred here
  bool fixed = false; // root hints not yet primed, forward-zones: never expires, never replaced by answers
};

using DelegationPtr = std::shared_ptr<const Delegation>;

class Delegations {
 public:
  struct Options {
    std::size_t shards = 256;
    std::size_t maxEntries = 500'000;
    std::size_t maxBytes = std::size_t{1} << 26;
  };
  explicit Delegations(const Options& options);
  ~Delegations();
  void adopt(const Options& options); // but for the shards: those stay

  // The deepest unexpired cut at or above `name`, or strictly above it when `above` (DS questions); null when none.
  [[nodiscard]] DelegationPtr find(const dns::Name& name, base::WallTime now, bool above = false);
  // Replaces what was known of the zone. What is learned gives way to what is fixed, except for the root: hints stand
  // back while a primed set lives and serve again when it has run out (RFC 8109).
  void store(Delegation delegation) { store(std::make_shared<const Delegation>(std::move(delegation))); }
  void store(DelegationPtr delegation);
  void clearFixed(); // before a changed configuration is stored
  // Forgets what was learned, never what is fixed.
  std::size_t wipe(const dns::Name& name, bool subtree);
  std::size_t dump(std::FILE* out, base::WallTime now) const;
  // Learned ones; the heat is lost, there are few enough.
  [[nodiscard]] CachePiece<DelegationPtr> piece(const base::ShardPlace& from, base::WallTime now) const;
  Restored restore(DelegationPtr saved, base::WallTime now);
  [[nodiscard]] std::size_t entries() const;
  [[nodiscard]] std::size_t bytes() const;

 private:
  struct State;
  std::unique_ptr<State> d_state;
};

} // namespace rec
