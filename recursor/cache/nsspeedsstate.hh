// What NsSpeeds keeps: an entry for each server over each transport, one for each lame server and zone, and how they
// are read. Private to the nsspeeds*.cc files. Round-trip times are smoothed as RFC 6298 2 says; what is shown of them
// doubles with each timeout in a row and halves with each kHalfLife in which nothing was heard, so that a slow or dead
// server is tried again some day.
#pragma once

#include <atomic>
#include <chrono>

#include "lib/base/live.hh"
#include "lib/base/shardmap.hh"
#include "recursor/cache/key.hh"
#include "recursor/cache/nsspeeds.hh"

namespace rec {

// Since when something is known; nothing before it is set.
struct Since {
  base::MonoTime at{};
  bool set = false;
  void note(base::MonoTime now) { *this = Since{now, true}; }
  [[nodiscard]] bool holds(base::MonoTime now, std::chrono::seconds life) const { return set && now - at < life; }
};

// What is known of one server over one transport.
struct NsServer {
  ServerPath path;
  Since heard; // the last report of an answer or a timeout
  std::chrono::microseconds srtt{0}, rttvar{0};
  bool measured = false;
  unsigned timeouts = 0; // in a row
  base::MonoTime downUntil{};
  EdnsStatus edns = EdnsStatus::Unknown;
  Since ednsSince, caseLost, spoofing, cookieSince, noCookies;
  dns::Cookie cookie;

  [[nodiscard]] std::size_t heapBytes() const { return 0; }

  void measure(std::chrono::microseconds rtt); // RFC 6298 2.2, 2.3
  // For choosing: see ServerState::srtt.
  [[nodiscard]] std::chrono::microseconds shownSrtt(base::MonoTime now) const;
};

// A server that does not serve a zone.
struct LameServer {
  base::Address address;
  dns::Name zone;
  base::MonoTime until{};
  [[nodiscard]] std::size_t heapBytes() const { return 0; }
};

[[nodiscard]] inline std::size_t hashOf(const ServerPath& server) {
  return base::mix(server.address.hash() + static_cast<std::size_t>(server.over), 0x9E3779B97F4A7C15ULL);
}
[[nodiscard]] inline std::size_t hashOf(const base::Address& server, const dns::Name& zone) {
  return base::mix(server.hash() ^ zone.hash(), 0x9E3779B97F4A7C15ULL);
}

struct NsSpeeds::State {
  explicit State(const Options& given)
      : downAfter(given.downAfter), downFor(given.downFor), abilityLife(given.abilityLife), lameLife(given.lameLife),
        lists(given.neverThrottled), servers({.shards = given.shards, .maxEntries = given.maxEntries}),
        lame({.shards = given.shards, .maxEntries = given.maxEntries}) {}

  // Changes what is known of a server, first of all that it exists.
  template <typename Change> void change(const ServerPath& server, base::MonoTime now, const Change& make) {
    const std::size_t hash = hashOf(server);
    auto shard = servers.lock(hash);
    if (NsServer* known = shard.find(hash, [&](const NsServer& s) { return s.path == server; }); known != nullptr) {
      make(*known);
      return;
    }
    NsServer fresh;
    fresh.path = server;
    make(fresh);
    shard.insert(hash, std::move(fresh), [&](const NsServer& s) { return s.heard.set && forgotten(s, now); });
  }

  [[nodiscard]] ServerState find(const ServerPath& server, base::MonoTime now) {
    const std::size_t hash = hashOf(server);
    auto shard = servers.lock(hash);
    const NsServer* known = shard.find(hash, [&](const NsServer& s) { return s.path == server; });
    return known != nullptr ? shown(*known, now) : ServerState{};
  }

  // All servers, under their shards' locks: `visit` must be short.
  template <typename Visit> void visitAll(const Visit& visit) const {
    for (std::size_t i = 0; i < servers.shardCount(); ++i) {
      servers.lockShard(i).forEach(visit);
    }
  }

  // An hour without a word: it may be another machine by now.
  [[nodiscard]] bool forgotten(const NsServer& server, base::MonoTime now) const {
    return !server.heard.holds(now, abilityLife);
  }

  void noteTimeout(NsServer& server, base::MonoTime now, bool mayThrottle) const;
  [[nodiscard]] ServerState shown(const NsServer& server, base::MonoTime now) const;

  // How many entries fit; without copies: `fits` must be short.
  template <typename Entry, typename Fits>
  [[nodiscard]] static std::size_t countOf(const base::ShardMap<Entry>& map, const Fits& fits) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < map.shardCount(); ++i) {
      map.lockShard(i).forEach([&](const Entry& entry) { count += fits(entry) ? 1U : 0U; });
    }
    return count;
  }

  // How many servers' shown state fits.
  template <typename Fits> [[nodiscard]] std::size_t count(base::MonoTime now, const Fits& fits) const {
    return countOf(servers, [&](const NsServer& server) { return fits(shown(server, now)); });
  }

  base::Live<unsigned> downAfter;
  base::Live<std::chrono::seconds> downFor;
  const std::chrono::seconds abilityLife, lameLife;
  ServerLists lists;
  base::ShardMap<NsServer> servers;
  base::ShardMap<LameServer> lame;
  std::atomic<bool> lameSeen{false}; // else the look into `lame` is spared
};

} // namespace rec
