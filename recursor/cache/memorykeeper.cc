// What caches may take: less by a tenth of what they have whenever the process is near its limit although unused memory
// was given back, more by a twentieth of all when it is well below.
#include "recursor/cache/memorykeeper.hh"

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <utility>

namespace rec {
namespace {

constexpr std::size_t kProcess = std::size_t{24} << 20, kWorker = std::size_t{8} << 20; // without caches
constexpr std::size_t kLeast = std::size_t{4} << 20;

constexpr std::size_t percent(std::size_t of, std::size_t share) { return of / 100 * share; }

} // namespace

std::size_t memoryLimit(std::size_t maxMemory) {
  if (maxMemory != 0) {
    return maxMemory;
  }
  const long pages = ::sysconf(_SC_PHYS_PAGES);
  const long size = ::sysconf(_SC_PAGESIZE);
  return pages > 0 && size > 0 ? static_cast<std::size_t>(pages) / 2 * static_cast<std::size_t>(size) : SIZE_MAX;
}

std::size_t memoryForCaches(std::size_t limit, std::size_t workers) {
  const std::size_t rest = std::min(kProcess + workers * kWorker, limit / 2);
  return std::max(percent(limit - rest, 85), kLeast);
}

MemoryKeeper::MemoryKeeper(std::size_t limit, std::size_t most, Hooks hooks)
    : d_limit(limit), d_most(most), d_hooks(std::move(hooks)), d_allowed(most) {}

void MemoryKeeper::check() {
  const std::size_t resident = d_hooks.resident();
  if (resident < percent(d_limit, 85) && d_allowed < d_most) {
    d_allowed = std::min(d_most, d_allowed + d_most / 20);
    return d_hooks.allowed(d_allowed);
  }
  if (resident < percent(d_limit, 95)) {
    return;
  }
  d_hooks.release();
  if (d_hooks.resident() >= percent(d_limit, 95)) {
    d_allowed = std::max(kLeast, percent(std::min(d_allowed, d_hooks.used()), 90));
    d_hooks.allowed(d_allowed);
  }
}

} // namespace rec
