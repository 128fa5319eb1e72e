// QTypeCounts: how often each type was asked for, the packet cache's answers excepted: rec_control get-qtypelist. One
// per worker, used on its thread only; of a fixed size, of which only pages that were written cost memory.
#pragma once

#include <cstdint>
#include <map>

#include "lib/base/pages.hh"
#include "lib/dns/types.hh"

namespace rec {

class QTypeCounts {
 public:
  using Counts = std::map<dns::RRType, std::uint64_t>;

  QTypeCounts() { d_counts.resize(65536); }
  void add(dns::RRType type) { ++d_counts[static_cast<std::size_t>(type)]; }
  [[nodiscard]] Counts all() const { // those that were asked for
    Counts counts;
    for (std::size_t type = 0; type < d_counts.size(); ++type) {
      if (d_counts[type] != 0) counts.emplace(static_cast<dns::RRType>(type), d_counts[type]);
    }
    return counts;
  }

 private:
  base::Pages<std::uint64_t> d_counts;
};

} // namespace rec
