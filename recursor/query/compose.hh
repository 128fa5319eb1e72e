// Composer: an outcome in wire form, as this client asked for it: EDNS, size, truncation, order of records. One per
// worker, called by the pipeline. Never decides what the answer is, only how it is written.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "recursor/config/settings.hh"
#include "recursor/query/query.hh"

namespace rec {

struct Composed {
  std::span<const std::byte> message;        // valid until the next compose()
  std::span<const std::uint16_t> ttlOffsets; // of all records but OPT, when `complete`
  std::uint32_t lowestTtl = 0;               // of the records; 0 when there are none
  std::uint32_t originalTtl = 0;             // which the set with the lowest TTL was cached with
  bool complete = false;                     // nothing was left out: other clients may have the same octets
};

class Composer {
 public:
  explicit Composer(const Settings& settings);

  void adoptSettings(); // which it was given have changed
  Composed compose(const Query& query);
  // A header and nothing else, for what could not be read further (RFC 1035 4.1.1).
  std::span<const std::byte> headerOnly(const dns::Header& question, dns::RCode rcode);
  // The longest answer to this client, in octets.
  [[nodiscard]] std::size_t limit(const Query& query) const;

 private:
  [[nodiscard]] dns::Edns answerEdns(const Query& query) const;
  std::span<const std::byte> optRecord(const Query& query, std::size_t room);
  bool writeSections(dns::WireWriter& writer, const Query& query, Composed& composed) const;
  bool writeSection(dns::WireWriter& writer, dns::Section section, const std::vector<AgedRRset>& sets,
                    const Query& query, Composed& composed) const;
  [[nodiscard]] std::size_t firstRecord(const dns::RRset& rrset, const Query& query) const;

  const Settings& d_settings;
  std::vector<std::byte> d_nsid;
  std::vector<std::byte> d_buffer; // of the longest message
  std::vector<std::byte> d_opt;
  std::array<std::uint16_t, 256> d_ttlOffsets{};
};

} // namespace rec
