// Proofs of denial from the records of a message: reads them once, sorts them into chains (NSEC; NSEC3 by parameters)
// and takes the best that any chain proves. Called by validation; the rules are in denialchain.cc.
#include "lib/dnssec/denial.hh"

#include <algorithm>
#include <vector>

#include "lib/dnssec/denialchain.hh"

namespace dnssec {
namespace {

class NsecScan final : public DenialChain {
 public:
  explicit NsecScan(const DenialRecords& records) : d_zone(records.zone) {
    for (const dns::RRset& set : records.sets) {
      if (auto record = readNsecSet(set, d_zone)) {
        d_records.push_back(std::move(*record));
      }
    }
  }
  [[nodiscard]] bool empty() const { return d_records.empty(); }
  [[nodiscard]] Place locate(const dns::Name& name) override {
    for (const NsecRecord& record : d_records) {
      const Place place = placeByNsec(record, d_zone, name);
      if (place.kind != Place::Kind::Unknown) {
        return place;
      }
    }
    return {};
  }
  [[nodiscard]] Place look(const dns::Name& name) override { return locate(name); }

 private:
  const dns::Name& d_zone;
  std::vector<NsecRecord> d_records;
};

class Nsec3Scan final : public Nsec3Chain {
 public:
  // `records` share the parameters of the first.
  Nsec3Scan(const dns::Name& zone, std::span<const Nsec3Record> records, Effort& effort)
      : Nsec3Chain(zone, records.front().nsec3.iterations, records.front().nsec3.salt, effort), d_records(records) {}

 private:
  [[nodiscard]] Hit find(const Nsec3Hash& hash) override {
    for (const Nsec3Record& record : d_records) {
      if (record.owner == hash) {
        return {.kind = Hit::Kind::Match, .types = record.nsec3.types};
      }
      if (coversHash(record, hash)) {
        return {.kind = Hit::Kind::Cover, .optOut = record.nsec3.optOut()};
      }
    }
    return {};
  }
  std::span<const Nsec3Record> d_records;
};

// Those that may be used, at most as many as are looked at; `tooDear` counts those with too many iterations (RFC 9276
// 3.2).
struct Nsec3Records {
  Nsec3Records(const DenialRecords& records, const DenialPolicy& policy) {
    std::size_t looked = 0;
    for (const dns::RRset& set : records.sets) {
      if (!set || set.type() != dns::RRType::NSEC3) {
        continue;
      }
      if (policy.maxNsec3Records != 0 && looked++ >= policy.maxNsec3Records) {
        break;
      }
      add(readNsec3Set(set, records.zone), policy.maxIterations);
    }
  }
  void add(const std::optional<Nsec3Record>& record, unsigned maxIterations) {
    if (!record) {
      return;
    }
    if (record->nsec3.iterations > maxIterations) {
      ++tooDear;
      return;
    }
    usable.push_back(*record);
  }
  std::vector<Nsec3Record> usable;
  std::size_t tooDear = 0;
};

bool hasDenial(const DenialRecords& records) {
  return std::ranges::any_of(records.sets, [](const dns::RRset& set) {
    return set && (set.type() == dns::RRType::NSEC || set.type() == dns::RRType::NSEC3);
  });
}

// Of two chains' verdicts the one that says more.
Denial better(Denial a, Denial b) {
  constexpr std::array order{Denial::Proven,    Denial::InsecureCut,       Denial::Insecure,
                             Denial::WorkLimit, Denial::TooManyIterations, Denial::Invalid,
                             Denial::Missing};
  return *std::ranges::find_first_of(order, std::array{a, b});
}

// `judge(chain)` for each set of parameters in turn, until one proves it.
template <typename Judge>
Denial proveByNsec3(const DenialRecords& records, const DenialPolicy& policy, Effort& effort, const Judge& judge) {
  Nsec3Records nsec3(records, policy);
  if (nsec3.usable.empty()) {
    return nsec3.tooDear > 0 ? Denial::TooManyIterations : Denial::Invalid;
  }
  Denial best = Denial::Invalid;
  std::span<Nsec3Record> rest(nsec3.usable);
  while (!rest.empty() && best != Denial::Proven) {
    const Nsec3 first = rest.front().nsec3;
    const auto others =
        std::ranges::partition(rest, [&](const Nsec3Record& record) { return sameParameters(record.nsec3, first); });
    Nsec3Scan chain(records.zone, rest.first(rest.size() - others.size()), effort);
    best = better(best, judge(chain));
    rest = rest.last(others.size());
  }
  return best;
}

template <typename Judge>
Denial prove(const DenialRecords& records, const DenialPolicy& policy, Effort& effort, const Judge& judge) {
  if (!hasDenial(records)) {
    return Denial::Missing;
  }
  NsecScan nsec(records);
  const Denial first = nsec.empty() ? Denial::Invalid : judge(nsec);
  return first == Denial::Proven ? first : better(first, proveByNsec3(records, policy, effort, judge));
}

} // namespace

Denial proveNoName(const DenialRecords& records, const dns::Name& name, const DenialPolicy& policy, Effort& effort) {
  return prove(records, policy, effort, [&](DenialChain& chain) { return judgeNoName(chain, records.zone, name); });
}

Denial proveNoType(const DenialRecords& records, const dns::Name& name, dns::RRType type, const DenialPolicy& policy,
                   Effort& effort) {
  return prove(records, policy, effort, [&](DenialChain& chain) {
    return name.isWithin(records.zone) ? judgeNoType(chain, records.zone, name, type) : Denial::Invalid;
  });
}

Denial proveNoDs(const DenialRecords& records, const dns::Name& name, const DenialPolicy& policy, Effort& effort) {
  return prove(records, policy, effort, [&](DenialChain& chain) { return judgeNoDs(chain, records.zone, name); });
}

Denial proveNoCloser(const DenialRecords& records, const dns::Name& name, const dns::Name& encloser,
                     const DenialPolicy& policy, Effort& effort) {
  const bool possible = encloser.isWithin(records.zone) && name.isBelow(encloser);
  return prove(records, policy, effort,
               [&](DenialChain& chain) { return possible ? judgeNoCloser(chain, name, encloser) : Denial::Invalid; });
}

} // namespace dnssec
