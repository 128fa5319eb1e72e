// The daemon gives every metric that is read when it is asked for its reading; one without is found at the start.
#include <stdexcept>

#include "lib/net/udpsocket.hh"
#include "recursor/daemon.hh"
#include "recursor/stats/hostreadings.hh"

namespace rec {

void Daemon::registerReadings() {
  addHostReadings(d_statistics, d_clock);
  d_statistics.setReading(Metric::BlocklistRules, [this] { return d_blockLists.rules(); });
  d_statistics.setReading(Metric::BlocklistBytes, [this] { return d_blockLists.bytes(); });
  d_statistics.setReading(Metric::BlocklistLoads, [this] { return d_blockLists.loads(); });
  d_statistics.setReading(Metric::BlocklistLoadFailures, [this] { return d_blockLists.failures(); });
  d_resolving.addReadings(d_statistics, d_clock);
  d_cacheKeeper.addReadings(d_statistics);
  d_queryLog.addReadings(d_statistics);
  const auto sum = [this](std::uint64_t (PacketCache::*what)() const) { return sumPacketCaches(what); };
  d_statistics.setReading(Metric::PacketcacheEntries, [sum] { return sum(&PacketCache::entries); });
  d_statistics.setReading(Metric::PacketcacheBytes, [sum] { return sum(&PacketCache::bytes); });
  d_statistics.setReading(Metric::PacketcacheEvictions, [sum] { return sum(&PacketCache::evicted); });
  d_statistics.setReading(Metric::MaxPacketcacheEntries, [this] { return d_maxPacketcacheEntries.load(); });
  d_statistics.setReading(Metric::UdpListenerDrops, [this] {
    std::uint64_t drops = 0;
    for (const base::Fd& socket : d_udpSockets) {
      drops += net::droppedPackets(socket.get());
    }
    return drops;
  });
  std::vector<const AnswerTimes*> times;
  std::vector<const ServerTimes*> serverTimes;
  for (const auto& worker : d_workers) {
    times.push_back(&worker->latencies().answerTimes());
    serverTimes.push_back(&worker->latencies().serverTimes());
  }
  addAnswerTimes(d_statistics, std::move(times));
  addServerTimes(d_statistics, std::move(serverTimes));
  d_statistics.setReading(Metric::CarbonDeliveries, [this] { return d_carbon.deliveries(); });
  d_statistics.setReading(Metric::CarbonFailures, [this] { return d_carbon.failures(); });
  d_statistics.addGroup([this] { return d_rpzZones.readings(); });
  std::vector<const LuaTimes*> luaTimes;
  for (const auto& worker : d_workers) {
    luaTimes.push_back(&worker->luaTimes());
  }
  addLuaTimes(d_statistics, std::move(luaTimes));
  d_statistics.setReading(Metric::MaxCacheEntries, [this] { return d_maxCacheEntries.load(); });
  if (const auto missing = d_statistics.withoutReading(); !missing.empty()) {
    throw std::logic_error("the metric " + std::string(missing.front()) + " has no reading");
  }
}

} // namespace rec
