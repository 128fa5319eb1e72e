// DotExchange: asks authoritative servers over TLS: those that have to be (dot-to-auth-names), in no other way; those
// that are known to speak it, and without when it fails; and finds out who does, by probes in the background (RFC 9539,
// unilateral probing). Whoever the server is, its certificate is not looked at. The iterator's, one per worker, on top
// of the worker's Exchange; what is known of servers is in DotServers.
//   1. wayTo: how a server is to be asked now; the asker then puts it into ServerQuestion::encryption
//   2. ask: clearly and then a probe; over TLS or else clearly; over TLS only
//   3. probe: the zone's SOA over TLS, beside all questions of clients
#pragma once

#include "lib/coro/loop.hh"
#include "lib/coro/root.hh"
#include "recursor/cache/dotservers.hh"
#include "recursor/cache/nsspeeds.hh"
#include "recursor/stats/metrics.hh"
#include "recursor/upstream/exchange.hh"

namespace rec {

class DotExchange final : public Exchange {
 public:
  struct Options {
    std::chrono::milliseconds probeTimeout{4000}; // dot-probe-timeout
    std::size_t maxConnections = 8;               // dot-max-connections-per-auth
  };
  struct Parts {
    coro::Loop& loop;
    coro::Roots& roots; // the probes'
    Exchange& exchange;
    DotServers& servers;
    NsSpeeds& speeds;
    Counters& counters;
  };
  DotExchange(const Parts& parts, const Options& options);

  void adopt(const Options& options);

  // For a server of which nothing is demanded.
  [[nodiscard]] Encryption wayTo(const base::Address& server) const;
  // Of a question whose `encryption` is set.
  coro::Task<ReplyPtr> ask(ServerQuestion question, Work& work) override;

 private:
  class Watch;
  class Claim;

  coro::Task<ReplyPtr> askAndProbe(ServerQuestion question, Work& work);
  coro::Task<ReplyPtr> askTlsFirst(ServerQuestion question, Work& work);
  coro::Task<ReplyPtr> askTlsOnly(ServerQuestion question, Work& work);
  coro::Task<void> probe(base::Address server, DotProbe what);
  [[nodiscard]] ServerQuestion overTls(const ServerQuestion& question) const;
  void tookAnswer(const base::Address& server, const ServerReply& reply);
  void complain(const base::Address& server, ServerReply& reply, bool mayThrottle);
  coro::Task<ReplyPtr> askClearly(ServerQuestion question, ReplyPtr overTls, bool wasFair, Work& work);
  void lostTls(const base::Address& server, bool wasFair);
  void doubt(const base::Address& server); // it was silent for longer than usual

  Parts d_parts;
  Options d_options;
  std::shared_ptr<const Endpoint> d_endpoint; // of every server: TLS, unchecked
};

} // namespace rec
