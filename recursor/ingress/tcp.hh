// TcpIngress: a worker's TCP listeners and their connections (RFC 7766): questions may follow each other without
// waiting, answers leave in the order in which they are ready. How a connection lives:
// 1. onReadable() of a listener accepts it, if allow-from and the quotas let it in.
// 2. serve(), a root of its own, reads questions; each goes through the hot path, then perhaps the pipeline.
// 3. answer() (or a hit) queues what is sent; write(), a second root, sends it as fast as the client reads.
// 4. Idle, garbage, a reader too slow or the end of the stream ends serve(); the connection goes with its last root.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "lib/base/fd.hh"
#include "lib/coro/root.hh"
#include "recursor/ingress/proxies.hh"
#include "recursor/ingress/tcpquota.hh"
#include "recursor/query/hotpath.hh"
#include "recursor/query/pipeline.hh"

struct event;

namespace net {
class Stream;
}

namespace rec {

class TcpIngress {
 public:
  struct Parts {
    const Settings& settings;
    HotPath& hotPath;
    Pipeline& pipeline;
    Counters& counters;
    coro::Loop& loop;
    coro::Roots& roots;
    TcpQuota& quota;
    LogTap& queryLog;
    std::uint32_t worker = 0;
  };
  explicit TcpIngress(const Parts& parts);
  ~TcpIngress();
  TcpIngress(const TcpIngress&) = delete;
  TcpIngress& operator=(const TcpIngress&) = delete;

  void listen(base::Fd socket, const base::Address& bound);
  // A connection by other means than a listener: for tests, and other kinds of streams.
  // `proxied`: it begins with the header of a proxy.
  void welcome(std::unique_ptr<net::Stream> stream, const base::Address& peer, const base::Address& local,
               bool proxied = false);
  // The answer to a question of a connection of this worker; empty: there will be none.
  void answer(std::uint64_t connection, std::span<const std::byte> message);
  [[nodiscard]] std::size_t connections() const { return d_connections.size(); }

 private:
  struct Listener;
  struct Connection;
  using ConnectionPtr = std::shared_ptr<Connection>;
  class Registered;

  static void onReadable(int fd, short what, void* self);
  bool acceptOne(Listener& listener);
  coro::Task<void> rest(Listener& listener);
  coro::Task<void> serve(ConnectionPtr connection);
  coro::Task<void> write(ConnectionPtr connection);
  coro::Task<void> calmDown(ConnectionPtr connection, bool untilDone);
  void logHit(const Client& client, std::span<const std::byte> question, std::size_t size,
              std::chrono::nanoseconds took);
  [[nodiscard]] bool handle(Connection& connection, std::span<const std::byte> question);
  [[nodiscard]] bool goesOn(Connection& connection, bool timedOut);
  void startWriting(const ConnectionPtr& connection);
  // tcpproxied.cc
  coro::Task<bool> readHeader(ConnectionPtr connection);
  [[nodiscard]] bool takeHeader(Connection& connection, const net::ProxyReading& reading);
  [[nodiscard]] bool isWelcome(Connection& connection);

  Parts d_parts;
  Proxies d_proxies;
  std::vector<std::byte> d_answer; // room for an answer of the hot path
  std::uint64_t d_lastId = 0;
  std::unordered_map<std::uint64_t, ConnectionPtr> d_connections;
  std::vector<std::unique_ptr<Listener>> d_listeners;
};

} // namespace rec
