// WireExchange: Exchange over real packets. Builds the query, gives it to a transport, learns from what comes back and
// asks in another way where that helps (fallback.hh). One per worker; knows sockets through TransportTable only.
//   1. ask: may this server be asked at all; then attempt after attempt until one stands
//   2. begin: what is known of the server decides the first attempt
//   3. prepare: one query: id, case, EDNS, cookie; into the scratch buffer and the matcher
//   4. learn: what an attempt showed goes to NsSpeeds, Counters and Work
//   5. finish: the reply with its status and reason
#pragma once

#include <memory>
#include <vector>

#include "lib/base/netmask.hh"
#include "lib/coro/loop.hh"
#include "lib/net/udpsocket.hh"
#include "recursor/cache/nsspeeds.hh"
#include "recursor/stats/latency.hh"
#include "recursor/stats/metrics.hh"
#include "recursor/stats/toprings.hh"
#include "recursor/upstream/exchange.hh"
#include "recursor/upstream/fallback.hh"
#include "recursor/upstream/localaddresses.hh"
#include "recursor/upstream/replymatcher.hh"
#include "recursor/upstream/tcp.hh"
#include "recursor/upstream/transport.hh"

namespace rec {

class WireExchange final : public Exchange {
 public:
  struct Options {
    base::NetmaskGroup dontQuery;                   // dont-query
    std::vector<base::Address> localAddresses;      // query-local-address
    net::PortRange ports;                           // udp-source-port-min, -max, -avoid
    bool kernelPorts = false;                       // the kernel picks among its own ones instead
    std::uint16_t ednsSize = 1232;                  // edns-outgoing-bufsize
    std::chrono::milliseconds networkTimeout{1500}; // network-timeout: for each further attempt
    unsigned spoofNearMissMax = 1;                  // spoof-nearmiss-max
    bool mixCase = true;                            // use-0x20
    bool lowercase = false;                         // lowercase-outgoing
    bool cookies = true;                            // outgoing-cookies
    std::vector<base::Address> cookiesUnsupported;  // outgoing-cookies-unsupported (ports are not looked at)
    bool fastOpen = false;                          // tcp-fast-open-connect
    bool padding = true;                            // edns-padding-out: of what is encrypted
    bool hardenSubnets = true;                      // edns-subnet-harden
    TcpTransport::Options tcp;
  };

  // All references must outlive this object.
  WireExchange(coro::Loop& loop, NsSpeeds& speeds, Counters& counters, Latencies& latencies, TransportTable transports,
               const Options& options);

  coro::Task<ReplyPtr> ask(ServerQuestion question, Work& work) override;
  void setTop(TopRings* top) { d_top = top; } // where servers that do not answer are noted; null: nowhere
  // From now on; but for addresses, ports and TCP Fast Open, which belong to the transports.
  void adopt(const Options& options);

 private:
  // One call of ask().
  struct Session {
    const ServerQuestion& question;
    ServerPath path;
    ServerState known;
    Attempt attempt;
    Progress progress;
    base::MonoTime started;
    ReplyPtr reply = std::make_unique<ServerReply>();
  };

  // Stands beside a wait: an exchange that is given up while its server is later than usual counts as a timeout, or a
  // dead server that others are always quicker than would never be found out.
  class LateWatch {
   public:
    LateWatch(WireExchange& exchange, const Session& session)
        : d_exchange(exchange), d_session(session), d_since(exchange.d_loop.clock().mono()) {}
    LateWatch(const LateWatch&) = delete;
    LateWatch& operator=(const LateWatch&) = delete;
    ~LateWatch();
    void over() { d_over = true; }

   private:
    WireExchange& d_exchange;
    const Session& d_session;
    base::MonoTime d_since;
    bool d_over = false;
  };

  // Empty, or why not.
  [[nodiscard]] std::string whyNot(const ServerQuestion& question);
  [[nodiscard]] Session begin(const ServerQuestion& question);
  [[nodiscard]] base::MonoTime deadlineOf(const Session& session, const Work& work) const;
  [[nodiscard]] ReplyMatcher::Query prepare(const Session& session) const;
  [[nodiscard]] std::span<const std::byte> write(const Session& session, const ReplyMatcher::Query& query);
  [[nodiscard]] std::optional<dns::Edns> ednsFor(const Session& session, const ReplyMatcher::Query& query) const;
  [[nodiscard]] std::optional<dns::Cookie> cookieFor(const Session& session) const;
  void countQuery(const Session& session);

  [[nodiscard]] Finding examine(const Session& session, const WireOutcome& outcome, ReplyMatcher& matcher);
  [[nodiscard]] bool believesSubnet(const Session& session, const dns::Message& message);
  void countSubnet(const dns::ClientSubnet& said);

  void learn(Session& session, ReplyMatcher& matcher, const WireOutcome& outcome);
  void learnAnswer(Session& session, ReplyMatcher& matcher, const WireOutcome& outcome);
  void learnEdns(const Session& session, const dns::Message& message, base::MonoTime now);
  void learnCookie(Session& session, ReplyMatcher& matcher, base::MonoTime now);
  void learnDoubt(Session& session, ReplyMatcher::Doubt doubt);
  void learnFailure(const Session& session, WireStatus status);
  void countFallback(const Session& session, const Finding& finding, const Attempt& next);
  [[nodiscard]] ReplyPtr finish(Session& session, const WireOutcome& outcome);

  coro::Loop& d_loop;
  NsSpeeds& d_speeds;
  Counters& d_counters;
  Latencies& d_latencies;
  TransportTable d_transports;
  Options d_options;
  LocalAddresses d_local;
  TopRings* d_top = nullptr;
  std::vector<std::byte> d_scratch; // the query being sent
};

// With real sockets.
[[nodiscard]] std::unique_ptr<WireExchange> makeWireExchange(coro::Loop& loop, NsSpeeds& speeds, Counters& counters,
                                                             Latencies& latencies,
                                                             const WireExchange::Options& options);

// `name` with the case of each letter at random (draft-vixie-dnsext-dns0x20).
[[nodiscard]] dns::Name mixedCase(const dns::Name& name);

} // namespace rec
