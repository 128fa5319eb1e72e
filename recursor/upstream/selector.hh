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

// By when a server that behaves as usual has answered (RFC 6298 2); for a server never measured a guess.
[[nodiscard]] std::chrono::milliseconds usualWait(const ServerState& state);

class Selector {
 public:
  struct Options {
    std::chrono::milliseconds networkTimeout{1500}; // network-timeout
    unsigned explorePermille = 50;                  // how often another than the best is tried
    unsigned bypassThrottleOneIn = 25; // bypass-server-throttling-probability: of so many times one; 0 never
    unsigned hedgePercent = 5;         // hedge-percentage: extra queries per query
    bool ipv4 = true, ipv6 = true;     // local addresses exist (query-local-address)
  };
  Selector(NsSpeeds& speeds, const Options& options);

  void adopt(const Options& options) { d_options = options; }

  // The next server among `candidates` that is not in `asked`. Throttled and lame ones come when nothing else is left,
  // two of them at most. Nothing: all were asked.
  [[nodiscard]] std::optional<ServerChoice> choose(std::span<const base::Address> candidates,
                                                   std::span<const base::Address> asked, const dns::Name& zone,
                                                   base::MonoTime now);
  // How many throttled servers the last choose() did not take because they are throttled.
  [[nodiscard]] std::size_t passedOver() const { return d_passedOver; }
  // Takes one hedge from the budget (a token bucket fed by choose()); false when it is spent.
  [[nodiscard]] bool mayHedge();
  // IPv6 (or IPv4) that is configured but reaches nobody is found out and asked last, and found again when it comes
  // back.
  void reportFamily(const base::Address& server, bool answered, base::MonoTime now);

 private:
  // The lower the better; servers of a class come before those of the next whatever their speed.
  enum class Class : std::uint8_t { Usual, BrokenFamily, LastResort };
  struct Rated {
    const base::Address* server = nullptr;
    ServerState state;
    Class rank = Class::Usual;
    std::chrono::microseconds cost{0};
  };
  struct Family {
    unsigned silentInARow = 0; // different servers
    base::Address lastSilent;
    base::MonoTime retryAt{};
  };

  void rate(std::span<const base::Address> candidates, std::span<const base::Address> asked, const dns::Name& zone,
            base::MonoTime now);
  [[nodiscard]] Rated rate(const base::Address& server, const dns::Name& zone, base::MonoTime now);
  [[nodiscard]] bool isLastResort(const base::Address& server, const ServerState& state, const dns::Name& zone,
                                  base::MonoTime now);
  [[nodiscard]] const Rated& pick() const; // of d_rated, which is not empty
  [[nodiscard]] bool serves(const base::Address& server) const;
  [[nodiscard]] bool familyIsBroken(const base::Address& server, base::MonoTime now) const;
  [[nodiscard]] ServerChoice withTimes(const Rated& chosen) const;

  NsSpeeds& d_speeds;
  Options d_options;
  static constexpr double kMaxHedgeTokens = 20.0;
  double d_hedgeTokens = kMaxHedgeTokens; // a cold start may hedge
  Family d_ipv4, d_ipv6;
  std::vector<Rated> d_rated; // scratch of choose()
  std::size_t d_passedOver = 0;
};

} // namespace rec
