// NsSpeeds: what is known of every server: its round-trip times, failures, throttling, EDNS and cookie
// abilities, lame zones. Shared by all workers; one lock per shard; bounded by entries. Times are monotonic.
#pragma once

#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>

#include "lib/base/address.hh"
#include "lib/base/clock.hh"
#include "lib/base/netmask.hh"
#include "lib/dns/edns.hh"
#include "lib/dns/name.hh"
#include "recursor/cache/saving.hh"
#include "recursor/cache/serverlists.hh"
#include "recursor/config/endpoint.hh"

namespace rec {

// A server as it is reached. How fast it answers over one transport and what it does there says nothing about another
// on the same address and port. An address alone is UDP, and TCP for what does not fit.
struct ServerPath {
  ServerPath() = default;
  ServerPath(const base::Address& server, Scheme scheme = Scheme::Udp) : address(server), over(scheme) {}
  base::Address address;
  Scheme over = Scheme::Udp;

  [[nodiscard]] std::string text() const; // address and port, behind the transport unless that is UDP
  friend bool operator==(const ServerPath&, const ServerPath&) = default;
};

enum class EdnsStatus : std::uint8_t {
  Unknown,
  Good,
  Ignorant /* answers, without OPT */,
  Broken /* fails with OPT */
};

struct ServerState {
  bool known = false; // an answer or a failure was seen
  // For choosing: the smoothed round-trip time, doubled by each timeout in a row (a server that never answered counts
  // as 400 ms) and decaying while nothing is heard, so that it is tried again.
  std::chrono::microseconds srtt{0};
  std::chrono::microseconds usual{0}; // for waiting: the smoothed round-trip time itself (RFC 6298); 0 never measured
  std::chrono::microseconds rttvar{0};
  unsigned timeoutsInARow = 0;
  bool down = false; // throttled: server-down-max-fails reached, until server-down-throttle-time
  EdnsStatus edns = EdnsStatus::Unknown;
  bool keepsCase = true;             // false: answers with another case than asked (no 0x20 to it)
  bool spoofSuspected = false;       // near misses seen: TCP for a while
  std::optional<dns::Cookie> cookie; // client cookie used with it and the server's, if it does cookies
  bool cookiesUnsupported = false;
};

// What outlives the process of a server: how long ago something was found out, in seconds. Cookies do not.
struct SavedServer {
  using Ago = std::optional<std::chrono::seconds>;
  ServerPath path;
  bool measured = false;
  std::chrono::microseconds srtt{0}, rttvar{0};
  unsigned timeouts = 0;
  EdnsStatus edns = EdnsStatus::Unknown;
  Ago heard, ednsKnown, caseLost, spoofing, noCookies;
  std::chrono::seconds down{0}; // throttled for so long yet
};

struct SavedLame {
  base::Address address;
  dns::Name zone;
  std::chrono::seconds left{0};
};

class NsSpeeds {
 public:
  struct Options {
    std::size_t shards = 256;
    std::size_t maxEntries = 200'000;
    unsigned downAfter = 64;                // server-down-max-fails; 0 never
    std::chrono::seconds downFor{60};       // server-down-throttle-time
    std::chrono::seconds abilityLife{3600}; // EDNS, case, cookie knowledge is forgotten after that
    std::chrono::seconds lameLife{900};
    base::NetmaskGroup neverThrottled; // dont-throttle-netmasks; lists() from then on
  };
  explicit NsSpeeds(const Options& options);
  ~NsSpeeds();
  // server-down-max-fails, server-down-throttle-time and dont-throttle-netmasks: from now on, nobody is let go.
  void adopt(const Options& options);

  [[nodiscard]] ServerState get(const ServerPath& server, base::MonoTime now);
  void reportRtt(const ServerPath& server, std::chrono::microseconds rtt, base::MonoTime now);
  // No answer after `waited`, which is longer than usual; somebody else was asked. Not counted as a failure.
  void reportLate(const ServerPath& server, std::chrono::microseconds waited, base::MonoTime now);
  // `mayThrottle`: unless the server's name is exempt (dont-throttle-names).
  void reportTimeout(const ServerPath& server, base::MonoTime now, bool mayThrottle = true);
  void reportEdns(const ServerPath& server, EdnsStatus status, base::MonoTime now);
  void reportCaseLost(const ServerPath& server, base::MonoTime now);
  void reportSpoofing(const ServerPath& server, base::MonoTime now);
  void reportCookie(const ServerPath& server, const dns::Cookie& cookie, base::MonoTime now);
  void reportNoCookies(const ServerPath& server, base::MonoTime now);

  // A server that answered for `zone` as if it did not serve it (upward referral, REFUSED, no AA ...).
  void reportLame(const base::Address& server, const dns::Name& zone, base::MonoTime now);
  [[nodiscard]] bool isLame(const base::Address& server, const dns::Name& zone, base::MonoTime now);

  // What is said of servers by hand.
  [[nodiscard]] ServerLists& lists();
  // Forgets what is known of the cookies of a server (of all), also what was said by hand; of how many.
  std::size_t clearCookies(const std::optional<base::Address>& server, base::MonoTime now);

  // nsspeedssaving.cc
  [[nodiscard]] CachePiece<SavedServer> servers(const base::ShardPlace& from, base::MonoTime now) const;
  [[nodiscard]] CachePiece<SavedLame> lameServers(const base::ShardPlace& from, base::MonoTime now) const;
  Restored restore(const SavedServer& saved, base::MonoTime now);
  Restored restore(const SavedLame& saved, base::MonoTime now);

  // nsspeedsdump.cc
  std::size_t dumpCookies(std::FILE* out, base::MonoTime now) const;   // dump-cookies
  std::size_t dumpSpeeds(std::FILE* out, base::MonoTime now) const;    // dump-nsspeeds
  std::size_t dumpEdns(std::FILE* out, base::MonoTime now) const;      // dump-ednsstatus
  std::size_t dumpThrottles(std::FILE* out, base::MonoTime now) const; // dump-throttlemap: down and lame servers
  std::size_t dumpFailing(std::FILE* out, base::MonoTime now) const;   // dump-failedservers
  [[nodiscard]] std::size_t entries() const;
  [[nodiscard]] std::size_t throttled(base::MonoTime now) const;
  [[nodiscard]] std::size_t failing(base::MonoTime now) const; // timeouts since the last answer
  [[nodiscard]] std::size_t withCookies(base::MonoTime now) const;
  [[nodiscard]] std::size_t withoutCookies(base::MonoTime now) const; // known not to do them

 private:
  struct State;
  std::unique_ptr<State> d_state;
};

} // namespace rec
