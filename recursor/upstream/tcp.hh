// TcpTransport: queries over pooled TCP connections (RFC 7766), or others on top of TCP (tls.hh, https.hh): pipelined,
// answers in any order, idle ones kept for tcp-out-max-idle-ms within limits. A question lost with a connection that
// was used before is asked again over a younger one, which all that were lost share. One per worker.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "lib/coro/root.hh"
#include "recursor/stats/metrics.hh"
#include "recursor/upstream/localaddresses.hh"
#include "recursor/upstream/reconnects.hh"
#include "recursor/upstream/tcpconnection.hh"
#include "recursor/upstream/transport.hh"

namespace rec {

struct PoolLimits {
  TcpConnection::Limits connection;  // tcp-out-max-idle-ms, tcp-out-max-queries
  std::size_t maxIdlePerServer = 10; // tcp-out-max-idle-per-auth
  std::size_t maxIdle = 100;         // tcp-out-max-idle-per-thread
  std::size_t maxConnections = 1000; // tcp-out-max-connections
  std::size_t maxPerServer = 0;      // tcp-out-max-connections-per-server; 0: a quarter of all, and one
};

class TcpTransport final : public Transport, private TcpConnection::Owner {
 public:
  struct Options : PoolLimits {
    std::optional<Metric> opens, reuses; // count connections, and questions over one that was there
  };
  using StreamMaker = std::function<std::unique_ptr<net::Stream>(const Upstream& upstream)>;

  using DialectMaker = std::function<std::unique_ptr<Dialect>(const Upstream& upstream)>;

  TcpTransport(coro::Loop& loop, Counters& counters, const Options& options, StreamMaker makeStream,
               DialectMaker makeDialect = plainDns);
  coro::Task<WireOutcome> exchange(WireQuery query, ReplyJudge& judge) override;
  void limit(const PoolLimits& limits) override { static_cast<PoolLimits&>(d_options) = limits; }

  [[nodiscard]] std::size_t connections() const { return d_count; }

 private:
  // Sends the query; not ok when no further connection may be opened, or not yet.
  struct Sent {
    bool ok = false;
    bool reused = false;
    std::uint64_t serial = 0; // of the connection
    WireOutcome refusal{};    // not ok: why
  };
  // `after`: only connections opened later than that one are good enough.
  Sent send(TcpConnection::Waiter& waiter, const WireQuery& query, std::uint64_t after);
  [[nodiscard]] TcpConnection* find(const Upstream& upstream, std::uint16_t id, std::uint64_t after) const;
  [[nodiscard]] bool mayOpen(const Upstream& upstream) const;
  void heed(const ReplyJudge& judge, const Upstream& upstream, std::uint64_t serial);
  Sent open(TcpConnection::Waiter& waiter, const WireQuery& query);
  static coro::Task<void> serve(std::unique_ptr<TcpConnection> connection);
  static std::unique_ptr<Dialect> plainDns(const Upstream& upstream);

  bool mayIdle(const TcpConnection& connection) override;
  void idleEnds() override;
  void unexpectedMessage() override;
  void connected(const TcpConnection& connection) override;
  void closed(const TcpConnection& connection) override;

  coro::Loop& d_loop;
  Counters& d_counters;
  Options d_options;
  StreamMaker d_makeStream;
  DialectMaker d_makeDialect;
  std::uint64_t d_opened = 0;
  std::unordered_map<Upstream, std::vector<TcpConnection*>, Upstream::Hash> d_servers;
  Reconnects d_reconnects;
  std::size_t d_count = 0;
  std::size_t d_idle = 0;
  coro::Roots d_roots; // run the connections; destroyed first
};

// Connects plain TCP streams from `local`; `fastOpen` is tcp-fast-open-connect.
[[nodiscard]] TcpTransport::StreamMaker plainTcp(coro::Loop& loop, LocalAddresses local, bool fastOpen);

} // namespace rec
