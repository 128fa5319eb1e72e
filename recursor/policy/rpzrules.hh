// RpzRules: all rules of a response policy zone, as an immutable snapshot for all threads: shards found by the upper
// bits of the hash (rpzshard.hh). RpzEditor makes the next snapshot: it copies the shards that it changes and shares
// the rest, so that a change costs what it touches and memory never doubles. Nothing here knows where rules come from.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "lib/base/address.hh"
#include "lib/dns/rdata.hh"
#include "lib/dns/rrset.hh"
#include "recursor/policy/namebatch.hh"
#include "recursor/policy/policychange.hh"
#include "recursor/policy/rpzshard.hh"

namespace rec {

// The rule that decides: valid as long as the snapshot.
struct RpzFound {
  RpzSide side;
  Octets key;
  bool wildcard = false;
};

// How much there is in a zone: a name and its wildcard are one entry.
struct RpzSize {
  std::size_t entries = 0;
  std::size_t octets = 0; // of all of them
};

class RpzRules {
 public:
  // The name itself first, then the wildcard that is longest. QName and NsDName.
  [[nodiscard]] std::optional<RpzFound> find(PolicyTrigger trigger, const dns::Name& name) const;
  // find(QName, ...) will be asked for these: as Policy::prefetch().
  void prefetch(NameBatch& batch) const;
  // The longest prefix. The other triggers.
  [[nodiscard]] std::optional<RpzFound> find(PolicyTrigger trigger, const base::Address& address) const;

  [[nodiscard]] std::size_t rules() const; // a name and its wildcard are two
  [[nodiscard]] std::size_t rules(PolicyTrigger trigger) const { return d_rules[static_cast<std::size_t>(trigger)]; }
  [[nodiscard]] RpzSize size() const;
  [[nodiscard]] std::size_t bytes() const { return d_bytes; }
  [[nodiscard]] const dns::Name& zone() const { return d_zone; }
  [[nodiscard]] const dns::RRset& soa() const { return d_soa; } // null when the zone has none
  [[nodiscard]] std::uint32_t serial() const { return d_serial; }
  [[nodiscard]] std::size_t refused() const { return d_refused; } // records that are no rules and were passed over
  // The names that this version judges otherwise than `before`; null: nobody knows, or it is not names alone.
  [[nodiscard]] PolicyChangePtr changeSince(const RpzRules* before) const {
    return before != nullptr && before == d_changeOf ? d_change : nullptr;
  }

  // All rules, in no order: visit(entry, shares nothing beyond the call).
  template <typename Visit> void forEach(const Visit& visit) const {
    for (const auto& shard : d_shards) shard->forEach(d_usualTtl, visit);
  }

 private:
  friend class RpzEditor;
  using Prefixes = std::array<std::uint32_t, 129>; // rules by length of the prefix
  [[nodiscard]] const RpzShard& shardOf(std::uint64_t hash) const { return *d_shards[indexOf(hash)]; }
  [[nodiscard]] std::size_t indexOf(std::uint64_t hash) const {
    return d_bits == 0 ? 0 : static_cast<std::size_t>(hash >> (64 - d_bits));
  }
  void count(const RpzKey& key, int by);
  void sumBytes();

  dns::Name d_zone;
  dns::RRset d_soa;
  std::uint32_t d_serial = 0;
  std::uint32_t d_usualTtl = 0;
  bool d_ttlKnown = false;
  unsigned d_bits = 0;
  std::size_t d_refused = 0;
  std::size_t d_bytes = 0;              // when it was finished
  const RpzRules* d_changeOf = nullptr; // the version that d_change begins with; only compared
  PolicyChangePtr d_change;
  std::set<std::uint64_t> d_contested; // hashes of keys that more records came for than the rule has
  std::vector<std::shared_ptr<const RpzShard>> d_shards;
  std::array<std::size_t, 6> d_rules{};                // by trigger
  std::array<std::array<Prefixes, 2>, 6> d_prefixes{}; // by trigger and family
};
using RpzRulesPtr = std::shared_ptr<const RpzRules>;

class RpzEditor {
 public:
  // Begins with `base` (null: nothing). `expected`: about how much there will be; 0: nobody knows.
  explicit RpzEditor(const RpzRulesPtr& base, const RpzSize& expected = {});

  enum class Done : std::uint8_t { Yes, Duplicate, Absent, Full };
  // One record of a rule. Duplicate: there is a rule for the same that does something else, or this record already.
  Done add(const RpzKey& key, PolicyAction action, std::uint32_t ttl, dns::RRType type, Octets rdata);
  // Absent: there is no such record, or nobody knows what is left without it: of several owners with the same meaning
  // (prefixes have many spellings), and of records that exclude each other, the first alone became a rule.
  Done remove(const RpzKey& key, PolicyAction action, dns::RRType type, Octets rdata);
  void setZone(const dns::Name& zone) { d_rules->d_zone = zone; }
  void setSoa(const dns::RRset& soa);
  void setRefused(std::size_t records) { d_rules->d_refused = records; }
  [[nodiscard]] const RpzRules& rules() const { return *d_rules; }

  void setChange(const RpzRules* before, PolicyChangePtr change) {
    d_rules->d_changeOf = before;
    d_rules->d_change = std::move(change);
  }

  RpzRulesPtr finish(); // the editor is of no use after that

 private:
  void makeShards(const RpzSize& expected);
  [[nodiscard]] RpzShard& own(std::size_t index);
  void splitAll();
  Done addRule(const RpzKey& key, std::uint64_t hash, PolicyAction action, std::uint32_t ttl, dns::RRType type,
               Octets rdata);
  Done store(const RpzKey& key, std::uint64_t hash, const RpzShard::Entry& old, bool found, const RpzSide& side);

  std::shared_ptr<RpzRules> d_rules;
  std::vector<RpzShard*> d_own; // those that were copied, or made, here; null for the others
  std::size_t d_entries = 0;
  std::vector<std::byte> d_scratch, d_other; // records of the entry that is changed
};

} // namespace rec
