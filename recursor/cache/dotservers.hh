// DotServers: which authoritative servers speak DNS over TLS, as far as probing has found out (RFC 9539 4.5): by
// address, not known, being probed, bad, good, and for how long that is believed. It never asks anybody: DotExchange
// does. Shared by all workers; one lock per shard; bounded by entries. Times are monotonic.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>

#include "lib/base/address.hh"
#include "lib/base/clock.hh"
#include "lib/dns/name.hh"
#include "recursor/cache/saving.hh"

namespace rec {

enum class DotState : std::uint8_t { Unknown, Busy, Bad, Good }; // Busy: not known, and being probed

// What a server is asked to find out about it.
struct DotProbe {
  dns::Name zone;          // that it serves
  bool configured = false; // by forward-zones: dont-query is not for it
};

struct SavedDotServer {
  base::Address address;
  DotProbe probe;
  bool good = false;            // else bad
  std::chrono::seconds left{0}; // for so long
};

class DotServers {
 public:
  struct Options {
    std::size_t shards = 64;
    std::size_t maxEntries = 50'000;
    std::size_t maxBusy = 0;                     // max-busy-dot-probes: probes under way at once; 0: none
    std::chrono::seconds persistence{3 * 86400}; // dot-probe-persistence: good since the last answer over TLS
    std::chrono::seconds damping{86400};         // dot-probe-damping: bad since TLS failed
  };
  explicit DotServers(const Options& options);
  ~DotServers();
  void adopt(const Options& options);  // but for the shards: those stay
  [[nodiscard]] bool probes() const;   // at all
  [[nodiscard]] bool mayProbe() const; // one more, now

  [[nodiscard]] DotState get(const base::Address& server, base::MonoTime now);
  // Whether one more probe may begin, for a server of which nothing is known; whoever is told so calls endProbe().
  [[nodiscard]] bool beginProbe(const base::Address& server, const DotProbe& probe, base::MonoTime now);
  // The same for a good one of which there is doubt, at most once in kDoubtEvery; what to ask it, or nothing.
  [[nodiscard]] std::optional<DotProbe> beginDoubt(const base::Address& server, base::MonoTime now);
  // Nothing: the probe says nothing about the server.
  void endProbe(const base::Address& server, std::optional<bool> good, base::MonoTime now);

  void answered(const base::Address& server, base::MonoTime now); // over TLS
  void failed(const base::Address& server, base::MonoTime now);   // over TLS, while it answers without

  // Whether it is to be said (again) that a server which has to be asked over TLS fails.
  [[nodiscard]] bool mayComplain(const base::Address& server, base::MonoTime now);

  std::size_t dump(std::FILE* out, base::MonoTime now) const; // dump-dot-probe-map
  // Good and bad ones.
  [[nodiscard]] CachePiece<SavedDotServer> piece(const base::ShardPlace& from, base::MonoTime now) const;
  Restored restore(const SavedDotServer& saved, base::MonoTime now);
  [[nodiscard]] std::size_t entries() const;
  [[nodiscard]] std::size_t busy() const; // probes under way

  static constexpr std::chrono::seconds kDoubtEvery{60};
  static constexpr std::chrono::seconds kComplainEvery{60};

 private:
  struct State;
  std::unique_ptr<State> d_state;
};

} // namespace rec
