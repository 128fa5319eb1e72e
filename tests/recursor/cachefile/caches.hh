// A set of empty caches, and cache files in memory.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "recursor/cache/delegations.hh"
#include "recursor/cache/dotservers.hh"
#include "recursor/cache/negcache.hh"
#include "recursor/cache/nsspeeds.hh"
#include "recursor/cache/recordcache.hh"
#include "recursor/cache/subnetcache.hh"
#include "recursor/cache/wildcardproofs.hh"
#include "recursor/cache/zonetrusts.hh"
#include "recursor/cachefile/cacheloader.hh"
#include "recursor/cachefile/cachesaver.hh"
#include "recursor/cachefile/keptcaches.hh"

namespace test {

struct Caches {
  explicit Caches(const rec::RecordCache::Options& options = {}) : records(options) {}
  rec::RecordCache records;
  rec::NegativeCache negatives{{}};
  rec::SubnetCache subnets{{}};
  rec::Delegations delegations{{}};
  rec::WildcardProofs wildcards{{}};
  rec::ZoneTrusts trusts{{}};
  rec::NsSpeeds speeds{{}};
  rec::DotServers dotServers{{.maxBusy = 1}};
  std::atomic<bool> dnameSeen{false};
  [[nodiscard]] rec::KeptCaches kept() {
    return {records, negatives, subnets, delegations, wildcards, trusts, speeds, dotServers, dnameSeen};
  }
};

class MemoryFile final : public rec::OctetSource {
 public:
  [[nodiscard]] std::uint64_t size() const override { return octets.size(); }
  [[nodiscard]] bool read(std::uint64_t at, std::span<std::byte> out) const override {
    if (at + out.size() > octets.size()) return false;
    std::copy_n(octets.begin() + static_cast<std::ptrdiff_t>(at), out.size(), out.begin());
    return true;
  }
  std::vector<std::byte> octets;
};

struct Saving {
  rec::FilePrints prints;
  std::uint64_t maxBytes = UINT64_MAX;
};

inline MemoryFile saved(Caches& caches, const base::Clock& clock, const Saving& how = {}) {
  MemoryFile file;
  rec::BlockWriter blocks(
      [&](std::span<const std::byte> octets) {
        file.octets.insert(file.octets.end(), octets.begin(), octets.end());
        return base::Result<void>();
      },
      how.maxBytes);
  rec::CacheSaver saver(caches.kept(), {clock.wall(), clock.mono()}, blocks, [] { return rec::CacheSaver::Pace::Go; });
  static_cast<void>(saver.save(how.prints));
  return file;
}

inline base::Result<rec::CacheLoader::Report> loaded(const MemoryFile& file, Caches& caches, const base::Clock& clock,
                                                     const rec::FilePrints& prints = {}, unsigned threads = 1) {
  rec::CacheLoader loader(file, caches.kept(), {clock.wall(), clock.mono(), prints, 86400, threads});
  return loader.load(false);
}

} // namespace test
