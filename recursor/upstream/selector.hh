// Selector: which of a zone's server addresses to ask next, how long to wait for it, and when to ask a second one
// beside it. Choose, report rtt, report error: an algorithm without sockets over NsSpeeds. One per worker.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <vector>

#include "lib/base/address.hh"
#include "lib/dns/name.hh"
#include "recursor/cache/nsspeeds.hh"

namespace rec {

struct ServerChoice {
  base::Address server;
  std::chrono::milliseconds timeout{1500};    // for this attempt, at most network-timeout
  std::chrono::milliseconds hedgeAfter{1500}; // later than usual for it: a second server may be asked
};

class Selector {
 public:
  struct Options {
    std::chrono::milliseconds networkTimeout{1500}; // network-timeout
    unsigned explorePermille = 50;                  // how often another than the best is tried
    unsigned bypassThrottlePercent = 25;            // bypass-server-throttling-probability
    unsigned hedgePercent = 5;                      // hedge-percentage: extra queries per query
    bool ipv4 = true, ipv6 = true;                  // local addresses exist (query-local-address)
  };
  Selector(NsSpeeds& speeds, const Options& options);

  // The next server among `candidates` that is not in `asked`; throttled and lame ones only when nothing else is left
  // (and then once). Nothing: all were asked.
  [[nodiscard]] std::optional<ServerChoice> choose(std::span<const base::Address> candidates,
                                                   std::span<const base::Address> asked, const dns::Name& zone,
                                                   base::MonoTime now);
  // Takes one hedge from the budget (a token bucket fed by choose()); false when it is spent.
  [[nodiscard]] bool mayHedge();
  // IPv6 (or IPv4) that is configured but reaches nobody is found out and asked last, and found again when it comes
  // back.
  void reportFamily(const base::Address& server, bool answered, base::MonoTime now);

 private:
  NsSpeeds& d_speeds;
  Options d_options;
  double d_hedgeTokens = 1.0;
  struct Family {
    unsigned failuresInARow = 0;
    base::MonoTime retryAt{};
  };
  Family d_ipv4, d_ipv6;
};

} // namespace rec
