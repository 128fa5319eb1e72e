// The daemon's part in keeping the process within max-memory: what the caches take, and what they may.
#include "lib/base/memory.hh"
#include "recursor/daemon.hh"
#include "recursor/options.hh"

namespace rec {
namespace {

constexpr unsigned kChecksToRelease = 12; // of onMemory()

} // namespace

std::uint64_t Daemon::sumPacketCaches(std::uint64_t (PacketCache::*what)() const) const {
  std::uint64_t total = 0;
  for (const auto& worker : d_workers) {
    total += (worker->packetCache().*what)();
  }
  return total;
}

std::unique_ptr<MemoryKeeper> Daemon::makeMemoryKeeper() {
  const auto settings = this->settings();
  const auto records = recordCacheOptions(*settings).maxBytes;
  const auto negatives = negativeCacheOptions(*settings).maxBytes;
  const auto subnets = subnetCacheOptions(*settings).maxBytes;
  const auto packets = packetCacheOptions(*settings).maxBytes * d_workers.size();
  return std::make_unique<MemoryKeeper>(
      memoryLimit(settings->maxMemory), records + negatives + subnets + packets,
      MemoryKeeper::Hooks{.resident = base::residentMemory,
                          .release = base::releaseMemory,
                          .used =
                              [this] {
                                return d_resolving.records().bytes() + d_resolving.negatives().bytes() +
                                       d_resolving.subnets().bytes() + sumPacketCaches(&PacketCache::bytes);
                              },
                          .allowed = [this](std::size_t bytes) { allowCaches(bytes); }});
}

// Each gets the share that it had in the beginning.
void Daemon::allowCaches(std::size_t bytes) {
  const auto settings = this->settings();
  const auto records = recordCacheOptions(*settings).maxBytes;
  const auto negatives = negativeCacheOptions(*settings).maxBytes;
  const auto subnets = subnetCacheOptions(*settings).maxBytes;
  const auto packets = packetCacheOptions(*settings).maxBytes;
  const double share =
      static_cast<double>(bytes) / static_cast<double>(records + negatives + subnets + packets * d_workers.size());
  const auto part = [share](std::size_t all) { return static_cast<std::size_t>(static_cast<double>(all) * share); };
  d_resolving.records().setMaxBytes(part(records));
  d_resolving.negatives().setMaxBytes(part(negatives));
  d_resolving.subnets().setMaxBytes(part(subnets));
  for (const auto& worker : d_workers) {
    worker->post([&changing = *worker, most = part(packets)] { changing.packetCache().setMaxBytes(most); });
  }
}

// Every five seconds; unused memory goes back to the system once a minute even when there is enough.
void Daemon::onMemory(int /*fd*/, short /*what*/, void* self) {
  auto* daemon = static_cast<Daemon*>(self);
  if (++daemon->d_memoryChecks % kChecksToRelease == 0) {
    base::releaseMemory();
  }
  daemon->d_memoryKeeper->check();
}

} // namespace rec
