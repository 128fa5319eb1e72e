// CacheLoader: reads a cache file into the caches, several blocks at once. What has expired, what came from other
// settings and what is damaged is counted, not loaded; what is in the caches already stays. Used by CacheKeeper, and by
// a fuzz target: nothing in a file can make it crash, hang, or take more memory than a block for each thread and what
// the caches' own limits allow.
#pragma once

#include <atomic>
#include <cstdint>

#include "recursor/cachefile/blocks.hh"
#include "recursor/cachefile/keptcaches.hh"

namespace rec {

struct LoadCounts {
  std::uint64_t loaded = 0;
  std::uint64_t expired = 0;
  std::uint64_t otherSettings = 0; // FilePrints
  std::uint64_t noRoom = 0;        // or not allowed by the limits any more
  std::uint64_t damaged = 0;
  LoadCounts& operator+=(const LoadCounts& other);
};

class CacheLoader {
 public:
  struct Options {
    base::WallTime wall; // now
    base::MonoTime mono;
    FilePrints prints; // of the settings as they are
    std::uint32_t maxTtl = 86400;
    unsigned threads = 1;
  };
  struct Report {
    LoadCounts counts;
    BlockReader::Damage damage;
    bool otherData = false, otherVerdicts = false; // the file's prints are not ours
    bool stopped = false;                          // by `stop`
  };
  CacheLoader(const OctetSource& source, const KeptCaches& caches, const Options& options)
      : d_reader(source), d_caches(caches), d_options(options) {}

  // An error: nothing of it can be used. `stop`: ends it soon.
  base::Result<Report> load(const std::atomic<bool>& stop);

 private:
  [[nodiscard]] LoadCounts loadBlocks(const FileHead& head, const std::atomic<bool>& stop);

  BlockReader d_reader;
  KeptCaches d_caches;
  Options d_options;
};

} // namespace rec
