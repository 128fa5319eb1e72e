// CacheSaver: writes the caches into a cache file, what is worth most first. It holds one shard's lock at a time, for
// kPieceSize entries, and encodes them without it; so it may run beside the workers. Used by CacheKeeper.
#pragma once

#include <functional>

#include "recursor/cachefile/blocks.hh"
#include "recursor/cachefile/keptcaches.hh"

namespace rec {

class CacheSaver {
 public:
  enum class Pace : std::uint8_t { Go, Finish /* with what is there */, Abandon };
  struct Now {
    base::WallTime wall;
    base::MonoTime mono;
  };
  // `pace` is asked once a piece.
  CacheSaver(const KeptCaches& caches, const Now& now, BlockWriter& out, std::function<Pace()> pace)
      : d_caches(caches), d_now(now), d_out(out), d_pace(std::move(pace)) {}

  base::Result<void> save(const FilePrints& prints);

 private:
  base::Result<void> saveServers();
  base::Result<void> saveZones();
  base::Result<void> saveAnswers();
  template <typename PieceFrom> base::Result<void> section(Section section, const PieceFrom& pieceFrom);

  KeptCaches d_caches;
  Now d_now;
  BlockWriter& d_out;
  std::function<Pace()> d_pace;
  bool d_finishes = false;
};

} // namespace rec
