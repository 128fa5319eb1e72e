// What a chain of NSEC or NSEC3 records says of one name, and what follows from it: the rules of denial in one place,
// for the records of a message (denial.cc) and for those of the aggressive cache. Pure; private to these two.
//
// Flow of a proof: 1. locate(name): it is there, an empty non-terminal, or absent below a closest encloser. 2. If
// absent, look(*.encloser): whether a wildcard would have made it. 3. The verdict, from the types and the opt-out flag.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "lib/dns/rrset.hh"
#include "lib/dnssec/denial.hh"
#include "lib/dnssec/nsec3hash.hh"
#include "lib/dnssec/records.hh"

namespace dnssec {

struct Place {
  enum class Kind : std::uint8_t {
    Unknown,          // the records say nothing of it
    Exact,            // it owns a record of the chain
    EmptyNonTerminal, // NSEC only: it owns nothing, names below it do
    Absent            // it does not exist, nor does anything below it; with opt-out: nothing that is signed
  };
  Kind kind = Kind::Unknown;
  TypeBitmap types = TypeBitmap();           // Exact
  std::size_t encloser = 0;                  // Absent: labels of the closest encloser
  bool optOut = false;                       // Absent
  std::array<const dns::RRset*, 2> proofs{}; // the sets that say so, null when there is no second one
  std::uint32_t expires = UINT32_MAX;        // of a cache: when the first of them does
};

// One zone's records of one kind (and, for NSEC3, with one set of parameters).
class DenialChain {
 public:
  virtual ~DenialChain() = default;
  // `name` is within the zone.
  [[nodiscard]] virtual Place locate(const dns::Name& name) = 0;
  // The same for a name whose parent is known to exist: a wildcard below the closest encloser, a next closer name.
  [[nodiscard]] virtual Place look(const dns::Name& name) = 0;
  // Places were not found because the effort is used up.
  [[nodiscard]] virtual bool exhausted() const { return false; }
};

// The proofs of denial.hh from one chain of `zone`; `name` is within it.
[[nodiscard]] Denial judgeNoName(DenialChain& chain, const dns::Name& zone, const dns::Name& name);
[[nodiscard]] Denial judgeNoType(DenialChain& chain, const dns::Name& zone, const dns::Name& name, dns::RRType type);
[[nodiscard]] Denial judgeNoDs(DenialChain& chain, const dns::Name& zone, const dns::Name& name);
[[nodiscard]] Denial judgeNoCloser(DenialChain& chain, const dns::Name& name, const dns::Name& encloser);

// Whether a record at `name` itself with these types denies `type`: it is from the right side of the cut (RFC 6840 4.1,
// 4.4), and has neither the type nor a CNAME (RFC 6840 4.3).
[[nodiscard]] bool deniesType(const TypeBitmap& types, const dns::Name& zone, const dns::Name& name, dns::RRType type);
// A name made by a wildcard with these types would have neither `type` nor a CNAME. A wildcard that is a delegation
// says nothing (RFC 4592 4.2).
[[nodiscard]] bool wildcardDenies(const TypeBitmap& types, dns::RRType type);
// Types of a name below which the zone says nothing: a delegation seen from the parent, or a DNAME (RFC 6840 4.1).
[[nodiscard]] bool closesOff(const TypeBitmap& types);
// The wildcard right below the closest encloser of `name`, which has that many labels.
[[nodiscard]] dns::Name wildcardBelow(const dns::Name& name, std::size_t encloser);

// --- NSEC ---
struct NsecRecord {
  dns::Name owner;
  Nsec nsec;
};
// Nothing unless it is one well-formed record of the zone whose next name is in the zone, too, and comes later in
// canonical order or is the apex.
[[nodiscard]] std::optional<NsecRecord> readNsecSet(const dns::RRset& set, const dns::Name& zone);
// What this record says of `name`, which is within the zone.
[[nodiscard]] Place placeByNsec(const NsecRecord& record, const dns::Name& zone, const dns::Name& name);

// --- NSEC3 ---
struct Nsec3Record {
  Nsec3Hash owner, next;
  Nsec3 nsec3;
};
// Nothing unless it is one well-formed record, right below the apex, of hash algorithm 1 and with no unknown flag (RFC
// 5155 8.1, 8.2).
[[nodiscard]] std::optional<Nsec3Record> readNsec3Set(const dns::RRset& set, const dns::Name& zone);
// The same parameters of hashing: only such records make a chain (RFC 5155 8.2).
[[nodiscard]] bool sameParameters(const Nsec3& a, const Nsec3& b);
[[nodiscard]] bool coversHash(const Nsec3Record& record, const Nsec3Hash& hash);

// The walk to the closest encloser (RFC 5155 8.3); where records come from is left to the derived class.
class Nsec3Chain : public DenialChain {
 public:
  struct Hit {
    enum class Kind : std::uint8_t { None, Match, Cover };
    Kind kind = Kind::None;
    TypeBitmap types = TypeBitmap(); // Match
    bool optOut = false;             // Cover
    const dns::RRset* set = nullptr;
    std::uint32_t expires = UINT32_MAX;
  };

  // `salt` and `zone` outlive the chain. `apex`: the hash of the zone's name, if it is known already.
  Nsec3Chain(const dns::Name& zone, std::uint16_t iterations, Bytes salt, Effort& effort,
             std::optional<Nsec3Hash> apex = std::nullopt)
      : d_zone(zone), d_iterations(iterations), d_salt(salt), d_effort(effort), d_apex(apex) {}
  [[nodiscard]] Place locate(const dns::Name& name) final;
  [[nodiscard]] Place look(const dns::Name& name) final;
  [[nodiscard]] bool exhausted() const final { return d_exhausted; }

 protected:
  [[nodiscard]] virtual Hit find(const Nsec3Hash& hash) = 0;

 private:
  [[nodiscard]] Hit hashAndFind(const dns::Name& name);
  [[nodiscard]] Place encloserOf(const dns::Name& name, const Hit& own);

  const dns::Name& d_zone;
  std::uint16_t d_iterations;
  Bytes d_salt;
  Effort& d_effort;
  std::optional<Nsec3Hash> d_apex;
  bool d_exhausted = false;
};

} // namespace dnssec
