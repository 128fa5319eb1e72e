// KnownNames: names that servers said exist, lately: of a zone whose random names are asked for, these are resolved
// nevertheless. A table of fingerprints, lossy: a newer name takes an older one's place, and one in two thousand
// million of the names that are not there is taken for known. Thread safe without a lock.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "lib/dns/name.hh"

namespace rec {

class KnownNames {
 public:
  KnownNames();
  void add(const dns::Name& name);
  [[nodiscard]] bool has(const dns::Name& name) const;

 private:
  static constexpr std::size_t kPlaces = std::size_t{1} << 18; // 1 MB, of which the system gives what is touched
  std::unique_ptr<std::atomic<std::uint32_t>[]> d_places;
};

} // namespace rec
