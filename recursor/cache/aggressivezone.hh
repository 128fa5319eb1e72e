// AggressiveZone: the NSEC and NSEC3 records of one zone in their order, its SOA, and the denials they make (RFC 8198).
// Private to the aggressive cache, which locks around every call. The rules of denial are lib/dnssec/denialchain's.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "lib/dnssec/denialchain.hh"
#include "recursor/cache/aggressivecache.hh"

namespace rec {

class AggressiveZone {
 public:
  struct Entry {
    dns::RRset set;
    std::uint32_t expires = 0; // seconds since 1970
    bool used = false;         // since the hand came by
  };
  // Keys sort as the names do (RFC 4034 6.1), or are hashes.
  using Entries = std::map<std::string, Entry, std::less<>>;

  explicit AggressiveZone(const dns::Name& name) : d_name(name) {}

  [[nodiscard]] const dns::Name& name() const { return d_name; }
  [[nodiscard]] std::size_t size() const { return d_nsec.size() + d_nsec3.size(); }
  [[nodiscard]] bool hasSoa(std::uint32_t now) const { return d_soa.set && d_soa.expires > now; }
  void setSoa(const dns::RRset& soa, std::uint32_t expires);

  // Adds the record, or renews it. What it contradicts goes: older records between its two names, or around its own.
  void put(const dnssec::NsecRecord& record, Entry entry);
  // Records with other parameters of hashing go.
  void put(const dnssec::Nsec3Record& record, Entry entry);

  // What is known of `name`, which is within the zone. `maxHashCost`: blocks hashed for it at worst; 0: no limit.
  [[nodiscard]] std::optional<Synthesized> answer(const dns::Name& name, dns::RRType type, std::uint32_t now,
                                                  unsigned maxHashCost);

  // Where the hand of the clock stands in a zone: behind this key.
  struct Hand {
    bool started = false, inNsec3 = false;
    std::string key;
  };
  // Goes on to the first record that was not used since the last time, or to the `budget`-th, and removes it. False at
  // the end of the zone.
  bool evictOne(Hand& hand, std::uint32_t now, unsigned& budget);

  template <typename Visit> void forEach(const Visit& visit) const {
    for (const Entries* entries : {&d_nsec, &d_nsec3}) {
      for (const auto& [key, entry] : *entries) {
        visit(entry);
      }
    }
  }

 private:
  class NsecChain;
  class Nsec3Chain;
  [[nodiscard]] std::optional<Synthesized> ask(dnssec::DenialChain& chain, const dns::Name& name, dns::RRType type,
                                               std::uint32_t now) const;
  [[nodiscard]] std::optional<Synthesized> askNsec3(const dns::Name& name, dns::RRType type, std::uint32_t now,
                                                    unsigned maxHashCost);
  [[nodiscard]] std::optional<Synthesized> makeDenial(Synthesized::Kind kind, const dnssec::Place& place,
                                                      const dnssec::Place* wildcard, std::uint32_t now) const;

  dns::Name d_name;
  Entry d_soa;
  std::uint32_t d_soaMinimum = 0; // RFC 2308 5
  Entries d_nsec, d_nsec3;
  std::uint16_t d_iterations = 0;
  std::vector<std::byte> d_salt;
  dnssec::Nsec3Hash d_apexHash{}; // of the zone's name, with these parameters
};

// Blocks of SHA-1 that hashing one name costs, about.
[[nodiscard]] std::uint64_t hashCost(std::uint16_t iterations, std::size_t saltSize);

} // namespace rec
