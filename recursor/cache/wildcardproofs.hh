// WildcardProofs: the NSEC and NSEC3 records that came with an answer made from a wildcard: they show that nothing
// closer exists, and belong to the answer for whoever validates (RFC 4035 3.1.3.3). Beside the record cache, because
// few answers have any. Shared by all workers; one lock per shard; bounded.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "lib/base/clock.hh"
#include "lib/dns/rrset.hh"
#include "recursor/cache/saving.hh"

namespace rec {

struct SavedProofs {
  dns::Name name;
  dns::RRType type{};
  std::uint32_t expires = 0; // seconds since 1970
  std::vector<dns::RRset> proofs;
};

class WildcardProofs {
 public:
  struct Options {
    std::size_t shards = 64;
    std::size_t maxEntries = 100'000;
    std::size_t maxBytes = std::size_t{1} << 26;
  };
  explicit WildcardProofs(const Options& options);
  ~WildcardProofs();
  void adopt(const Options& options); // but for the shards: those stay

  [[nodiscard]] std::optional<std::vector<dns::RRset>> find(const dns::Name& name, dns::RRType type,
                                                            base::WallTime now);
  // For as long as the records may be cached.
  void store(const dns::Name& name, dns::RRType type, std::vector<dns::RRset> proofs, std::uint32_t ttl,
             base::WallTime now);
  std::size_t wipe(const dns::Name& name, bool subtree);
  [[nodiscard]] CachePiece<SavedProofs> piece(const base::ShardPlace& from, base::WallTime now) const;
  Restored restore(SavedProofs saved, base::WallTime now);

 private:
  struct State;
  std::unique_ptr<State> d_state;
};

// Whether the set was made from a wildcard, by the labels its first signature counts (RFC 4034 3.1.3).
[[nodiscard]] bool isFromWildcard(const dns::RRset& set);

} // namespace rec
