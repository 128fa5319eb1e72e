// ZoneTrusts: what validation has concluded about zones: secure with these keys, insecure, or bogus and why. One entry
// a zone cut. Shared by all workers; one lock per shard; entries are immutable and handed out by shared_ptr. Bounded
// by entries.
#pragma once

#include <cstddef>
#include <cstdio>
#include <memory>
#include <vector>

#include "lib/base/clock.hh"
#include "lib/dns/edns.hh"
#include "lib/dnssec/signature.hh"
#include "recursor/cache/rank.hh"
#include "recursor/cache/saving.hh"

namespace rec {

struct ZoneTrust {
  dns::Name zone;
  Security security = Security::Insecure;
  dnssec::ZoneKeys keys;                  // Secure
  dnssec::Finding finding;                // Bogus, or Insecure for a reason that is worth telling
  std::vector<dns::ExtendedError> errors; // Bogus because nobody could be asked: which servers failed how
  bool waived = false;                    // Insecure because of a negative trust anchor
  bool limited = false;                   // Bogus at the limits of one client's question: never stored
  base::WallTime expires{};

  [[nodiscard]] static ZoneTrust insecure(const dns::Name& zone, dnssec::Finding finding = {});
  [[nodiscard]] static ZoneTrust bogus(const dns::Name& zone, dnssec::Finding finding);
};

using ZoneTrustPtr = std::shared_ptr<const ZoneTrust>;

struct SavedInsecurity {
  dns::Name zone;
  base::WallTime expires{};
};

class ZoneTrusts {
 public:
  struct Options {
    std::size_t shards = 256;
    std::size_t maxEntries = 500'000;
    std::size_t maxBytes = std::size_t{1} << 26;
  };
  explicit ZoneTrusts(const Options& options);
  ~ZoneTrusts();
  void adopt(const Options& options); // but for the shards: those stay

  // Of this very zone; null when nothing is known (any more).
  [[nodiscard]] ZoneTrustPtr find(const dns::Name& zone, base::WallTime now);
  // Of the deepest zone at or above `name`.
  [[nodiscard]] ZoneTrustPtr deepest(const dns::Name& name, base::WallTime now);
  // Goes up with every wipe. What was concluded from what a wipe then took away must not come back after it.
  [[nodiscard]] std::uint64_t epoch() const;
  // `begun`: the epoch in which the conclusion began; one from before a wipe is not kept.
  void store(ZoneTrustPtr trust, std::uint64_t begun);
  std::size_t wipe(const dns::Name& name, bool subtree);
  std::size_t dump(std::FILE* out, base::WallTime now) const;
  // Zones that are insecure and no more is to say: that cannot be concluded anew from what is cached. Keys can.
  [[nodiscard]] CachePiece<SavedInsecurity> piece(const base::ShardPlace& from, base::WallTime now) const;
  Restored restore(const SavedInsecurity& saved, base::WallTime now);
  [[nodiscard]] std::size_t entries() const;
  [[nodiscard]] std::size_t bytes() const;

 private:
  struct State;
  std::unique_ptr<State> d_state;
};

} // namespace rec
